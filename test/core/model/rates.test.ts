import { describe, expect, it } from 'vitest';
import { knowledgeTime, RateBook } from '../../../src/core/model/rates.js';

describe('rates as they were known', () => {
  const series = { currency: 'USD', knownAt: new Float64Array([100, 200, 300]), rate: new Float64Array([1, 2, 3]) };

  it('gives what was known then, forward and after a step back', () => {
    const book = new RateBook([series]);
    expect([99, 100, 199, 200, 999, 150, 50].map((ts) => book.at('USD', ts))).toEqual([
      undefined,
      1,
      1,
      2,
      3,
      1,
      undefined,
    ]);
    expect([50, 250].map((ts) => book.knownAt('USD', ts))).toEqual([undefined, 200]);
  });

  it('knows nothing of other currencies', () => {
    const book = new RateBook([series]);
    expect([book.at('EUR', 500), book.knownAt('EUR', 500), book.isEmpty, new RateBook([]).isEmpty]).toEqual([
      undefined,
      undefined,
      false,
      true,
    ]);
  });

  it.each([
    ['2024-03-28T21:00:00Z', true, '2024-03-31T23:59:59.999Z'],
    ['2024-03-28T21:00:00Z', false, '2024-03-28T21:00:00.000Z'],
    ['2024-04-01T00:00:00Z', true, '2024-04-01T00:00:00.000Z'],
  ])('a bar of %s that ends its month (%s) knows up to %s', (ts, ends, known) => {
    expect(new Date(knowledgeTime(Date.parse(ts), ends)).toISOString()).toBe(known);
  });
});
