import { expect } from 'chai';
import { readConcurrently } from '../../src/concurrency/read-concurrently.js';

describe('readConcurrently', () => {
  async function* endless(signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      yield Buffer.from('x');
    }
  }
  async function* short(): AsyncGenerator<Buffer, void, void> {
    yield Buffer.from('one');
    yield Buffer.from('two');
  }
  const readAll = async (chunks: AsyncIterable<Buffer>) => {
    for await (const _ of chunks);
    return true;
  };

  it('reads each source with its own reader', async () => {
    const texts = ['', ''];
    const isComplete = await readConcurrently([short, short], async (chunks, source) => {
      for await (const chunk of chunks) texts[source] = `${texts[source]}${chunk}`;
      return true;
    });
    expect(isComplete).to.equal(true);
    expect(texts).to.deep.equal(['onetwo', 'onetwo']);
  });

  it('stops the other sources when a reader needs nothing more', async () => {
    const isComplete = await readConcurrently([endless, short, endless], async (chunks, source) =>
      source === 1 ? false : readAll(chunks),
    );
    expect(isComplete).to.equal(false);
  });

  it('stops the other sources when one fails, and throws its failure', async () => {
    const failing = async function* (): AsyncGenerator<Buffer, void, void> {
      yield Buffer.from('x');
      throw new Error('broken');
    };
    const failure = await readConcurrently([endless, failing], readAll).catch((error) => error);
    expect(failure.message).to.equal('broken');
  });
});
