// Small dictionaries with one trap each, written to a temporary folder.
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TempFolder, tempFolder } from './temp-folder.js';

/** File contents by path. */
export const texts = {
  'plain.txt': 'one\ntwo love\nthree\nfour love\nfive love\nsix\nseven\neight\nnine love\n',
  'empty.txt': '',
  'blank-lines.txt': '\n\nlove\n\n',
  'no-last-newline.txt': 'first love\nlast love',
  'crlf.txt': 'one love\r\n\r\nthree\r\nfour love\r\n',
  'latin-1.txt': Buffer.from('caf\xe9 love\nplain\n', 'latin1'),
  'nul.txt': 'a\0b love\nplain\n',
  'hostile.txt':
    '-v love\n--\n-- love\n12-34:56 love\nit\'s "quoted"\n$(id)\n`id`;id|id\n100%\n*\n.*\na.b\naxb\n[love]\n\\\n',
  'unicode.txt': 'straße 愛 love\n😀 emoji\ne\u0301 combining\nstrasse\n',
  'words.txt': 'love\nLove!\nLOVE\nlover\nglove\nlove-in\nself_love\nloveé\nLOVEÉ\n',
  'quotes.txt': '\nfirst quote\nlove, love\n\n \t\nsecond quote\n\nthird love\n\nfourth\nquote\n',
  fortunes: 'a poem\n\nof love\n%\nsecond love\nand love\n%\n%\n%%\nthird',
  'fortunes-crlf': 'one\r\n\r\nlove\r\n%\r\ntwo\r\n',
  'packed.txt.gz': gzipSync('one\ntwo love\nthree\n'),
  'damaged.txt.gz': 'two love\n',
  'grün und blau.txt': 'green love\n',
  '-rf.txt': 'dash love\n',
  'folder/b.txt': 'b1\nb2 love\n',
  'folder/a/z.txt': 'z1 love\nz2\n',
  'folder/a.txt': 'a1\na2 love',
  'folder/.hidden': 'hidden love\n',
  'folder/SOURCES.md': 'sources love\n',
  'mixed/a.txt': 'a love\n',
  'mixed/b.txt.gz': gzipSync('b\nb love'),
  'mixed/c\nd.txt': 'c love\nd\n',
  'mixed/e.txt': 'e love\r\n',
  'mixed/f.txt': 'f\nf love\n',
  'marked.txt': '\ufefffirst love\nsecond\n\ufeffthird love\n',
  'marked/a.txt': 'plain love\n',
  'marked/b.txt': '\ufeff\n\ufefflove\n',
  'marked/c.txt.gz': gzipSync('\ufefflove packed\n'),
  'marked/d.txt': '\ufeff',
  'marked/e.txt': '\ufeff%\r\na love\r\n\r\nb\r\n%\r\nc love\r\n',
  'marked/f.txt': '\ufeff\ufefflove\n',
  'marked/g.txt': 'g love\n',
  'partly-unreadable/open.txt': 'open love\n',
  'partly-unreadable/shut.txt': 'shut love\n',
  '.hidden.txt': 'hidden love\n',
  '.hidden/inside.txt': 'hidden love\n',
  'SOURCES.md': 'sources love\n',
  'shut.txt': 'shut love\n',
  'shut/inside.txt': 'shut love\n',
  'shut/inner/inside.txt': 'shut love\n',
};

/** Names that must not resolve to a dictionary, unlike most of those in `texts`. */
export const ABSENT_NAMES = [
  'nope.txt',
  '',
  '.',
  '..',
  '/',
  './plain.txt',
  'folder/',
  'folder//b.txt',
  'folder/../plain.txt',
  '../outside/secret.txt',
  '..\\outside\\secret.txt',
  '/etc/passwd',
  'plain.txt/inside',
  'plain.txt\0',
  'plain.txt\n',
  '.hidden.txt',
  '.hidden/inside.txt',
  'folder/.hidden',
  'SOURCES.md',
  'link-to-hidden',
  'link-out',
  'link-out-folder',
  'link-out-folder/secret.txt',
  'link-loop',
  'link-nowhere',
  'link-to-root',
  'link-out-packed',
  'link-out-packed.gz',
  'packed',
  'packed.txt.gz.gz',
  'fifo',
  'folder/fifo',
  '-',
  'x'.repeat(300),
  'x/'.repeat(3000),
  '\ud800',
];

export interface Fixtures extends TempFolder {
  dictionaries: string;
}

export async function makeFixtures(): Promise<Fixtures> {
  const folder = await tempFolder();
  const dictionaries = join(folder.path, 'dictionaries');
  const outside = join(folder.path, 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'secret.txt'), 'secret love\n');
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(dictionaries, name)), { recursive: true });
    await writeFile(join(dictionaries, name), text);
  }
  const links = {
    'link-in.txt': 'plain.txt',
    'link-to-folder': 'folder',
    'link-to-hidden': '.hidden.txt',
    'link-out': join(outside, 'secret.txt'),
    'link-out-folder': outside,
    'link-out-packed.gz': join(outside, 'secret.txt'),
    'link-loop': 'link-loop',
    'link-nowhere': 'nowhere',
    'link-to-root': '.',
    'folder/link-out': join(outside, 'secret.txt'),
    'folder/link-up': '..',
    'folder/link-in.txt': '../plain.txt',
  };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(dictionaries, name));
  execFileSync('mkfifo', [join(dictionaries, 'fifo'), join(dictionaries, 'folder', 'fifo')]);
  for (const name of ['shut.txt', 'shut', 'partly-unreadable/shut.txt']) await chmod(join(dictionaries, name), 0);

  const remove = async () => {
    await chmod(join(dictionaries, 'shut'), 0o755);
    await folder.remove();
  };
  return { path: folder.path, dictionaries, remove };
}
