// The OpenAPI document (https://spec.openapis.org/oas/v3.1.1), from the tables of actions, routes and errors that the service runs on.

import { defaultOf, type Fields } from '../../config/field-table.js';
import type { ErrorCode } from '../../errors.js';
import type { Actions } from '../api/actions.js';
import { API_ROUTE, type Route, type RouteName, routeNames, routes } from '../routes.js';
import { failures } from './failures.js';
import { askErrors, commonErrors, type Operation, operationsOf, otherErrors } from './operations.js';
import { commonHeaders, errorResponses, leadsTo, listOfErrors, success, withCommonHeaders } from './responses.js';
import { answerSchemas, ref, requestSchemas, schemaOf } from './schemas.js';

export interface OpenApiOptions {
  actions: Actions;
  /** That of grepd. */
  version: string;
  /** Whether there is `GET /wait`. */
  waitRoute: boolean;
}

export function createOpenApi({ actions, version, waitRoute }: OpenApiOptions): object {
  const names = routeNames({ waitRoute }).filter((name) => waitRoute || name !== 'wait');
  const operations = operationsOf(actions);
  const gets = names.flatMap((name) => pathsOf(name, operations[name]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'grepd',
      version,
      summary: 'grep over HTTP: searches in text files, answered as JSON',
      description: `The examples are about dictionaries that grepd comes with. Every error is a JSON object with \`Code\`, the HTTP status, and \`message\`. Every answer has an \`X-Request-Id\`, under which the log tells more. HEAD is answered wherever GET is, and OPTIONS with the methods of a path in \`Allow\`. Any request may also be answered so:\n\n${listOfErrors([...commonErrors, ...otherErrors])}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'this service' }],
    tags: [
      { name: 'API', description: 'for programs' },
      { name: 'pages', description: 'for people' },
    ],
    paths: { [API_ROUTE]: { post: ask(actions) }, ...Object.fromEntries(gets) },
    components: {
      schemas: { ...requestSchemas(actions), ...answerSchemas },
      headers: commonHeaders,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'an API key, where keys are set' },
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

/** The one operation with all actions. */
function ask(actions: Actions): object {
  const names = Object.keys(actions);
  const examples = Object.entries(actions).map(([name, { summary, example }]) => ({ name, summary, example }));
  const mapping = Object.fromEntries(names.map((name) => [name, ref(name).$ref]));
  return {
    operationId: 'ask',
    tags: ['API'],
    summary: `${names.join(', ')}: what is asked of dictionaries`,
    description: 'A large answer is sent as it comes, results first, with the count at the end.',
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
        200: {
          description: 'the entries',
          content: {
            'application/json': {
              schema: ref('answer'),
              examples: Object.fromEntries(examples.map(({ name, example }) => [name, { value: example.answer }])),
            },
            'application/x-ndjson': {
              schema: { type: 'string', description: 'an entry a line, and last the count, each as JSON' },
            },
          },
        },
        ...errorResponses(askErrors, 'API'),
      },
      true,
    ),
  };
}

/** The paths of a route, each with its operation. */
function pathsOf(name: RouteName, operation: Operation): [path: string, item: object][] {
  const { path, description } = routes[name];
  const tag = operation.gives === 'page' || operation.gives === 'address' ? 'pages' : 'API';
  const below = operation.below ?? [];
  return [{ path: '', description, parameters: {}, isMoved: false }, ...below].map(
    ({ path: end, description, parameters, isMoved }, at) => [
      path + end,
      {
        get: {
          operationId: at === 0 ? name : `${name}${at}`,
          tags: [tag],
          // Without Markdown, unlike the description.
          summary: description.replaceAll('`', ''),
          description,
          parameters: [
            ...Object.entries(parameters).map(([name, schema]) => ({ name, in: 'path', required: true, schema })),
            ...(end === '' && below.length > 0 ? [] : queryParameters(operation.query ?? {})),
          ],
          responses: withCommonHeaders(
            {
              ...success(operation),
              ...(isMoved && { 302: leadsTo('the text has a shorter address') }),
              ...errorResponses(operation.errors, tag, notFor(name)),
            },
            !notFor(name).includes('too_many_requests'),
          ),
        },
      },
    ],
  );
}

/** What is open to all asks for no key; that and the metrics are not limited. */
function notFor(name: RouteName): ErrorCode[] {
  const { isOpen }: Route = routes[name];
  if (isOpen) return ['unauthorized', 'too_many_requests'];
  return name === 'metrics' ? ['too_many_requests'] : [];
}

function queryParameters(fields: Fields): object[] {
  return Object.entries(fields).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field);
    return { name, in: 'query', required: defaultOf(field) === 'required', description, schema };
  });
}
