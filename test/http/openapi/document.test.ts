import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { type ErrorCode, errorKinds } from '../../../src/errors.js';
import { defaultActions as actions } from '../../../src/http/api/actions.js';
import { createOpenApi } from '../../../src/http/openapi/document.js';
import { API_ROUTE, MCP_ROUTE, routes } from '../../../src/http/routes.js';
import { openEngine } from '../../../src/search/open-engine.js';
import { openTotal } from '../../../src/total/total.js';
import { PROJECT } from '../../helpers/project.js';
import { engineOptions } from '../../helpers/queries.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';

interface Media {
  schema: object;
  example?: unknown;
  examples?: Record<string, { value: unknown }>;
}
interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; schema: object }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
}
interface Document {
  openapi: string;
  info: { version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

interface Reference {
  $ref: string;
}
interface Property extends Partial<Reference> {
  description: string;
  const?: string;
  default?: unknown;
}
/** The schema of a request. */
interface Request {
  description: string;
  properties: Record<string, Property>;
  required: string[];
  allOf?: { anyOf: { required: string[] }[] }[];
}

describe('the OpenAPI document', () => {
  let app: RunningApp;
  let document: Document;
  const total = openTotal({ api: undefined, timeoutMs: 10_000 });
  before(async () => {
    const dictionariesDir = join(PROJECT, 'dictionaries');
    const engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'devils-dictionary.txt' }));
    app = await startApp({ engine, total, waitRoute: true });
    const response = await fetch(`${app.url}/openapi.json`);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    document = (await response.json()) as Document;
  });
  after(() => app.close());

  const post = () => document.paths[API_ROUTE]?.post as Operation;
  const searchByGet = () => document.paths[routes.search.path]?.get as Operation;

  /** Validates a value against a schema of the document. */
  function validator(schema: object): ValidateFunction {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    return ajv.compile({ ...schema, components: document.components });
  }
  function check(schema: object, value: unknown): void {
    const validate = validator(schema);
    expect(validate(value), `${JSON.stringify(validate.errors)}\n${JSON.stringify(value).slice(0, 500)}`).to.equal(
      true,
    );
  }
  const jsonOf = ({ content }: { content?: Record<string, Media> }) => content?.['application/json'] as Media;

  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const resolve = <T extends Partial<Reference>>(schema?: T) => {
    const name = schema?.$ref?.split('/').at(-1);
    return (name === undefined ? schema : document.components.schemas[name]) as T;
  };
  /** Returns the schemas of an action's requests: one for each format. */
  function requestsOf(action: string): Request[] {
    const schema = document.components.schemas[action] as Request & { oneOf?: Reference[] };
    return schema.oneOf?.map((each) => resolve(each) as unknown as Request) ?? [schema];
  }

  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
    expect(valid, JSON.stringify(errors)).to.equal(true);
    expect(document.openapi).to.equal('3.1.1');
    expect(document.info.version).to.equal('1.2.3');
  });

  it('describes exactly the routes that are served', async () => {
    const { paths } = document;
    const expected = [
      API_ROUTE,
      MCP_ROUTE,
      ...Object.values(routes).map(({ path }) => path),
      '/d/{dictionary}',
      '/d/{dictionary}/{file}',
    ];
    expect(Object.keys(paths)).to.have.members(expected);
    for (const path of Object.keys(paths)) {
      if (path === API_ROUTE || path === MCP_ROUTE) continue;
      const real = path.replace('{dictionary}', 'moby-dick').replace('{file}', 'chapter-001.txt');
      const query = path === routes.wait.path ? '?seconds=1' : '';
      const { status } = await fetch(app.url + real + query, { redirect: 'manual' });
      expect(Object.keys(paths[path]?.get?.responses ?? {}), path).to.include(String(status));
    }
    const without = createOpenApi({
      actions,
      version: '1',
      waitRoute: false,
      mcp: false,
      uploads: undefined,
    }) as Document;
    expect(Object.keys(without.paths)).to.not.include('/wait').and.not.include(MCP_ROUTE);
  });

  it('describes the errors of pages as HTML and JSON', async () => {
    for (const [path, real] of [
      ['/', '/?term=a&dictionary=nope'],
      ['/random', '/random?dictionary=nope'],
      ['/d/{dictionary}', '/d/nope'],
      ['/d/{dictionary}/{file}', '/d/nope/nope.txt'],
      ['/d/{dictionary}/{file}', '/d/moby-dick/chapter-001.txt?line=x'],
      ['/d/{dictionary}/{file}', '/d/moby-dick/moby-dick/chapter-001.txt'],
    ]) {
      for (const accept of ['text/html', 'application/json']) {
        const response = await fetch(app.url + real, { headers: { Accept: accept }, redirect: 'manual' });
        const documented = document.paths[path as string]?.get?.responses[response.status];
        expect(documented, `${path} ${response.status}`).to.not.equal(undefined);
        if (response.status < 400) continue;
        const [type = ''] = response.headers.get('content-type')?.split(';') ?? [];
        expect(Object.keys(documented?.content ?? {}), `${path} ${response.status}`).to.include(type);
      }
    }
  });

  it('describes every field of every action in every format', () => {
    for (const [name, { fields }] of Object.entries(actions)) {
      for (const { properties } of requestsOf(name)) {
        expect(Object.keys(properties)).to.deep.equal(['action', ...Object.keys(fields)]);
        for (const [field, { expected, description, schema: joi }] of Object.entries(fields)) {
          expect(properties[field]?.description).to.include(expected).and.include(description);
          if (field === 'format') continue;
          expect(resolve(properties[field]).default, field).to.deep.equal(joi.validate(undefined).value);
        }
      }
    }
    const [{ required, allOf }] = requestsOf('search') as [Request];
    expect(required).to.deep.equal(['action']);
    const alternatives = allOf?.[0]?.anyOf.map((each) => each.required);
    expect(alternatives).to.deep.equal([['term'], ['all_of'], ['any_of'], ['none_of']]);
  });

  it('has a schema for the requests of each format, which names the schema of the answer', async () => {
    const formats = (name: string) => requestsOf(name).map(({ properties }) => properties.format?.const);
    expect(formats('search')).to.deep.equal(['text', 'object', 'kwic']);
    expect(formats('all')).to.deep.equal(['text', 'object']);
    for (const [name, { example }] of Object.entries(actions)) {
      for (const { description, properties, required } of requestsOf(name)) {
        const format = properties.format?.const;
        if (format !== undefined) expect(required.includes('format')).to.equal(format !== 'text');
        const [, answer = ''] = /Answer: `(\w+)`\.$/.exec(description) ?? [];
        // A concordance has no `n_after`.
        const response = await app.post({ ...example.request, n_after: undefined, format });
        check(ref(answer), await response.json());
      }
    }
  });

  it('names its operations for people', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids).to.include.members(['runAction', 'search', 'searchPage', 'readText', 'listDictionaries']);
    for (const id of ids) expect(id).to.match(/^[a-z]+([A-Z][a-z]+)*$/);
  });

  it('describes the parameters of a search in the URL, which are the fields of the actions that search', () => {
    const { parameters = [] } = searchByGet();
    const { list: _, ...searching } = actions;
    expect(parameters.map(({ name }) => name)).to.have.members([
      'action',
      'download',
      ...new Set(Object.values(searching).flatMap(({ fields }) => Object.keys(fields))),
    ]);
    const [action, term] = ['action', 'term'].map((name) => parameters.find((each) => each.name === name));
    expect(action).to.deep.include({ in: 'query', required: false });
    expect(action?.schema).to.deep.equal({ type: 'string', enum: Object.keys(searching), default: 'search' });
    // It is not required for `all`.
    expect(term).to.deep.include({ in: 'query', required: false });
  });

  it('describes the answer to a search in the URL as that to a POST', () => {
    const get = searchByGet();
    const types = (operation: Operation) => Object.keys(operation.responses[200]?.content ?? {});
    expect(types(get)).to.deep.equal(types(post())).and.include.members(['text/csv', 'text/tab-separated-values']);
    expect(Object.keys(get.responses)).to.include.members(['304', '400', '404', '503', '504']);
  });

  it('describes every error with its status', () => {
    const text = JSON.stringify(createOpenApi({ actions, version: '1', waitRoute: true, mcp: true, uploads: {} }));
    for (const { when } of Object.values(errorKinds)) expect(text).to.include(JSON.stringify(when).slice(1, -1));
    const statuses = (codes: ErrorCode[]) => codes.map((code) => String(errorKinds[code].status));
    expect(Object.keys(post().responses)).to.include.members(
      statuses(['invalid_request', 'unknown_dictionary', 'too_busy', 'search_timeout', 'body_too_large', 'internal']),
    );
  });

  it('has an example of every action, and the service answers each example as documented', async () => {
    const { schema, examples = {} } = jsonOf(post().requestBody as object);
    expect(Object.keys(examples)).to.include.members(Object.keys(actions)).and.have.length.above(5);
    for (const [title, { value }] of Object.entries(examples)) {
      const response = await app.post(value);
      const answer = await response.json();
      const documented = jsonOf(post().responses[response.status] as object);
      expect(answer, title).to.deep.equal(documented.examples?.[title]?.value);
      check(documented.schema, answer);
      if (response.status === 200) check(schema, value);
    }
  });

  for (const path of ['/api/v1/dictionaries', '/total', '/healthz', '/readyz'] as const) {
    it(`has an example of the response of ${path}`, async () => {
      const { schema, example } = jsonOf(document.paths[path]?.get?.responses[200] as object);
      const answer = await (await fetch(app.url + path)).json();
      check(schema, answer);
      // The modification times, and so the versions, depend on the checkout.
      const withoutTimes = (value: unknown) =>
        JSON.parse(JSON.stringify(value), (key, it) => (['modified', 'version'].includes(key) ? '' : it));
      expect(withoutTimes(answer)).to.deep.equal(withoutTimes(example));
    });
  }

  it('describes the answers of every format', async () => {
    const { schema } = jsonOf(post().responses[200] as object);
    for (const request of [
      { action: 'search', term: 'love', format: 'object', n_before: 2, n_after: 1, nresults: 3 },
      { action: 'search', term: 'l.ve', syntax: 'regex', unit: 'quote', format: 'object', dictionary: 'moby-dick' },
      { action: 'all', order: 'random', nresults: 2, seed: 5 },
      { action: 'list', folder: 'moby-dick', options: ['-l'] },
    ]) {
      check(jsonOf(post().requestBody as object).schema, request);
      check(schema, await (await app.post(request)).json());
    }
    const ndjson = await app.post(
      { action: 'search', term: 'HISTORY', format: 'object' },
      { Accept: 'application/x-ndjson' },
    );
    const lines = (await ndjson.text()).trim().split('\n');
    const schemas = lines.map((_, at) => ({
      $ref: `#/components/schemas/${at === lines.length - 1 ? 'lastLine' : 'entry'}`,
    }));
    for (const [at, line] of lines.entries()) check(schemas[at] as object, JSON.parse(line));
  });

  it('rejects the requests that the service rejects', async () => {
    const validate = validator(jsonOf(post().requestBody as object).schema);
    for (const request of [
      { action: 'search' },
      { action: 'search', term: '' },
      { action: 'search', term: 5 },
      { action: 'search', term: 'a\nb' },
      { action: 'search', term: 'x'.repeat(1_001) },
      { action: 'search', term: 'a', n_before: 101 },
      { action: 'search', term: 'a', n_before: 1.5 },
      { action: 'search', term: 'a', nresults: '5' },
      { action: 'search', term: 'a', syntax: 'perl' },
      { action: 'search', term: 'a', other: 1 },
      { action: 'all', term: 'a' },
      { action: 'all', offset: -1 },
      { action: 'list', options: ['-Z'] },
      { action: 'list', filter: 'a/b' },
      { action: 'find', term: 'a' },
      { term: 'a' },
      [],
      null,
    ]) {
      expect(validate(request), JSON.stringify(request)).to.equal(false);
      expect((await app.post(request)).status, JSON.stringify(request)).to.equal(400);
    }
  });
});
