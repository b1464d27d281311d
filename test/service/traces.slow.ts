// Traces of the service as a process, with the OpenTelemetry SDK configured by the environment.
import { expect } from 'chai';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';
import { type OtlpReceiver, otlpReceiver } from '../helpers/otlp-receiver.js';
import { type Service, spawnService } from '../helpers/spawn-service.js';

const DICTIONARIES_DIR = 'dictionaries';
/** A drain waits for idle connections. */
const KEEP_ALIVE_TIMEOUT_MS = '200';
const search = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/search?term=love`, { headers }).then((response) => response.text());

describe('traces of the service', function () {
  this.timeout(60_000);
  let receiver: OtlpReceiver;
  let service: Service | undefined;
  beforeEach(async () => {
    receiver = await otlpReceiver();
  });
  afterEach(async () => {
    service?.child.kill('SIGKILL');
    await receiver.close();
  });

  it('are sent before the process ends, with what the variables of OpenTelemetry say', async () => {
    service = spawnService({
      DICTIONARIES_DIR,
      KEEP_ALIVE_TIMEOUT_MS,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-token=abc',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SERVICE_NAME: 'words',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    await search(await service.url());
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    expect(receiver.spans.map(({ name }) => name)).to.include('GET /api/v1/search');
    expect(receiver.resources[0]).to.include({ 'service.name': 'words', 'deployment.environment.name': 'test' });
    expect(receiver.requests[0]?.headers).to.include({ 'x-token': 'abc', 'content-encoding': 'gzip' });
    expect(service.events('traces not sent')).to.deep.equal([]);
  });

  it('are only those that the sampler selects', async () => {
    service = spawnService({
      DICTIONARIES_DIR,
      KEEP_ALIVE_TIMEOUT_MS,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    });
    const url = await service.url();
    await search(url);
    await search(url, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    const requests = receiver.spans.filter(({ name }) => name === 'GET /api/v1/search');
    expect(requests.map(({ parentSpanId }) => parentSpanId)).to.deep.equal(['b7ad6b7169203331']);
  });

  it('are off if OTEL_SDK_DISABLED is true', async () => {
    service = spawnService({
      DICTIONARIES_DIR,
      KEEP_ALIVE_TIMEOUT_MS,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_SDK_DISABLED: 'True',
    });
    await search(await service.url());
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
    expect(receiver.requests).to.deep.equal([]);
  });

  it("don't harm requests or the end of the process if the collector fails, or doesn't respond", async () => {
    const silent: NumbersServer = await numbersServer(() => {});
    receiver.status = 400;
    for (const endpoint of [receiver.endpoint, new URL(silent.url).origin, 'http://127.0.0.1:1']) {
      service = spawnService({
        DICTIONARIES_DIR,
        KEEP_ALIVE_TIMEOUT_MS,
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_BSP_SCHEDULE_DELAY: '1',
      });
      expect(JSON.parse(await search(await service.url()))).to.have.property('nr of entries');
      service.child.kill('SIGTERM');
      expect(await service.exited, endpoint).to.equal(0);
      expect(service.events('drain step failed'), endpoint).to.deep.equal([]);
    }
    await silent.close();
  });

  it('need a valid endpoint, and a warning names a variable that the SDK ignores', async () => {
    service = spawnService({ DICTIONARIES_DIR, OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' });
    expect(await service.exited).to.equal(1);
    expect(service.output()).to.include('"OTEL_EXPORTER_OTLP_ENDPOINT" must be an http or https URL');
    expect(service.output()).to.include('collector:4318');

    const OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoint;
    service = spawnService({ DICTIONARIES_DIR, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' });
    await service.url();
    const [warning] = service.events('OpenTelemetry warning');
    expect(warning?.reason).to.include('OTEL_EXPORTER_OTLP_COMPRESSION');
    service.child.kill('SIGTERM');
    expect(await service.exited).to.equal(0);
  });
});
