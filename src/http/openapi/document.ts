// The OpenAPI document (https://spec.openapis.org/oas/v3.1.1), generated from the tables of
// actions, routes and errors that the service runs on.
import { defaultOf, type Fields } from '../../config/field-table.js';
import type { ErrorCode } from '../../errors.js';
import type { Actions } from '../api/actions.js';
import { API_ROUTE, type Route, type RouteName, routeNames, routes } from '../routes.js';
import { failures } from './failures.js';
import { apiErrors, commonErrors, type Operation, operationsOf, otherErrors } from './operations.js';
import {
  answerResponse,
  commonHeaders,
  errorResponses,
  listOfErrors,
  redirect,
  successResponses,
  withCommonHeaders,
} from './responses.js';
import { answerSchemas, ref, requestSchemas, schemaOf } from './schemas.js';

export interface OpenApiOptions {
  actions: Actions;
  /** The version of grepd. */
  version: string;
  /** Whether `GET /wait` is served. */
  waitRoute: boolean;
}

export function createOpenApi({ actions, version, waitRoute }: OpenApiOptions): object {
  const names = routeNames({ waitRoute });
  const operations = operationsOf(actions);
  const gets = names.flatMap((name) => pathsOf(name, operations[name]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'grepd',
      version,
      summary: 'grep over HTTP: searches text files and returns JSON',
      description: `The examples use the bundled dictionaries. Every error is a JSON object with \`Code\`, the HTTP status, and \`message\`. Every response has an \`X-Request-Id\`, under which the log has details. Every GET route supports HEAD, and OPTIONS returns the methods of a path in \`Allow\`. Any request can also fail with:\n\n${listOfErrors([...commonErrors, ...otherErrors])}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'this service' }],
    tags: [
      { name: 'API', description: 'for programs' },
      { name: 'pages', description: 'for people' },
    ],
    paths: { [API_ROUTE]: { post: apiOperation(actions) }, ...Object.fromEntries(gets) },
    components: {
      schemas: { ...requestSchemas(actions), ...answerSchemas },
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
  const mapping = Object.fromEntries(names.map((name) => [name, ref(name).$ref]));
  return {
    operationId: 'ask',
    tags: ['API'],
    summary: `Runs an action on the dictionaries: ${names.join(', ')}`,
    description: 'A large answer is usually streamed: the results first, and the count at the end.',
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { oneOf: names.map(ref), discriminator: { propertyName: 'action', mapping } },
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
  const own = { path: '', description, parameters: {}, query: operation.query ?? {}, mayRedirect: false };
  return [own, ...(operation.subpaths ?? [])].map(
    ({ path: subpath, description, parameters, query, mayRedirect }, index) => [
      path + subpath,
      {
        get: {
          operationId: index === 0 ? name : `${name}${index}`,
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
  if (isPublic) return ['unauthorized', 'too_many_requests'];
  return name === 'metrics' ? ['too_many_requests'] : [];
}

function queryParameters(fields: Fields): object[] {
  return Object.entries(fields).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field);
    return { name, in: 'query', required: defaultOf(field) === 'required', description, schema };
  });
}
