// Checks the responses of a service against its own OpenAPI document.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { errorKinds } from '../../src/errors.js';
import { otherErrors } from '../../src/http/openapi/operations.js';

interface Media {
  schema: object;
}
interface Documented {
  headers?: Record<string, { schema: object }>;
  content?: Record<string, Media>;
}
interface Operation {
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Documented>;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

/** The parts of a response that are checked. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

/** Headers that HTTP and browsers define, which an OpenAPI document doesn't list. */
const GENERAL = new Set([
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'keep-alive',
  'origin-agent-cluster',
  'referrer-policy',
  'trailer',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]);

/** The statuses of requests that match no operation. */
const UNMATCHED_STATUSES = new Set<number>(otherErrors.map((code) => errorKinds[code].status));

const ERROR = { $ref: '#/components/schemas/error' };

export class ApiDocument {
  readonly #document: OpenApi;
  readonly #validators = new Map<object, ValidateFunction>();

  private constructor(document: OpenApi) {
    this.#document = document;
  }

  static async fetch(url: string): Promise<ApiDocument> {
    return new ApiDocument((await (await fetch(`${url}/openapi.json`)).json()) as OpenApi);
  }

  /** Whether the document allows a request body. */
  allows(path: string, body: unknown): boolean {
    const schema = this.#document.paths[path]?.post?.requestBody?.content['application/json']?.schema;
    return this.#validator(schema ?? expect.fail(`${path} has no POST`))(body);
  }

  /** Fails unless a response's status, media type, headers and body fit the document. */
  check(method: string, path: string, { status, headers, text }: Answered): void {
    const title = `${method} ${path} ${status}`;
    if (method === 'OPTIONS' && status === 200) return;
    const documented = this.#operation(method, path)?.responses[status];
    if (documented === undefined) {
      expect(UNMATCHED_STATUSES, `${title} is not documented`).to.include(status);
      if (text !== '') this.#checkJson(ERROR, text, title);
      return;
    }
    for (const name of headers.keys()) {
      if (GENERAL.has(name)) continue;
      const names = Object.keys(documented.headers ?? {}).map((documentedName) => documentedName.toLowerCase());
      expect(names, `${title}: header ${name} is not documented`).to.include(name);
    }
    if (text === '') return;
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const media = documented.content?.[type];
    if (media === undefined) expect.fail(`${title}: ${type} is not documented`);
    if (type === 'application/json') this.#checkJson(media.schema, text, title);
  }

  #operation(method: string, path: string): Operation | undefined {
    const plain = path.replace(/[?#].*/s, '');
    for (const [template, item] of Object.entries(this.#document.paths)) {
      const pattern = template.replaceAll('.', '\\.').replace('{dictionary}', '[^/]+').replace('{file}', '.+');
      if (new RegExp(`^${pattern}$`, 's').test(plain)) return item[method === 'HEAD' ? 'get' : method.toLowerCase()];
    }
    return undefined;
  }

  #checkJson(schema: object, text: string, title: string): void {
    const validate = this.#validator(schema);
    const isValid = validate(JSON.parse(text));
    expect(isValid, `${title}: ${JSON.stringify(validate.errors)}\n${text.slice(0, 500)}`).to.equal(true);
  }

  #validator(schema: object): ValidateFunction {
    const cached = this.#validators.get(schema);
    if (cached !== undefined) return cached;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const { components } = this.#document;
    const validator = ajv.compile({ ...schema, components });
    this.#validators.set(schema, validator);
    return validator;
  }
}
