import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect } from 'chai';
import { routes } from '../../../src/http/routes.js';
import { rawText } from '../../helpers/raw-http.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';

const NAMESPACE = 'http://a9.com/-/spec/opensearch/1.1/';

/** Throws if the text isn't well-formed XML. */
function parse(xml: string): Element {
  const onError = (level: string, message: string) => {
    throw new Error(`${level}: ${message}`);
  };
  return new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement as Element;
}

function elements(parent: Element, name: string): Element[] {
  return [...parent.getElementsByTagNameNS(NAMESPACE, name)];
}

describe('the OpenSearch description', () => {
  let app: RunningApp;
  let proxied: RunningApp;
  before(async () => {
    app = await startApp({});
    proxied = await startApp({ trustProxy: 1 });
  });
  after(async () => {
    await app.close();
    await proxied.close();
  });

  /** Returns the description that a client gets which reaches the service under that host. */
  async function describeFor({ port }: RunningApp, host: string, headers = ''): Promise<Element> {
    const request = `GET ${routes.opensearch.path} HTTP/1.1\r\nHost: ${host}\r\n${headers}Connection: close\r\n\r\n`;
    return parse((await rawText(port, request)).text);
  }

  function templateOf(description: Element, type: string): string | null | undefined {
    return elements(description, 'Url')
      .find((url) => url.getAttribute('type') === type)
      ?.getAttribute('template');
  }

  it('has the required elements within the lengths of the specification', async () => {
    const response = await fetch(app.url + routes.opensearch.path);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.match(
      /^application\/opensearchdescription\+xml(; charset=utf-8)?$/,
    );
    const root = parse(await response.text());
    expect([root.namespaceURI, root.localName]).to.deep.equal([NAMESPACE, 'OpenSearchDescription']);
    const [name, ...otherNames] = elements(root, 'ShortName');
    expect(name?.textContent).to.match(/^.{1,16}$/);
    expect(otherNames).to.deep.equal([]);
    expect(elements(root, 'Description')[0]?.textContent).to.match(/^.{1,1024}$/);
    expect(elements(root, 'InputEncoding')[0]?.textContent).to.equal('UTF-8');
  });

  it('leads to the search page, to itself and to the icon', async () => {
    const root = await describeFor(app, new URL(app.url).host);
    const template = templateOf(root, 'text/html') ?? '';
    expect(template).to.equal(`${app.url}/?term={searchTerms}`);
    const self = elements(root, 'Url').find((url) => url.getAttribute('rel') === 'self');
    expect(self?.getAttribute('template')).to.equal(app.url + routes.opensearch.path);
    const image = elements(root, 'Image')[0]?.textContent ?? '';
    expect((await fetch(image)).headers.get('content-type')).to.equal('image/x-icon');
  });

  it('offers no suggestions', async () => {
    const root = await describeFor(app, 'grepd.example');
    expect(elements(root, 'Url').map((url) => url.getAttribute('type'))).to.have.members([
      'text/html',
      'application/opensearchdescription+xml',
    ]);
  });

  it('names the host under which the client reached it, and the protocol that a trusted proxy names', async () => {
    const forwarded = 'X-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n';
    expect(templateOf(await describeFor(proxied, 'grepd.example', forwarded), 'text/html')).to.equal(
      'https://grepd.example/?term={searchTerms}',
    );
    expect(templateOf(await describeFor(app, 'grepd.example:81', forwarded), 'text/html')).to.equal(
      'http://grepd.example:81/?term={searchTerms}',
    );
  });

  for (const host of [
    'a"/><Url b="',
    'a&b;<!--',
    "a'<![CDATA[",
    '{searchTerms}',
    '',
    'a b',
    '%',
    '[::1',
    'gr\u00e9pd',
    '\t',
  ]) {
    it(`is well-formed whatever Host the client sends: ${JSON.stringify(host)}`, async () => {
      const root = await describeFor(app, host);
      expect(elements(root, 'Url')).to.have.lengthOf(2);
    });
  }

  it('can be cached, and is revalidated', async () => {
    const first = await fetch(app.url + routes.opensearch.path);
    expect(first.headers.get('cache-control')).to.equal('no-cache');
    const headers = `If-None-Match: ${first.headers.get('etag')}\r\nConnection: close\r\n`;
    const request = (host: string) => `GET ${routes.opensearch.path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;
    expect((await rawText(app.port, request(new URL(app.url).host))).status).to.equal(304);
    // Another host has other addresses.
    expect((await rawText(app.port, request('grepd.example'))).status).to.equal(200);
  });

  it('is linked from the pages', async () => {
    for (const { path } of [routes.help, routes.instructions]) {
      const page = await (await fetch(app.url + path)).text();
      const [link = ''] = /<link rel="search"[^>]*>/.exec(page) ?? [];
      expect(link).to.include('type="application/opensearchdescription+xml"');
      expect(link).to.include(`href="${routes.opensearch.path}"`);
    }
  });
});
