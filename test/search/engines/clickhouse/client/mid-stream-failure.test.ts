import { expect } from 'chai';
import fc from 'fast-check';
import { withoutFailure } from '../../../../../src/search/engines/clickhouse/client/mid-stream-failure.js';

const TAG = 'kvrvlafdjunwegmo';
const MARK = `\r\n__exception__\r\n${TAG}\r\n`;
const FAILURE = `Code: 210. DB::NetException: Connection refused (näh). (NETWORK_ERROR) (version 26.7)\n90 ${TAG}\r\n__exception__\r\n`;

/** Bytes, among them what begins as the mark does. */
const answer = fc
  .array(
    fc.oneof(fc.constantFrom('\r', '\r\n', '\r\n__exception__\r\n', MARK.slice(0, -1), MARK.slice(1)), fc.string()),
  )
  .map((parts) => parts.join('x'));
const LONGEST = 80;
const cuts = fc.array(fc.integer({ min: 1, max: LONGEST }), { minLength: 1 });

describe('a failure in mid-answer', () => {
  it('is no part of the answer, wherever pieces end', async () => {
    await fc.assert(
      fc.asyncProperty(answer, cuts, fc.boolean(), async (answer, cuts, isBrokenOff) => {
        const { sent, failure } = await read(answer + MARK + FAILURE, cuts, isBrokenOff);
        expect(answer).to.satisfy((all: string) => all.startsWith(sent));
        // Without what was held, and what came together with the mark.
        expect(answer.length - sent.length).to.be.below(MARK.length + LONGEST);
        expect(failure).to.include({ code: '210' });
        expect(failure?.message).to.match(/^Connection refused \(näh\)\. /);
      }),
    );
  });

  it('is none where there is no mark: all of the answer is there', async () => {
    await fc.assert(
      fc.asyncProperty(answer, cuts, async (answer, cuts) => {
        expect(await read(answer, cuts, false)).to.deep.equal({ sent: answer, failure: undefined });
      }),
    );
  });

  it('is that of the connection where that breaks', async () => {
    const { failure } = await read('some of it', [3], true);
    expect(failure?.message).to.equal('aborted');
  });
});

async function read(text: string, cuts: readonly number[], isBrokenOff: boolean) {
  const bytes = Buffer.from(text);
  const pieces = (async function* () {
    for (let at = 0, n = 0; at < bytes.length; n += 1) {
      const end = at + (cuts[n % cuts.length] as number);
      yield bytes.subarray(at, end);
      at = end;
    }
    if (isBrokenOff) throw new Error('aborted');
  })();
  const sent: Buffer[] = [];
  try {
    for await (const piece of withoutFailure(pieces, TAG)) sent.push(piece);
    return { sent: Buffer.concat(sent).toString(), failure: undefined };
  } catch (error) {
    return { sent: Buffer.concat(sent).toString(), failure: error as Error & { code?: string } };
  }
}
