import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tradeStats } from '../../../src/core/analytics/trades.js';
import { isNumber } from '../../../src/core/math/stats.js';

const profits = fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 60 });
const risks = (list: readonly number[]) => list.map(() => 50);

describe('trade statistics', () => {
  it('follow from their definitions', () => {
    const stats = tradeStats([100, 50, -30, 0, -20, -10, 60], [50, 50, 50, 50, 50, 50, Number.NaN]);
    expect(stats).toMatchObject({ n: 7, wins: 3, losses: 3, breakeven: 1, winRate: 0.5, maxConsecWins: 2 });
    expect(stats).toMatchObject({ grossProfit: 210, grossLoss: 60, profitFactor: 3.5, avgWin: 70, avgLoss: 20 });
    expect(stats).toMatchObject({ payoff: 3.5, expectancy: 150 / 7, maxConsecLosses: 2 });
    expect(stats.kellyTrade).toBeCloseTo(0.5 - 0.5 / 3.5, 12);
    // Only six trades had a stop: R is 2, 1, −0.6, 0, −0.4, −0.2.
    expect(stats.expectancyR).toBeCloseTo(0.3, 12);
    expect(stats.sqn).toBeCloseTo((Math.sqrt(6) * 0.3) / Math.sqrt((5.56 - 6 * 0.09) / 5), 12);
  });

  it.each`
    given            | pnl          | risk         | expected
    ${'no trades'}   | ${[]}        | ${[]}        | ${{ n: 0, winRate: 'NO_TRADES', expectancy: 'NO_TRADES', sqn: 'NO_TRADES', kellyTrade: 'NO_TRADES' }}
    ${'no losses'}   | ${[1, 2]}    | ${[1, 1]}    | ${{ winRate: 1, profitFactor: 'NO_LOSSES', kellyTrade: 'NO_LOSSES' }}
    ${'no wins'}     | ${[-1, -2]}  | ${[1, 1]}    | ${{ winRate: 0, profitFactor: 0, payoff: 'NO_WINS' }}
    ${'zeros only'}  | ${[0]}       | ${[1]}       | ${{ winRate: 'ALL_BREAK_EVEN', expectancy: 0, sqn: 'TOO_FEW' }}
    ${'equal R'}     | ${[3, 3, 3]} | ${[1, 1, 1]} | ${{ sqn: 'ZERO_VARIANCE', expectancyR: 3 }}
    ${'no stops'}    | ${[3, -1]}   | ${[]}        | ${{ sqn: 'NO_STOPS', expectancyR: 'NO_STOPS' }}
    ${'a zero risk'} | ${[3, -1]}   | ${[0, 0]}    | ${{ sqn: 'NO_STOPS' }}
  `('$given', ({ pnl, risk, expected }) => {
    expect(tradeStats(pnl, risk)).toMatchObject(expected);
  });

  it('count every trade once, and break runs at a zero', () => {
    fc.assert(
      fc.property(profits, (list) => {
        const stats = tradeStats(list, []);
        expect(stats.wins + stats.losses + stats.breakeven).toBe(list.length);
        expect(stats.maxConsecWins).toBeLessThanOrEqual(stats.wins);
        const apart = list.flatMap((pnl) => [pnl, 0]);
        expect(tradeStats(apart, []).maxConsecWins).toBe(Math.min(1, stats.wins));
      }),
    );
  });

  it('ratios do not change with the currency or the order, money does scale', () => {
    fc.assert(
      fc.property(profits, (list) => {
        const one = tradeStats(list, risks(list));
        const other = tradeStats(
          list.map((pnl) => pnl * 4).reverse(),
          risks(list).map((risk) => risk * 4),
        );
        for (const key of ['winRate', 'profitFactor', 'payoff', 'kellyTrade', 'sqn', 'expectancyR'] as const) {
          const [a, b] = [one[key], other[key]];
          if (isNumber(a)) expect(b).toBeCloseTo(a, 9);
          else expect(b).toBe(a);
        }
        expect(other.expectancy).toBeCloseTo(Number(one.expectancy) * 4, 9);
      }),
    );
  });

  it('mirroring every trade swaps wins and losses', () => {
    fc.assert(
      fc.property(profits, (list) => {
        const one = tradeStats(list, []);
        const other = tradeStats(
          list.map((pnl) => -pnl),
          [],
        );
        expect([other.wins, other.losses, other.grossProfit]).toEqual([one.losses, one.wins, one.grossLoss]);
        if (isNumber(one.profitFactor) && isNumber(other.profitFactor)) {
          expect(one.profitFactor * other.profitFactor).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it('living the same trades twice keeps the averages, and raises the quality number only below 100 trades', () => {
    fc.assert(
      fc.property(profits, (list) => {
        const one = tradeStats(list, risks(list));
        const two = tradeStats([...list, ...list], risks([...list, ...list]));
        expect(two.winRate).toEqual(one.winRate);
        if (isNumber(one.profitFactor)) expect(two.profitFactor).toBeCloseTo(one.profitFactor, 9);
        if (isNumber(one.sqn) && one.sqn > 0) expect(Number(two.sqn)).toBeGreaterThan(one.sqn);
        if (isNumber(two.sqn) && two.n <= 100) expect(two.sqn100).toBe(two.sqn);
      }),
    );
  });
});
