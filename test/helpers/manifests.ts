// Reads deployment files, and finds fields that their schemas don't know.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { PROJECT } from './project.js';

/** A part of a file whose structure the test knows. */
// biome-ignore lint/suspicious/noExplicitAny: the schemas check it.
export type Tree = any;

/** Parses a YAML file of one document. Throws if it isn't valid, or repeats a key. */
export function readYaml(path: string): Tree {
  const [document, ...others] = parseAllDocuments(readFileSync(join(PROJECT, path), 'utf8'));
  if (document === undefined || !('toJS' in document) || others.length > 0)
    throw new Error(`${path} isn't one document`);
  if (document.errors[0] !== undefined) throw document.errors[0];
  return document.toJS();
}

/** Returns the manifests in a folder of deploy/. */
export function readManifests(folder: string): Tree[] {
  return readdirSync(join(PROJECT, folder)).map((name) => readYaml(join(folder, name)));
}

/**
 * Returns the paths below the top level that the validation doesn't read: the schemas of Kubernetes
 * allow unknown fields, which the server would drop or reject.
 */
export function unreadPaths(model: Tree, validate: () => void): string[] {
  const read = new Set<string>();
  const paths = Object.entries(model).flatMap(([name, value]) => pathsIn(value, `/${name}`));
  for (const name of Object.keys(model)) model[name] = recording(model[name], `/${name}`, read);
  validate();
  return paths.filter((path) => !read.has(path));
}

function recording(value: Tree, path: string, read: Set<string>): Tree {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      if (typeof name === 'symbol') return target[name];
      read.add(`${path}/${name}`);
      return recording(target[name], `${path}/${name}`, read);
    },
  });
}

function pathsIn(value: Tree, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((name) => [`${path}/${name}`, ...pathsIn(value[name], `${path}/${name}`)]);
}

const UNITS = { k: 1e3, m: 1e6, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };

/** Parses a size with a unit of Kubernetes (`1Gi`). */
export function bytesOf(size: string): number {
  const [, number, unit = ''] = /^(\d+)(k|m|Ki|Mi|Gi)$/.exec(size) ?? [];
  return Number(number) * UNITS[unit as keyof typeof UNITS];
}
