// Gives openapi-typescript the API of TypeScript 6: TypeScript 7 no longer has it.
import { register } from 'node:module';

const hooks = `export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? '@typescript/typescript6' : specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
