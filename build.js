// Usage: node build.js [LINK [FOLDER]]. Builds unless LINK is current; with FOLDER, only relinks.
// Or: node build.js --package. Builds `lib`, a real folder without tests, for `npm pack`.
// Each build has its own folder, and `dist` links to the latest one. Replacing a link is atomic,
// so a worker that starts during a build loads one complete build and keeps it until it exits.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';

const INPUTS = ['src', 'test', 'build.js', 'tsconfig.json', 'package.json', 'package-lock.json'];
/** `npm run reload` tests the build at `dist-next` before it points `dist` at it. */
const LINKS = ['dist', 'dist-next'];
/** `files`, `bin` and `exports` in package.json name it, too. */
const PACKAGE = 'lib';
/** Keeps unused builds this long: a new process doesn't show its build in its title at once. */
const UNUSED_GRACE_MS = 3_600_000;

process.chdir(import.meta.dirname);
const [link = 'dist', folder] = process.argv.slice(2);
if (link === '--package') process.exitCode = (await buildPackage()) ? 0 : 1;
else if (folder !== undefined) pointLinkAt(folder);
else if (!(await build())) process.exitCode = 1;
removeUnusedBuilds();

/** Builds if necessary, and points the link at the build. Returns whether it succeeded. */
async function build() {
  const version = hashInputs();
  const current = LINKS.map(targetOf).find((target) => target?.startsWith(`dist-${version}-`) && fs.existsSync(target));
  if (current !== undefined) {
    if (targetOf(link) !== current) pointLinkAt(current);
    return true;
  }
  // Concurrent builds never share a folder, not even for the same sources.
  const out = `dist-${version}-${process.pid}${Date.now().toString(36)}`;
  if (!(await buildInto(out))) {
    fs.rmSync(out, { recursive: true, force: true });
    return false;
  }
  // The sources changed during the build, so it doesn't match its version.
  if (hashInputs() !== version) return build();
  pointLinkAt(out);
  return true;
}

/** `npm pack` follows no links, and the installed package has no sources for source maps. */
async function buildPackage() {
  fs.rmSync(PACKAGE, { recursive: true, force: true });
  const isBuilt = await buildInto(PACKAGE, '--sourceMap', 'false');
  fs.rmSync(join(PACKAGE, 'test'), { recursive: true, force: true });
  return isBuilt;
}

/** Returns whether it succeeded. */
async function buildInto(out, ...options) {
  // src/client/ is compiled with the rest, and again for its declarations, without Node's types.
  const projects = ['.', 'src/browser', 'src/client'];
  const isBuilt = await Promise.all(projects.map((project) => compile(project, out, ...options)));
  if (isBuilt.includes(false)) return false;
  for (const name of fs.readdirSync('src/browser').filter((name) => /\.(css|svg|ico)$/.test(name))) {
    fs.copyFileSync(join('src/browser', name), join(out, 'src/browser', name));
  }
  return true;
}

function hashInputs() {
  const hash = createHash('sha256');
  for (const input of INPUTS.filter((path) => fs.existsSync(path))) {
    const isFolder = fs.statSync(input).isDirectory();
    const paths = isFolder ? fs.readdirSync(input, { recursive: true }).map((name) => join(input, name)) : [input];
    for (const path of paths.sort()) {
      if (fs.statSync(path, { throwIfNoEntry: false })?.isFile())
        hash.update(`${path}\0`).update(fs.readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 12);
}

async function compile(project, outDir, ...options) {
  const tsc = spawn('node_modules/typescript/bin/tsc', ['-p', project, '--outDir', outDir, ...options], {
    stdio: 'inherit',
  });
  const [status] = await once(tsc, 'close');
  return status === 0;
}

function pointLinkAt(target) {
  const previous = targetOf(link);
  const fresh = `dist-link-${process.pid}`;
  fs.symlinkSync(target, fresh);
  // Earlier versions built into `dist` itself. A rename can't replace a folder by a link.
  if (fs.lstatSync(link, { throwIfNoEntry: false })?.isDirectory()) fs.renameSync(link, `dist-before-${process.pid}`);
  fs.renameSync(fresh, link);
  // The grace period of the previous build starts now.
  if (previous !== undefined && fs.existsSync(previous)) fs.utimesSync(previous, new Date(), new Date());
}

function targetOf(path) {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? fs.readlinkSync(path) : undefined;
}

/** Removes builds that have been unlinked for a while and that no process title names. */
function removeUnusedBuilds() {
  const titles = readTitles();
  if (titles === undefined) return;
  const kept = new Set([...LINKS, ...LINKS.map(targetOf)]);
  for (const name of fs.readdirSync('.').filter((name) => name.startsWith('dist-') && !kept.has(name))) {
    const ageMs = Date.now() - (fs.lstatSync(name, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > UNUSED_GRACE_MS && !titles.includes(name)) fs.rmSync(name, { recursive: true, force: true });
  }
}

/** Reads the titles of all processes. Returns `undefined` without /proc. */
function readTitles() {
  if (!fs.existsSync('/proc/self')) return undefined;
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(readTitle).join('\n');
}

function readTitle(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // The process has exited.
  }
}
