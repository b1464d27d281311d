import { expect } from 'chai';
import fc from 'fast-check';
import { createClient } from '../../src/client/index.js';

/** Splits bytes at these positions. */
function split(bytes: Uint8Array, positions: number[]): Uint8Array[] {
  const ends = [...new Set(positions.map((position) => position % (bytes.length + 1))), bytes.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, at) => bytes.slice(ends[at - 1] ?? 0, end));
}

describe('a stream of the client', () => {
  it('is the same however its bytes are split', async () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(), { maxLength: 12 }), async (results, positions) => {
        const lines = [...results, { 'nr of entries': results.length }].map((value) => `${JSON.stringify(value)}\n`);
        const parts = split(new TextEncoder().encode(lines.join('')), positions);
        const body = new ReadableStream({
          pull(controller) {
            const part = parts.shift();
            if (part === undefined) controller.close();
            else controller.enqueue(part);
          },
        });
        const fetch = async () => new Response(body, { headers: { 'Content-Type': 'application/x-ndjson' } });
        const stream = createClient({ url: 'http://a', fetch }).listStream();
        const read: string[] = [];
        for await (const result of stream) read.push(result);
        expect(read).to.deep.equal(results);
        expect(stream.summary).to.deep.equal({ nrOfEntries: results.length });
      }),
    );
  });
});
