import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { commandEntries } from '../../../src/cli/command-table.js';
import { completion } from '../../../src/cli/completion/completion.js';
import { describeWith } from '../../helpers/programs.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('the completion script', () => {
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(() => folder.remove());

  /** Returns what bash offers for the last word. `grepd` stands for the program. */
  async function complete(...words: string[]): Promise<string[]> {
    const script = `${await completion(['bash'])}
grepd() { [ "$*" = 'completion dictionaries' ] && printf 'moby-dick\\nquotes.txt\\n'; }
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_grepd
printf '%s\\n' "\${COMPREPLY[@]}"`;
    writeFileSync(join(folder.path, 'script'), script);
    const { stdout, stderr } = spawnSync('bash', [join(folder.path, 'script'), ...words], { encoding: 'utf8' });
    expect(stderr).to.equal('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('for bash completes commands, also after help', async () => {
    const names = commandEntries.map(([name]) => name);
    expect(await complete('grepd', '')).to.deep.equal([...names, '--help', '--version']);
    expect(await complete('grepd', 'st')).to.deep.equal(['start', 'stop', 'status']);
    expect(await complete('grepd', 'help', 'se')).to.deep.equal(['serve', 'search']);
  });

  it('for bash completes the options of a command', async () => {
    expect(await complete('grepd', 'logs', '--')).to.deep.equal(['--lines', '--nostream', '--help']);
    expect(await complete('grepd', 'search', '--ign')).to.deep.equal(['--ignore-case', '--ignore-marks']);
    expect(await complete('grepd', 'start', '--upload')).to.deep.equal(['--uploads', '--upload-mb']);
  });

  it('for bash completes the names of dictionaries, and leaves other values to the shell', async () => {
    expect(await complete('grepd', 'search', 'love', '--dictionary', 'm')).to.deep.equal(['moby-dick']);
    expect(await complete('grepd', 'start', '--port', '')).to.deep.equal([]);
    expect(await complete('grepd', 'start', '')).to.deep.equal([]);
  });

  it('for zsh has the options of a command', async () => {
    const script = await completion(['zsh']);
    expect(script).to.match(/^#compdef grepd\n/);
    expect(script).to.include(`'*'{-i,--ignore-case}'[whether to ignore case]'`);
    expect(script).to.include(":dictionary:_grepd_dictionaries'");
  });

  it('exists for no other shell', async () => {
    const failure = await completion(['fish']).catch((error: Error) => error.message);
    expect(failure).to.equal('The shell must be one of bash, zsh, got "fish"');
  });
});

describeWith('the completion script for zsh', { names: ['zsh'], packages: 'zsh' }, (program) => {
  it('is valid', async () => {
    const folder = await tempFolder();
    try {
      writeFileSync(join(folder.path, 'script'), await completion(['zsh']));
      const { status, stderr } = spawnSync(program, ['-n', join(folder.path, 'script')], { encoding: 'utf8' });
      expect([status, stderr]).to.deep.equal([0, '']);
    } finally {
      await folder.remove();
    }
  });
});
