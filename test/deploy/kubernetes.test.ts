import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { parseAllDocuments } from 'yaml';
import { routes } from '../../src/http/routes.js';
import { type ContainerNeeds, containerNeeds } from '../helpers/container-needs.js';
import { bytesOf, readManifests, readYaml, type Tree, unreadPaths } from '../helpers/manifests.js';
import { describeWith } from '../helpers/programs.js';
import { PROJECT } from '../helpers/project.js';

const FOLDER = 'deploy/kubernetes';
const models = { ConfigMap, Deployment, HorizontalPodAutoscaler, PodDisruptionBudget, Service };
const isManifest = ({ kind }: Tree) => kind !== 'Kustomization';

describe('the Kubernetes manifests', () => {
  const manifests = readManifests(FOLDER).filter(isManifest);
  const byKind = (kind: string): Tree => manifests.find((manifest) => manifest.kind === kind);
  const { spec } = byKind('Deployment');
  const pod: Tree = spec.template.spec;
  const [container]: Tree = pod.containers;
  let needs: ContainerNeeds;
  before(async () => {
    needs = containerNeeds(byKind('ConfigMap').data);
  });

  /** Throws if a manifest breaks the schema of its kind. Returns fields that the schema lacks. */
  function unknownFields(manifest: Tree): string[] {
    const model = new models[manifest.kind as keyof typeof models](structuredClone(manifest));
    return unreadPaths(model, () => model.validate());
  }

  for (const kind of Object.keys(models)) {
    it(`are valid, without unknown fields: ${kind}`, () => {
      expect(unknownFields(byKind(kind))).to.deep.equal([]);
    });
  }

  it('would not be valid with a field of a wrong type, or an unknown field', () => {
    const change = (path: string[], value: unknown) => {
      const copy = structuredClone(byKind('Deployment'));
      const parent = path.slice(0, -1).reduce((tree: Tree, name) => tree[name], copy);
      parent[path.at(-1) as string] = value;
      return unknownFields(copy);
    };
    const inContainer = ['spec', 'template', 'spec', 'containers', '0'];
    expect(change([...inContainer, 'readinessProb'], {})).to.deep.equal([`/${inContainer.join('/')}/readinessProb`]);
    expect(() => change([...inContainer, 'ports'], 'http')).to.throw();
  });

  it('select the pods of the deployment', () => {
    const { labels } = spec.template.metadata;
    expect(spec.selector.matchLabels).to.deep.equal(labels);
    expect(byKind('Service').spec.selector).to.deep.equal(labels);
    expect(byKind('PodDisruptionBudget').spec.selector.matchLabels).to.deep.equal(labels);
    expect(pod.topologySpreadConstraints[0].labelSelector.matchLabels).to.deep.equal(labels);
    const { apiVersion, kind, metadata } = byKind('Deployment');
    const target = { apiVersion, kind, name: metadata.name };
    expect(byKind('HorizontalPodAutoscaler').spec.scaleTargetRef).to.deep.equal(target);
    expect(container.envFrom).to.deep.equal([{ configMapRef: { name: byKind('ConfigMap').metadata.name } }]);
  });

  it('use the port that grepd listens on', () => {
    expect(container.ports).to.deep.equal([{ name: 'http', containerPort: needs.port }]);
    expect(byKind('Service').spec.ports[0].targetPort).to.equal('http');
    expect(spec.template.metadata.annotations).to.include({
      'prometheus.io/port': String(needs.port),
      'prometheus.io/path': routes.metrics.path,
    });
  });

  it('probe routes that need no key', () => {
    const { startupProbe, readinessProbe, livenessProbe } = container;
    expect(readinessProbe.httpGet).to.deep.equal({ path: routes.readyz.path, port: 'http' });
    // A search backend that is down must not restart pods.
    for (const probe of [startupProbe, livenessProbe])
      expect(probe.httpGet).to.deep.equal({ path: routes.healthz.path, port: 'http' });
    expect([routes.readyz.isPublic, routes.healthz.isPublic]).to.deep.equal([true, true]);
  });

  it('allow a pod to stop: until no requests arrive, for the longest drain, and to exit', () => {
    const [program, seconds] = container.lifecycle.preStop.exec.command;
    expect(program).to.equal('sleep');
    expect(pod.terminationGracePeriodSeconds * 1_000).to.be.above(Number(seconds) * 1_000 + needs.stopMs);
  });

  it('never take away a pod that answers before another one does', () => {
    expect(spec.strategy.rollingUpdate).to.deep.equal({ maxSurge: 1, maxUnavailable: 0 });
    const { maxUnavailable } = byKind('PodDisruptionBudget').spec;
    expect(byKind('HorizontalPodAutoscaler').spec.minReplicas).to.be.above(maxUnavailable);
    // Applying the manifests again must not undo what the autoscaler has done.
    expect(spec).to.not.have.property('replicas');
  });

  it('run grepd as the user node, without privileges, on a file system that it can only read', () => {
    expect(pod.securityContext).to.include({ runAsNonRoot: true, runAsUser: 1000 });
    expect(container.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).to.equal(false);
    expect(container.volumeMounts.map(({ mountPath }: Tree) => mountPath)).to.deep.equal(['/grepd/.index', '/tmp']);
  });

  it('have a CPU for each worker, memory for all, and room for the indexes', () => {
    const { requests, limits } = container.resources;
    expect(Number(requests.cpu)).to.equal(needs.workers);
    expect(bytesOf(limits.memory)).to.be.at.least(needs.memoryBytes);
    const size = (name: string) => bytesOf(pod.volumes.find((volume: Tree) => volume.name === name).emptyDir.sizeLimit);
    // A pod whose volume exceeds its limit is evicted.
    expect(size('index')).to.be.above(needs.maxIndexBytes);
    expect(bytesOf(limits['ephemeral-storage'])).to.be.above(size('index') + size('tmp'));
  });

  it('are all listed for kustomize', () => {
    const { resources } = readYaml(`${FOLDER}/kustomization.yaml`);
    const files = readdirSync(join(PROJECT, FOLDER)).filter((name) => name !== 'kustomization.yaml');
    expect(resources).to.have.members(files);
  });
});

describeWith('the Kubernetes manifests', { names: ['kubectl'], packages: 'kubernetes-client' }, (program) => {
  it('are accepted by kustomize, which names the image', () => {
    const output = execFileSync(program, ['kustomize', join(PROJECT, FOLDER)], { encoding: 'utf8' });
    const built = parseAllDocuments(output).map(
      (document) => ('toJS' in document ? document.toJS() : undefined) as Tree,
    );
    expect(built.map(({ kind }) => kind)).to.have.members(Object.keys(models));
    const { image } = built.find(({ kind }) => kind === 'Deployment').spec.template.spec.containers[0];
    expect(image).to.match(/^registry\.example\/grepd:/);
  });
});
