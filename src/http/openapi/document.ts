// The OpenAPI document (https://spec.openapis.org/oas/v3.1.1), generated from the tables of
// actions, routes and errors that the service runs on.
import { defaultOf, type Fields } from '../../config/field-table.js';
import type { ErrorCode } from '../../errors.js';
import type { Actions } from '../api/actions.js';
import { PROBLEM_TYPE } from '../problem-details.js';
import { API_ROUTE, MCP_ROUTE, type Route, type RouteName, routeNames, routes } from '../routes.js';
import { answerSchemas } from './answer-schemas.js';
import { failures } from './failures.js';
import { mcpPath } from './mcp-path.js';
import { apiErrors, commonErrors, type Operation, operationsOf, otherErrors } from './operations.js';
import { requestSchemas } from './request-schemas.js';
import {
  answerResponse,
  commonHeaders,
  errorResponses,
  listOfErrors,
  redirect,
  successResponses,
  withCommonHeaders,
} from './responses.js';
import { routeSchemas } from './route-schemas.js';
import { ref, schemaOf } from './schemas.js';
import { uploadPaths } from './upload-paths.js';

export interface OpenApiOptions {
  actions: Actions;
  /** The version of grepd. */
  version: string;
  /** Whether `GET /wait` is served. */
  waitRoute: boolean;
  /** Whether `POST /mcp` is served. */
  mcp: boolean;
  /** Set if texts can be added and removed. */
  uploads: object | undefined;
}

export function createOpenApi({ actions, version, waitRoute, mcp, uploads }: OpenApiOptions): object {
  const names = routeNames({ waitRoute });
  const operations = operationsOf(actions);
  const gets = names.flatMap((name) => pathsOf(name, operations[name]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'grepd',
      version,
      summary: 'grep over HTTP: searches text files and returns JSON',
      description: `[The instructions](${routes.instructions.path}) have examples for curl. The examples use the bundled dictionaries. Every error is a JSON object with \`Code\`, the HTTP status, and \`message\`; with \`Accept: ${PROBLEM_TYPE}\`, it is a problem (RFC 9457) with a stable \`code\`. Every response has an \`X-Request-Id\`, under which the log has details. Every GET route supports HEAD, and OPTIONS returns the methods of a path in \`Allow\`. Any request can also fail with:\n\n${listOfErrors([...commonErrors, ...otherErrors])}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'this service' }],
    tags: [
      { name: 'API', description: 'for programs' },
      { name: 'pages', description: 'for people' },
    ],
    paths: {
      [API_ROUTE]: { post: apiOperation(actions) },
      ...(mcp && { [MCP_ROUTE]: mcpPath() }),
      ...Object.fromEntries(gets),
      ...(uploads !== undefined && uploadPaths()),
    },
    components: {
      schemas: { ...requestSchemas(actions), ...answerSchemas(actions), ...routeSchemas(actions) },
      headers: commonHeaders,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'an API key, if keys are set' },
        password: {
          type: 'http',
          scheme: 'basic',
          description: 'the key as the password of any user, as browsers send it',
        },
      },
    },
    security: [{}, { key: [] }, { password: [] }],
  };
}

/** The operation that all actions share. */
function apiOperation(actions: Actions): object {
  const names = Object.keys(actions);
  const examples = Object.entries(actions).map(([name, { summary, example }]) => ({ name, summary, example }));
  return {
    operationId: 'runAction',
    tags: ['API'],
    summary: `Runs an action on the dictionaries: ${names.join(', ')}`,
    description:
      'Each schema of a request names the schema of its answer: `format` decides the type of the results, or `action` does. A large answer is usually streamed: the results first, and the count at the end.',
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { oneOf: names.map(ref) },
          examples: Object.fromEntries([
            ...examples.map(({ name, summary, example }) => [name, { summary, value: example.request }]),
            ...failures.map(({ title, request }) => [title, { summary: `fails: ${title}`, value: request }]),
          ]),
        },
      },
    },
    responses: withCommonHeaders(
      {
        200: answerResponse(Object.fromEntries(examples.map(({ name, example }) => [name, { value: example.answer }]))),
        ...errorResponses(apiErrors, 'API'),
      },
      true,
    ),
  };
}

/** Returns the paths of a route, each with its operation. */
function pathsOf(name: RouteName, operation: Operation): [path: string, item: object][] {
  const { path, description } = routes[name];
  const tag = operation.returns === 'page' || operation.returns === 'redirect' ? 'pages' : 'API';
  const subpaths = operation.subpaths ?? [];
  const { id, query = {} } = operation;
  return [{ id, path: '', description, parameters: {}, query, mayRedirect: false }, ...subpaths].map(
    ({ id, path: subpath, description, parameters, query, mayRedirect }) => [
      path + subpath,
      {
        get: {
          operationId: id,
          tags: [tag],
          // Unlike a description, a summary isn't Markdown.
          summary: description.replaceAll('`', ''),
          description,
          parameters: [
            ...Object.entries(parameters).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
            ...queryParameters(query),
          ],
          responses: withCommonHeaders(
            {
              ...successResponses(operation),
              ...(mayRedirect && { 302: redirect('the text has a shorter path') }),
              ...errorResponses(operation.errors, tag, excludedErrors(name)),
            },
            !excludedErrors(name).includes('too_many_requests'),
          ),
        },
      },
    ],
  );
}

/** Public routes need no key. They and the metrics have no rate limit. */
function excludedErrors(name: RouteName): ErrorCode[] {
  const { isPublic }: Route = routes[name];
  if (isPublic) return ['unauthorized', 'expired_key', 'too_many_requests'];
  return name === 'metrics' ? ['too_many_requests'] : [];
}

function queryParameters(fields: Fields): object[] {
  return Object.entries(fields).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field);
    return { name, in: 'query', required: defaultOf(field) === 'required', description, schema };
  });
}
