import { expect } from 'chai';
import { pino } from 'pino';
import sinon from 'sinon';
import { Lifecycle } from '../../src/runtime/lifecycle.js';

describe('Lifecycle', () => {
  let exit: sinon.SinonSpy;
  let lifecycle: Lifecycle;
  beforeEach(() => {
    exit = sinon.spy();
    lifecycle = new Lifecycle({ log: pino({ level: 'silent' }), exit });
  });

  it('goes from starting to ready to draining, and never back', async () => {
    expect(lifecycle.phase).to.equal('starting');
    lifecycle.ready();
    expect(lifecycle.phase).to.equal('ready');
    await lifecycle.drain('test');
    expect(lifecycle.phase).to.equal('draining');
    lifecycle.ready();
    expect(lifecycle.phase).to.equal('draining');
  });

  it('runs the steps one after the other, then exits with 0', async () => {
    const events: string[] = [];
    for (const name of ['first', 'second']) {
      lifecycle.onDrain(name, async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} ends`);
      });
    }
    await lifecycle.drain('test');
    expect(events).to.deep.equal(['first begins', 'first ends', 'second begins', 'second ends']);
    sinon.assert.calledOnceWithExactly(exit, 0);
  });

  it('ignores a second signal', async () => {
    const step = sinon.stub().resolves();
    lifecycle.onDrain('step', step);
    await Promise.all([lifecycle.drain('SIGINT'), lifecycle.drain('SIGINT'), lifecycle.drain('SIGTERM')]);
    sinon.assert.calledOnce(step);
    sinon.assert.calledOnce(exit);
  });

  it('continues after a failed step, then exits with 1', async () => {
    const next = sinon.stub().resolves();
    lifecycle.onDrain('broken', () => Promise.reject(new Error('broken')));
    lifecycle.onDrain('next', next);
    await lifecycle.drain('test');
    sinon.assert.calledOnce(next);
    sinon.assert.calledOnceWithExactly(exit, 1);
  });

  it('closes everything concurrently after the last step', async () => {
    const events: string[] = [];
    let closeFirst = () => {};
    lifecycle.onClose('first', async () => {
      events.push('first closes');
      await new Promise<void>((resolve) => {
        closeFirst = resolve;
      });
    });
    lifecycle.onClose('broken', () => Promise.reject(new Error('broken')));
    lifecycle.onClose('second', async () => {
      events.push('second closes');
      closeFirst();
    });
    lifecycle.onDrain('step', async () => {
      events.push('step');
    });
    await lifecycle.drain('test');
    expect(events).to.deep.equal(['step', 'first closes', 'second closes']);
    sinon.assert.calledOnceWithExactly(exit, 1);
  });

  it('exits even if something never closes', async () => {
    const warn = sinon.spy();
    const log = Object.assign(pino({ level: 'silent' }), { warn });
    lifecycle = new Lifecycle({ log, exit });
    lifecycle.onClose('stuck', () => new Promise(() => {}));
    lifecycle.onClose('other', async () => {});
    await lifecycle.drain('test');
    sinon.assert.calledOnceWithExactly(exit, 0);
    sinon.assert.calledOnceWithMatch(warn, { open: ['stuck'] }, 'close timed out');
  });

  it('drains and exits with 1 after an uncaught error', async () => {
    const step = sinon.stub().resolves();
    lifecycle.onDrain('step', step);
    lifecycle.fail(new Error('bug'));
    expect(lifecycle.phase).to.equal('draining');
    await new Promise((resolve) => setImmediate(resolve));
    sinon.assert.calledOnce(step);
    sinon.assert.calledOnceWithExactly(exit, 1);
  });
});
