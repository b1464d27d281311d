// Lets the conformance suite of MCP run on Node.js 20, whose `fs` has no globSync. It imports that
// for another command.
import { register } from 'node:module';

const source = `export * from 'node:fs'; export { default } from 'node:fs'; export const globSync = undefined;`;
const hooks = `
export const resolve = (specifier, context, next) =>
  specifier === 'fs' && context.parentURL?.includes('/conformance/')
    ? { url: 'grepd:fs', shortCircuit: true }
    : next(specifier, context);
export const load = (url, context, next) =>
  url === 'grepd:fs'
    ? { format: 'module', shortCircuit: true, source: ${JSON.stringify(source)} }
    : next(url, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
