import { ClickHouseError } from '@clickhouse/client';
import { expect } from 'chai';
import { redactLiterals } from '../../../../../src/search/engines/clickhouse/client/cluster-failures.js';

describe('redactLiterals', () => {
  it('truncates a message of ClickHouse at its first literal', () => {
    const message = "Unknown identifier `x` in scope SELECT x WHERE text LIKE '%it\\'s secret%' AND y";
    const error = new ClickHouseError({ code: '47', type: 'UNKNOWN_IDENTIFIER', message });
    const cut = redactLiterals(error) as ClickHouseError;
    expect(cut.message).to.equal('Unknown identifier `x` in scope SELECT x WHERE text LIKE …');
    expect([cut.code, cut.type]).to.deep.equal(['47', 'UNKNOWN_IDENTIFIER']);
    expect(cut.stack).to.not.include('secret');
  });

  it('returns other errors as they are', () => {
    const error = new Error("it's here");
    expect(redactLiterals(error)).to.equal(error);
  });
});
