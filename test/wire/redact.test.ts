import { describe, expect, it } from 'vitest';
import { redacted } from '../../src/wire/redact.js';

describe('a text from the network', () => {
  it.each([
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [hidden]'],
    ['secret: s3cr3t, and more', 'secret: [hidden], and more'],
    ['?api_key=K1&x=2', '?api_key=[hidden]&x=2'],
    ['https://user:pass@host/', 'https://[hidden]@host/'],
  ])('%s is told as %s', (said, told) => {
    expect(redacted(said)).toBe(told);
  });

  it('keeps the words after the code of an error', () => {
    const said = 'CONFIG.MISSING_SECRET: tiingo needs TIINGO_API_KEY, which is not set';
    expect(redacted(said)).toBe(said);
  });
});
