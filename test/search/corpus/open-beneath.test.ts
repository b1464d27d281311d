import { closeSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { isStillAt, openBeneath, statBeneath } from '../../../src/search/corpus/open-beneath.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('openBeneath', () => {
  let folder: TempFolder;
  let root: string;
  let outside: string;
  beforeEach(async () => {
    folder = await tempFolder();
    root = join(realpathSync(folder.path), 'root');
    outside = join(folder.path, 'outside');
    for (const path of [join(root, 'folder'), outside]) {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 't.txt'), 'text');
    }
  });
  afterEach(() => folder.remove());

  for (const [system, isAt] of [
    ['with /proc', undefined],
    ['without /proc', isStillAt],
  ] as const) {
    const opens = (path: string): boolean => {
      const fd = openBeneath(root, path, 0, isAt);
      if (fd !== undefined) closeSync(fd);
      return fd !== undefined;
    };

    it(`opens files and folders ${system}`, () => {
      expect(['folder/t.txt', 'folder', ''].map(opens)).to.deep.equal([true, true, true]);
      expect(opens('folder/absent.txt')).to.equal(false);
    });

    it(`opens nothing through a link ${system}`, () => {
      symlinkSync(join(outside, 't.txt'), join(root, 'folder/link.txt'));
      symlinkSync(outside, join(root, 'link'));
      symlinkSync('folder', join(root, 'inner-link'));
      expect(['folder/link.txt', 'link', 'link/t.txt', 'inner-link/t.txt'].map(opens)).to.not.include(true);
    });

    it(`rejects a file that is moved out of the folder while it is being opened ${system}`, () => {
      const moving = (fd: number, path: string) => {
        renameSync(path, join(outside, 'moved.txt'));
        return (isAt ?? isStillAt)(fd, path);
      };
      expect(openBeneath(root, 'folder/t.txt', 0, moving)).to.equal(undefined);
    });
  }

  it('works like statBeneath, which returns the status of a link but not of its target', () => {
    symlinkSync(join(outside, 't.txt'), join(root, 'folder/link.txt'));
    symlinkSync(outside, join(root, 'link'));
    expect(statBeneath(root, 'folder/link.txt')?.isSymbolicLink()).to.equal(true);
    expect(statBeneath(root, 'link')?.isSymbolicLink()).to.equal(true);
    expect(statBeneath(root, 'link/t.txt')).to.equal(undefined);
    expect(statBeneath(root, 'folder/t.txt')?.size).to.equal(4n);
    rmSync(join(root, 'folder/t.txt'));
    expect(statBeneath(root, 'folder/t.txt')).to.equal(undefined);
  });
});
