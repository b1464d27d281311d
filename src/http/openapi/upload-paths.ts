// The OpenAPI paths of adding and removing texts.
import type { ErrorCode } from '../../errors.js';
import { TEXTS_ROUTE } from '../routes.js';
import { uploadFields } from '../uploads/texts-api-router.js';
import { uploadErrors } from './operations.js';
import { errorResponses, header, withCommonHeaders } from './responses.js';
import { type JsonSchema, ref, schemaOf } from './schemas.js';

const pathPart = { type: 'string', minLength: 1 };
const names: Record<string, JsonSchema> = {
  dictionary: { ...pathPart, description: 'the name of a text, or of a folder of texts' },
  file: { ...pathPart, description: 'a text in the folder' },
};

const putErrors: ErrorCode[] = ['text_exists', 'body_too_large', 'unsupported_media_type', 'disk_full'];

export function uploadPaths(): Record<string, object> {
  return {
    [`${TEXTS_ROUTE}/{dictionary}`]: pathItem('Text', ['dictionary']),
    [`${TEXTS_ROUTE}/{dictionary}/{file}`]: pathItem('TextInFolder', ['dictionary', 'file']),
  };
}

/** @param subject what the operation ids end in */
function pathItem(subject: string, parts: string[]): object {
  const { description, ...replaceSchema } = schemaOf(uploadFields.replace);
  return {
    parameters: parts.map((name) => ({ name, in: 'path', required: true, schema: names[name] })),
    put: {
      operationId: `put${subject}`,
      tags: ['API'],
      summary: 'Adds a text, or replaces one if the request asks for it',
      parameters: [
        { name: 'replace', in: 'query', required: false, description, schema: replaceSchema },
        { name: 'If-Match', in: 'header', description: '`*` replaces a text', schema: { const: '*' } },
      ],
      requestBody: { required: true, content: { 'application/octet-stream': {}, 'text/plain': {} } },
      responses: withCommonHeaders(
        {
          200: stored('the text was replaced'),
          201: stored('the text was added'),
          ...errorResponses([...uploadErrors, ...putErrors], 'API'),
        },
        true,
      ),
    },
    delete: {
      operationId: `delete${subject}`,
      tags: ['API'],
      summary: 'Removes a text',
      responses: withCommonHeaders(
        {
          204: { description: 'the text was removed' },
          ...errorResponses([...uploadErrors, 'unknown_dictionary'], 'API'),
        },
        true,
      ),
    },
  };
}

function stored(description: string): JsonSchema {
  return {
    description,
    headers: { Location: header('the page of the text') },
    content: { 'application/json': { schema: ref('storedText'), example: { name: 'quotes.txt', bytes: 380_133 } } },
  };
}
