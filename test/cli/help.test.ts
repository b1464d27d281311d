import { expect } from 'chai';
import { optionsOf } from '../../src/cli/command-options.js';
import { commandEntries } from '../../src/cli/command-table.js';
import { help, renderCommandHelp, renderHelp } from '../../src/cli/help.js';
import { renderManPage } from '../../src/cli/man-page.js';

describe('the help', () => {
  it('lists every command', () => {
    for (const [name] of commandEntries) expect(renderHelp()).to.match(new RegExp(`^  ${name} +[A-Z]`, 'm'));
  });

  for (const [name] of commandEntries) {
    it(`of ${name} explains every option, in lines of at most 80 columns`, () => {
      const text = renderCommandHelp(name);
      for (const { options } of optionsOf(name))
        for (const { synopsis } of options) expect(text).to.include(`  ${synopsis}`);
      // A long word, such as a URL, stays in one piece.
      const lines = text.split('\n').filter((line) => line.trim().includes(' '));
      for (const line of lines) expect(line.length, line).to.be.at.most(80);
      expect(text)
        .to.match(new RegExp(`^Usage: grepd ${name}`))
        .and.not.match(/`|npm run/);
    });
  }

  it('rejects an unknown command by name', async () => {
    const failure = await help(['stat']).catch((error: Error) => error.message);
    expect(failure).to.match(/^There is no command "stat"\. Commands: serve, start, /);
  });

  it('is also a man page, with every option', () => {
    const page = renderManPage();
    for (const [name, { options }] of commandEntries) {
      expect(page).to.include(`\n.SS ${name}\n`);
      for (const option of Object.keys(options)) expect(page).to.include(`\\-\\-${option.replaceAll('-', '\\-')}`);
    }
    // A line that begins with one of these would be a macro.
    expect(page).to.not.match(/^'|^\.(?!\\"|TH|SH|SS|TP|PP|BR?|br)/m);
  });
});
