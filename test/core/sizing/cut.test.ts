import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { within } from '../../../src/core/base/num.js';
import { type CutInput, cutToLimits } from '../../../src/core/sizing/cut.js';

const wish = (change: Partial<CutInput> = {}): CutInput => ({
  units: 100_000,
  price: 1.25,
  quoteToAccount: 1,
  equity: 100_000,
  stopDistance: 0.005,
  perTradeRiskBps: 100,
  maxPositionBps: 20_000,
  lotStep: 1,
  minUnits: 1,
  ...change,
});

describe('a size cut to its limits', () => {
  it.each`
    given                                       | change                                                               | units       | cutBy
    ${'inside both'}                            | ${{}}                                                                | ${100_000}  | ${undefined}
    ${'exactly at the risk of the trade'}       | ${{ units: 200_000, maxPositionBps: null }}                          | ${200_000}  | ${undefined}
    ${'above the risk of the trade'}            | ${{ units: 200_001, maxPositionBps: null }}                          | ${200_000}  | ${'perTradeRiskBps'}
    ${'above the risk of the trade, short'}     | ${{ units: -300_000, maxPositionBps: null }}                         | ${-200_000} | ${'perTradeRiskBps'}
    ${'above the position'}                     | ${{ maxPositionBps: 1_000 }}                                         | ${8_000}    | ${'maxPositionBps'}
    ${'above the position, short'}              | ${{ units: -100_000, maxPositionBps: 1_000 }}                        | ${-8_000}   | ${'maxPositionBps'}
    ${'above both, the risk being tighter'}     | ${{ units: 500_000, perTradeRiskBps: 10 }}                           | ${20_000}   | ${'perTradeRiskBps'}
    ${'above both, the position being tighter'} | ${{ units: 500_000, maxPositionBps: 1_000 }}                         | ${8_000}    | ${'maxPositionBps'}
    ${'without a stop'}                         | ${{ units: 999_999, stopDistance: undefined, maxPositionBps: null }} | ${999_999}  | ${undefined}
    ${'with a stop at the entry'}               | ${{ units: 999_999, stopDistance: 0, maxPositionBps: null }}         | ${999_999}  | ${undefined}
    ${'without limits'}                         | ${{ units: 9e8, perTradeRiskBps: null, maxPositionBps: null }}       | ${9e8}      | ${undefined}
    ${'off the grid'}                           | ${{ units: 1_234.5, lotStep: 100, minUnits: 100 }}                   | ${1_200}    | ${undefined}
  `('$given leaves $units units', ({ change, units, cutBy }) => {
    const cut = cutToLimits(wish(change));
    expect(cut.units).toBe(units);
    expect(cut.cutBy).toBe(cutBy);
    expect(cut.reason).toBeUndefined();
  });

  it.each`
    given                    | change                                    | reason
    ${'no price'}            | ${{ price: NaN }}                         | ${'NO_PRICE'}
    ${'no conversion'}       | ${{ quoteToAccount: NaN }}                | ${'NO_PRICE'}
    ${'no equity left'}      | ${{ equity: -10 }}                        | ${'BELOW_MIN_SIZE'}
    ${'less than the least'} | ${{ maxPositionBps: 1, minUnits: 1_000 }} | ${'BELOW_MIN_SIZE'}
    ${'nothing asked for'}   | ${{ units: 0 }}                           | ${'BELOW_MIN_SIZE'}
  `('$given leaves nothing: $reason', ({ change, reason }) => {
    expect(cutToLimits(wish(change))).toMatchObject({ units: 0, reason });
  });

  it('never grows, never breaks a limit, never leaves the grid; a tighter limit never leaves more', () => {
    const positive = (max: number) => fc.double({ min: 1e-4, max, noNaN: true });
    const bps = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(positive(1e7), positive(200), positive(3), positive(1e6), positive(5), bps, bps, (...values) => {
        const [units, price, quoteToAccount, equity, stopDistance, perTradeRiskBps, maxPositionBps] = values;
        const input = { units, price, quoteToAccount, equity, stopDistance, perTradeRiskBps, maxPositionBps };
        const cut = cutToLimits({ ...input, lotStep: 0.01, minUnits: 0.01 }).units;
        expect(within(cut, units)).toBe(true);
        expect(within(cut * stopDistance * quoteToAccount, ((equity * perTradeRiskBps) / 1e4) * (1 + 1e-8))).toBe(true);
        expect(within(cut * price * quoteToAccount, ((equity * maxPositionBps) / 1e4) * (1 + 1e-8))).toBe(true);
        const tighter = cutToLimits({
          ...input,
          maxPositionBps: maxPositionBps / 2,
          lotStep: 0.01,
          minUnits: 0.01,
        }).units;
        expect(tighter).toBeLessThanOrEqual(cut);
      }),
    );
  });
});
