// The tools answer the calls of docs/mcp.md as documented.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectMcp, type McpClient } from './helpers/mcp.js';
import { PROJECT } from './helpers/project.js';
import { useApp } from './helpers/use-app.js';

const document = readFileSync(join(PROJECT, 'docs/mcp.md'), 'utf8');
const calls = [...document.matchAll(/^```json\n(\{"name".*?)\n```\n\n```text\n(.*?)\n```$/gms)];

describe('docs/mcp.md', () => {
  const suite = useApp();
  let mcp: McpClient;
  before(async () => {
    mcp = await connectMcp(suite.url);
  });
  after(() => mcp.client.close());

  it('has a session', () => {
    expect(calls).to.have.length.above(4);
  });

  for (const [, call = '', answer = ''] of calls) {
    it(`documents the answer to ${call}`, async () => {
      const { name, arguments: input } = JSON.parse(call) as { name: string; arguments: object };
      expect((await mcp.call(name, input)).text).to.equal(answer);
    });
  }

  it('names every tool, and no other', async () => {
    const { tools } = await mcp.client.listTools();
    const named = [...document.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named).to.have.members(tools.map(({ name }) => name));
  });
});
