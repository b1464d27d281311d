import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { encodingExists } from 'iconv-lite';
import { declaredEncoding, ENCODINGS, findEncoding, namesWithSuffix } from '../../../src/search/corpus/encodings.js';

describe('the encodings', () => {
  for (const { name } of ENCODINGS) {
    it(`have the names of iconv-lite and of iconv(1): ${name}`, () => {
      expect(encodingExists(name)).to.equal(true);
      expect(spawnSync('iconv', ['-f', name, '-t', 'utf8'], { input: '' }).status).to.equal(0);
    });
  }

  it('are declared by a suffix of the name, before that of gzip', () => {
    for (const [path, name] of [
      ['faust.txt.latin1', 'latin1'],
      ['faust.iso-8859-1', 'latin1'],
      ['folder/a.utf-16le', 'utf-16le'],
      ['a.txt.gb18030.gz', 'gb18030'],
      ['a.koi8-r.txt', undefined],
      ['a.gz.koi8-r', 'koi8-r'],
      ['koi8-r', undefined],
      ['a.b/koi8-r', undefined],
      ['.koi8-r', undefined],
      ['folder.koi8-r/a.txt', undefined],
      ['a.KOI8-R', undefined],
      ['a.utf-8', undefined],
      ['a.constructor', undefined],
    ]) {
      expect(declaredEncoding(path as string)?.name, path).to.equal(name);
    }
  });

  it('are found whatever their case, as chardet writes them', () => {
    expect(findEncoding('ISO-8859-1')?.name).to.equal('latin1');
    expect(findEncoding('Shift_JIS')?.name).to.equal('shift_jis');
    expect(findEncoding('ISO-2022-JP')).to.equal(undefined);
  });

  it('may be omitted from a name, like the suffix of gzip', () => {
    const names = namesWithSuffix('a.txt');
    expect(names).to.include.members(['a.txt.gz', 'a.txt.latin1', 'a.txt.iso-8859-1', 'a.txt.latin1.gz']);
    expect(names[0]).to.equal('a.txt.gz');
    expect(names).to.not.include('a.txt');
  });
});
