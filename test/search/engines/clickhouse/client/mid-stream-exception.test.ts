import { expect } from 'chai';
import fc from 'fast-check';
import { detectException } from '../../../../../src/search/engines/clickhouse/client/mid-stream-exception.js';

const TAG = 'kvrvlafdjunwegmo';
const MARKER = `\r\n__exception__\r\n${TAG}\r\n`;
const EXCEPTION = `Code: 210. DB::NetException: Connection refused (näh). (NETWORK_ERROR) (version 26.7)\n90 ${TAG}\r\n__exception__\r\n`;

/** Output with parts that look like the marker. */
const output = fc
  .array(
    fc.oneof(fc.constantFrom('\r', '\r\n', '\r\n__exception__\r\n', MARKER.slice(0, -1), MARKER.slice(1)), fc.string()),
  )
  .map((parts) => parts.join('x'));
const MAX_CHUNK_BYTES = 80;
const cuts = fc.array(fc.integer({ min: 1, max: MAX_CHUNK_BYTES }), { minLength: 1 });

describe('detectException', () => {
  it('throws the exception and yields no part of it, wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(output, cuts, fc.boolean(), async (output, cuts, isBroken) => {
        const { sent, failure } = await read(output + MARKER + EXCEPTION, cuts, isBroken);
        expect(output).to.satisfy((all: string) => all.startsWith(sent));
        // The bytes held back, and those in the same chunk as the marker, may be missing.
        expect(output.length - sent.length).to.be.below(MARKER.length + MAX_CHUNK_BYTES);
        expect(failure).to.include({ code: '210' });
        expect(failure?.message).to.match(/^Connection refused \(näh\)\. /);
      }),
    );
  });

  it('yields all of a response without a marker', async () => {
    await fc.assert(
      fc.asyncProperty(output, cuts, async (output, cuts) => {
        expect(await read(output, cuts, false)).to.deep.equal({ sent: output, failure: undefined });
      }),
    );
  });

  it('throws the error of a broken connection', async () => {
    const { failure } = await read('some of it', [3], true);
    expect(failure?.message).to.equal('aborted');
  });
});

/** @param cuts the sizes of the chunks, repeated */
async function read(text: string, cuts: readonly number[], isBroken: boolean) {
  const bytes = Buffer.from(text);
  const chunks = (async function* () {
    for (let at = 0, n = 0; at < bytes.length; n += 1) {
      const end = at + (cuts[n % cuts.length] as number);
      yield bytes.subarray(at, end);
      at = end;
    }
    if (isBroken) throw new Error('aborted');
  })();
  const sent: Buffer[] = [];
  try {
    for await (const chunk of detectException(chunks, TAG)) sent.push(chunk);
    return { sent: Buffer.concat(sent).toString(), failure: undefined };
  } catch (error) {
    return { sent: Buffer.concat(sent).toString(), failure: error as Error & { code?: string } };
  }
}
