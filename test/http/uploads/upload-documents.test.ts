// What the OpenAPI document and the instructions say about uploads.
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { ApiDocument } from '../../helpers/api-document.js';
import { startApp } from '../../helpers/start-app.js';
import { startUploadApp, type UploadApp } from '../../helpers/upload-app.js';

describe('the documentation of uploads', () => {
  let app: UploadApp;
  before(async () => {
    app = await startUploadApp({ maxBytes: 10 });
  });
  after(() => app.close());

  it('is a valid OpenAPI document', async () => {
    const document = await (await fetch(`${app.url}/openapi.json`)).json();
    const { valid, errors } = await new Validator().validate(document as never);
    expect(valid, JSON.stringify(errors)).to.equal(true);
  });

  it('describes the responses of the service', async () => {
    const document = await ApiDocument.fetch(app.url);
    for (const [method, name, body, expected] of [
      ['PUT', 'new.txt', 'new', 201],
      ['PUT', 'folder/new.txt', 'new', 201],
      ['PUT', 'new.txt', 'new', 409],
      ['PUT', 'new.txt?replace=true', 'new', 200],
      ['PUT', 'new.txt?replace=x', 'new', 400],
      ['PUT', 'other.txt', 'x'.repeat(11), 413],
      ['PUT', 'none/other.txt', 'x', 404],
      ['DELETE', 'new.txt', undefined, 204],
      ['DELETE', 'new.txt', undefined, 404],
      ['DELETE', '.hidden', undefined, 400],
    ] as const) {
      const path = `/api/v1/texts/${name}`;
      const response = await fetch(app.url + path, { method, ...(body !== undefined && { body }) });
      const { status, headers } = response;
      expect(status, `${method} ${name}`).to.equal(expected);
      document.check(method, path, { status, headers, text: await response.text() });
    }
  });

  it('is absent if uploads are off', async () => {
    const without = await startApp({});
    for (const path of ['/openapi.json', '/api/v1/web']) {
      expect(await (await fetch(app.url + path)).text()).to.include('/api/v1/texts/');
      expect(await (await fetch(without.url + path)).text()).to.not.include('/api/v1/texts/');
    }
    await without.close();
  });
});
