import { expect } from 'chai';
import { settingNames, takeSettings } from '../../src/cli/setting-options.js';
import { OperatorError } from '../../src/errors.js';

const take = (...args: string[]) => takeSettings(args, settingNames, '/home/reader');

describe('takeSettings', () => {
  it('takes settings in both forms, and leaves other arguments in their order', () => {
    expect(take('texts', '--port', '8080', '--list', '--host=::1', '--', '--port', '1')).to.deep.equal({
      env: { PORT: '8080', HOST: '::1' },
      rest: ['texts', '--list', '--', '--port', '1'],
    });
  });

  it('takes flags, which have a negative form', () => {
    expect(take('--uploads', 'a', '--no-index', '--log-terms=maybe')).to.deep.equal({
      env: { UPLOADS: 'true', INDEX: 'false', LOG_TERMS: 'maybe' },
      rest: ['a'],
    });
  });

  it("resolves paths relative to the user's folder", () => {
    expect(take('--api-keys', 'keys', '--index-dir=/var/index').env).to.deep.equal({
      API_KEYS: '/home/reader/keys',
      INDEX_DIR: '/var/index',
    });
  });

  it('takes only the settings of the command', () => {
    expect(takeSettings(['--port', '1', '--api-keys', '/k'], ['API_KEYS'], '/')).to.deep.equal({
      env: { API_KEYS: '/k' },
      rest: ['--port', '1'],
    });
    expect(take('--no-port').rest).to.deep.equal(['--no-port']);
  });

  for (const args of [['--port'], ['--port='], ['--port', '--host', '::1']]) {
    it(`rejects a missing value: ${args.join(' ')}`, () => {
      expect(() => take(...args)).to.throw(OperatorError, '"--port" needs a value: an integer from 0 to 65535');
    });
  }

  it('rejects a secret, without repeating it', () => {
    expect(() => take('--clickhouse-url', 'http://grepd:hidden@node/grepd')).to.throw(
      OperatorError,
      /^Other users can read .*: set CLICKHOUSE_URL instead of "--clickhouse-url"\.$/,
    );
    expect(settingNames).to.not.include('CLICKHOUSE_URL');
  });
});
