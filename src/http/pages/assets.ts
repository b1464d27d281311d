// The styles, scripts and images of the pages. Each path contains a hash of the content, so that
// browsers can cache it forever.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, extname } from 'node:path';

const swaggerUi = (name: string) => createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`);
const own = (name: string) => new URL(`../../browser/${name}`, import.meta.url);

const files = {
  'base.css': own('base.css'),
  'page.css': own('page.css'),
  'icon.svg': own('icon.svg'),
  'search-page.css': own('search-page.css'),
  'search-page.js': own('search-page.js'),
  'texts-page.css': own('texts-page.css'),
  'status-page.js': own('status-page.js'),
  'docs-page.css': own('docs-page.css'),
  'docs-page.js': own('docs-page.js'),
  'swagger-ui.css': swaggerUi('swagger-ui.css'),
  'swagger-ui-bundle.js': swaggerUi('swagger-ui-bundle.js'),
};

export type AssetName = keyof typeof files;

export interface Asset {
  name: AssetName;
  /** The path of its URL. */
  path: string;
  /** The file name extension, with its dot. */
  type: string;
  body: Buffer;
}

export type Assets = Record<AssetName, Asset>;

export const ASSETS_PATH = '/static';

/** Reads the files that the pages need, and names each by a hash of its content. */
export async function openAssets(): Promise<Assets> {
  const names = Object.keys(files) as AssetName[];
  const assets = await Promise.all(names.map(async (name) => [name, await openAsset(name)] as const));
  return Object.fromEntries(assets) as Assets;
}

async function openAsset(name: AssetName): Promise<Asset> {
  const body = await readFile(files[name]);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  const type = extname(name);
  return { name, path: `${ASSETS_PATH}/${basename(name, type)}.${hash}${type}`, type, body };
}
