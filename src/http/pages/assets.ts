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
  'search-form.css': own('search-form.css'),
  'results.css': own('results.css'),
  'plot.css': own('plot.css'),
  'favicon.ico': own('favicon.ico'),
  'search-page.css': own('search-page.css'),
  'welcome.css': own('welcome.css'),
  'keys-dialog.css': own('keys-dialog.css'),
  'theme.js': own('theme.js'),
  'search-page.js': own('search-page.js'),
  'text-chooser.css': own('text-chooser.css'),
  'regex-help.js': own('regex-help.js'),
  'text-chooser.js': own('text-chooser.js'),
  'load-results.js': own('load-results.js'),
  'form-state.js': own('form-state.js'),
  'search-history.js': own('search-history.js'),
  'find.js': own('find.js'),
  'copy.js': own('copy.js'),
  'plot.js': own('plot.js'),
  'keyboard.js': own('keyboard.js'),
  'texts-page.css': own('texts-page.css'),
  'status-page.js': own('status-page.js'),
  'upload.js': own('upload.js'),
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

/** An import of a module in src/browser. */
const IMPORT = /(?<=^import .*')\.\/([\w-]+\.js)(?=';$)/gm;

/** Reads the files that the pages need, and names each by a hash of its content. */
export async function openAssets(): Promise<Assets> {
  const names = Object.keys(files) as AssetName[];
  const read = await Promise.all(names.map(async (name) => [name, await readFile(files[name])] as const));
  const bodies = new Map(read);
  const assets: Partial<Assets> = {};

  /** Modules import each other by their hashed names, so a module's hash depends on its imports. */
  const add = (name: AssetName): Asset => {
    const known = assets[name];
    if (known !== undefined) return known;
    const body = bodies.get(name);
    if (body === undefined) throw new Error(`A script imports ${name}, which is not an asset`);
    const isOwnScript = files[name] instanceof URL && name.endsWith('.js');
    const asset = createAsset(name, isOwnScript ? resolveImports(body) : body);
    assets[name] = asset;
    return asset;
  };
  const resolveImports = (body: Buffer) =>
    Buffer.from(body.toString().replace(IMPORT, (_, imported) => `./${basename(add(imported as AssetName).path)}`));

  for (const name of names) add(name);
  return assets as Assets;
}

function createAsset(name: AssetName, body: Buffer): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 12);
  const type = extname(name);
  return { name, path: `${ASSETS_PATH}/${basename(name, type)}.${hash}${type}`, type, body };
}
