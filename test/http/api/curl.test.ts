import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { curl } from '../../../src/http/api/curl.js';

describe('curl', () => {
  it('quotes any request and origin for a shell', () => {
    const term = `it's "$(id)" \`id\` \\ ' ; & | \n`;
    const origin = "http://x';touch /tmp/taken;'";
    const words = execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${curl({ term }, origin)}`], {
      encoding: 'utf8',
    });
    expect(words.split('\0')).to.deep.equal([
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify({ term }),
      `${origin}/api/v1/json`,
      '',
    ]);
  });
});
