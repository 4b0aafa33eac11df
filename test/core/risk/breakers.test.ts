import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { Breakers } from '../../../src/core/risk/breakers.js';
import { judgePosition } from '../../../src/core/risk/losses.js';
import { standardLimits } from '../../../src/core/risk/presets.js';
import { only } from './a-book.js';

const at = (text: string) => Date.parse(text);
/** Monday noon in New York, winter. */
const MONDAY = at('2024-01-08T17:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const eur = instrumentId('EUR/USD');
const daily = only({ dailyLossBps: 200 });

describe('the daily loss breaker', () => {
  it('stays calm just above the limit and trips when it is reached, once', () => {
    const breakers = new Breakers(daily, 100_000);
    expect(breakers.onSlice(98_000.01, MONDAY)).toEqual([]);
    const until = at('2024-01-08T22:00:00Z');
    expect(breakers.onSlice(98_000, MONDAY)).toEqual([
      { kind: 'breaker', key: 'dailyLossBps', value: 200, limit: 200, unit: 'bps of equity', until },
    ]);
    expect(breakers.onSlice(97_000, MONDAY + 1)).toEqual([]);
    expect(breakers.blocked('any', MONDAY + 1)).toMatchObject([
      { limit: 'breaker.dailyLoss', message: expect.stringContaining('2024-01-08T22:00:00.000Z') },
    ]);
  });

  it('ends at 17:00 New York, from where the next day counts', () => {
    const breakers = new Breakers(daily, 100_000);
    breakers.onSlice(97_000, MONDAY);
    const roll = at('2024-01-08T22:00:00Z');
    expect(breakers.blocked('any', roll - 1)).toHaveLength(1);
    expect(breakers.blocked('any', roll)).toEqual([]);
    expect(breakers.onSlice(95_061, roll)).toEqual([]);
    expect(breakers.onSlice(95_060, roll)).toMatchObject([{ key: 'dailyLossBps', until: at('2024-01-09T22:00:00Z') }]);
  });

  it('knows the day in summer and on Saturdays', () => {
    const breakers = new Breakers(daily, 100_000);
    expect(breakers.onSlice(98_000, at('2024-07-13T20:59:00Z'))).toMatchObject([{ until: at('2024-07-13T21:00:00Z') }]);
    expect(breakers.onSlice(96_000, at('2024-07-13T21:00:00Z'))).toMatchObject([{ until: at('2024-07-14T21:00:00Z') }]);
  });

  it('given a start without money, trips at once', () => {
    expect(new Breakers(daily, 0).onSlice(0, MONDAY)).toMatchObject([{ value: 10_000 }]);
  });

  it('given an equity that is no number, is a bug', () => {
    expect(() => new Breakers(daily, 1).onSlice(Number.NaN, MONDAY)).toThrow('equity is a finite number');
  });
});

describe('the weekly loss latch', () => {
  const weekly = only({ weeklyLossBps: 1000 });

  it('holds until a person resumes, also over the weekend', () => {
    const breakers = new Breakers(weekly, 100_000);
    expect(breakers.onSlice(90_001, MONDAY)).toEqual([]);
    expect(breakers.onSlice(90_000, MONDAY)).toMatchObject([{ kind: 'latch', key: 'weeklyLossBps', value: 1000 }]);
    expect(breakers.onSlice(80_000, MONDAY + 1)).toEqual([]);
    expect(breakers.blocked('any', MONDAY + 30 * DAY)).toMatchObject([
      { limit: 'latch.weeklyLossBps', value: 1000, max: 1000 },
    ]);
    breakers.resume();
    expect(breakers.blocked('any', MONDAY)).toEqual([]);
    expect(breakers.onSlice(72_001, MONDAY + 2)).toEqual([]);
    expect(breakers.onSlice(72_000, MONDAY + 2)).toMatchObject([{ kind: 'latch' }]);
    expect(breakers.latches).toHaveLength(1);
  });

  it('counts from Sunday 17:00 New York', () => {
    const breakers = new Breakers(weekly, 100_000);
    breakers.onSlice(95_000, MONDAY);
    expect(breakers.onSlice(91_000, at('2024-01-14T21:59:59Z'))).toEqual([]);
    expect(breakers.onSlice(85_000, at('2024-01-14T22:00:00Z'))).toEqual([]);
    expect(breakers.onSlice(81_900, at('2024-01-15T12:00:00Z'))).toMatchObject([{ kind: 'latch' }]);
  });
});

describe('drawdown', () => {
  it('halves exposure at the first limit and restores it above', () => {
    const breakers = new Breakers(only({ drawdownReduceBps: 1000 }), 100_000);
    breakers.onSlice(200_000, MONDAY);
    expect(breakers.peak).toBe(200_000);
    expect(breakers.onSlice(180_001, MONDAY)).toEqual([]);
    expect(breakers.exposureFactor).toBe(1);
    expect(breakers.onSlice(180_000, MONDAY)).toMatchObject([
      { kind: 'breaker', key: 'drawdownReduceBps', value: 1000 },
    ]);
    expect(breakers.exposureFactor).toBe(0.5);
    expect(breakers.drawdown).toBeCloseTo(0.1, 12);
    expect(breakers.onSlice(170_000, MONDAY)).toEqual([]);
    expect(breakers.onSlice(180_001, MONDAY)).toEqual([]);
    expect(breakers.exposureFactor).toBe(1);
    expect(breakers.onSlice(179_000, MONDAY)).toHaveLength(1);
  });

  it('latches at the second limit; after a review it acts again once it was below', () => {
    const breakers = new Breakers(only({ drawdownHaltBps: 1500 }), 100_000);
    expect(breakers.onSlice(85_000, MONDAY)).toMatchObject([{ kind: 'latch', key: 'drawdownHaltBps' }]);
    expect(breakers.onSlice(84_000, MONDAY)).toEqual([]);
    breakers.resume();
    expect(breakers.onSlice(80_000, MONDAY)).toEqual([]);
    expect(breakers.onSlice(86_000, MONDAY)).toEqual([]);
    expect(breakers.onSlice(85_000, MONDAY)).toHaveLength(1);
  });

  it('latches and closes everything at the third; after a review the peak starts again', () => {
    const breakers = new Breakers(only({ drawdownHaltBps: 1500, drawdownStopBps: 2500 }), 100_000);
    expect(breakers.onSlice(75_000, MONDAY).map(({ kind, key }) => [kind, key])).toEqual([
      ['latch', 'drawdownHaltBps'],
      ['latch', 'drawdownStopBps'],
      ['close-all', 'drawdownStopBps'],
    ]);
    breakers.resume();
    expect(breakers.peak).toBe(75_000);
    expect(breakers.onSlice(74_000, MONDAY)).toEqual([]);
    expect(breakers.onSlice(63_750, MONDAY)).toHaveLength(1);
  });

  it('of a book that starts with nothing is none', () => {
    expect(new Breakers(only({}), 0).drawdown).toBe(0);
  });
});

describe('losses in a row', () => {
  const limits = only({ maxConsecutiveLosses: 3, coolDownMs: DAY });

  it('pause one strategy for a while, and count anew', () => {
    const breakers = new Breakers(limits, 1);
    expect(breakers.onTradeClosed('a', -1, MONDAY)).toEqual([]);
    expect(breakers.onTradeClosed('a', -1, MONDAY)).toEqual([]);
    expect(breakers.onTradeClosed('b', -1, MONDAY)).toEqual([]);
    expect(breakers.onTradeClosed('a', -1, MONDAY)).toMatchObject([
      { kind: 'breaker', key: 'maxConsecutiveLosses', value: 3, strategy: 'a', until: MONDAY + DAY },
    ]);
    expect(breakers.blocked('a', MONDAY + DAY - 1)).toMatchObject([{ limit: 'breaker.consecutiveLosses' }]);
    expect(breakers.blocked('a', MONDAY + DAY)).toEqual([]);
    expect(breakers.blocked('b', MONDAY)).toEqual([]);
    expect(breakers.onTradeClosed('a', -1, MONDAY)).toEqual([]);
  });

  it('are forgotten with a win', () => {
    const breakers = new Breakers(limits, 1);
    for (const pnl of [-1, -1, 0, -1, -1]) expect(breakers.onTradeClosed('a', pnl, MONDAY)).toEqual([]);
  });

  it('mean nothing when the limit is off', () => {
    expect(new Breakers(only({}), 1).onTradeClosed('a', -1, MONDAY)).toEqual([]);
  });
});

describe('repeated executions', () => {
  it('disable a strategy that does the same thing again and again', () => {
    const breakers = new Breakers(only({ maxRepeatedExecutions: 2 }), 1);
    const run = (side: string) => breakers.onExecution('a', eur, side);
    expect([run('buy'), run('buy'), run('sell'), run('buy'), run('buy')]).toEqual([[], [], [], [], []]);
    expect(run('buy')).toMatchObject([
      { kind: 'latch', key: 'maxRepeatedExecutions', value: 3, limit: 2, strategy: 'a' },
    ]);
    expect(breakers.blocked('a', MONDAY)).toMatchObject([{ limit: 'latch.maxRepeatedExecutions', unit: 'executions' }]);
    expect(breakers.blocked('b', MONDAY)).toEqual([]);
    breakers.resume();
    expect(breakers.blocked('a', MONDAY)).toEqual([]);
    expect([run('buy'), run('buy')]).toEqual([[], []]);
    breakers.onSlice(1, MONDAY);
    expect(run('buy')).toEqual([]);
  });

  it('mean nothing when the limit is off', () => {
    expect(new Breakers(only({}), 1).onExecution('a', eur, 'buy')).toEqual([]);
  });
});

describe('an open position', () => {
  const position = (unrealizedPnl: number, entryTime = MONDAY) => ({ instrument: eur, unrealizedPnl, entryTime });

  it.each`
    given                         | pnl       | days  | equity     | kind         | key
    ${'a loss just below'}        | ${-4999}  | ${0}  | ${100_000} | ${undefined} | ${undefined}
    ${'a loss of 5 % of equity'}  | ${-5000}  | ${0}  | ${100_000} | ${'exit'}    | ${'perPositionStopBps'}
    ${'a loss without equity'}    | ${-1}     | ${0}  | ${0}       | ${'exit'}    | ${'perPositionStopBps'}
    ${'a gain without equity'}    | ${1}      | ${0}  | ${-5}      | ${undefined} | ${undefined}
    ${'a gain of 20 % of equity'} | ${20_000} | ${0}  | ${100_000} | ${'alert'}   | ${'profitAlertBps'}
    ${'a gain just below'}        | ${19_999} | ${99} | ${100_000} | ${undefined} | ${undefined}
    ${'a small loss for a month'} | ${-1}     | ${30} | ${100_000} | ${'alert'}   | ${'staleLoserDays'}
    ${'a small loss for 29 days'} | ${-1}     | ${29} | ${100_000} | ${undefined} | ${undefined}
  `('given $given, calls for $kind', ({ pnl, days, equity, kind, key }) => {
    const found = judgePosition(standardLimits, position(pnl), equity, MONDAY + days * DAY);
    expect([found?.kind, found?.key]).toEqual([kind, key]);
  });

  it('calls for nothing when the limits are off', () => {
    expect(judgePosition(only({}), position(-1e9), 1, MONDAY + 99 * DAY)).toBeUndefined();
    expect(judgePosition(only({}), position(1e9), 1, MONDAY)).toBeUndefined();
  });

  it('alerts once, exits as long as it is there', () => {
    const breakers = new Breakers(standardLimits, 100_000);
    const other = { ...position(20_000), instrument: instrumentId('GBP/USD') };
    expect(breakers.onPositions([position(20_000), other], 100_000, MONDAY)).toHaveLength(2);
    expect(breakers.onPositions([position(20_000), other], 100_000, MONDAY)).toEqual([]);
    expect(breakers.onPositions([], 100_000, MONDAY)).toEqual([]);
    expect(breakers.onPositions([position(20_000)], 100_000, MONDAY)).toHaveLength(1);
    expect(breakers.onPositions([position(-9000)], 100_000, MONDAY)).toMatchObject([{ kind: 'exit', instrument: eur }]);
    expect(breakers.onPositions([position(-9000)], 100_000, MONDAY)).toHaveLength(1);
  });
});

describe('save and load', () => {
  it('goes on as if nothing had happened, through JSON, wherever it is cut', () => {
    const step = fc.record({
      move: fc.integer({ min: -900, max: 800 }),
      hours: fc.integer({ min: 0, max: 40 }),
      pnl: fc.constantFrom(-1, 1),
      resume: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, cut) => {
        let one = new Breakers(standardLimits, 100_000);
        const two = new Breakers(standardLimits, 100_000);
        let equity = 100_000;
        let now = MONDAY;
        steps.forEach(({ move, hours, pnl, resume }, index) => {
          if (index === cut) {
            const state = JSON.parse(JSON.stringify(one.save()));
            one = new Breakers(standardLimits, 1);
            one.load(state);
          }
          equity *= 1 + move / 10_000;
          now += hours * HOUR;
          const run = (breakers: Breakers) => [
            breakers.onSlice(equity, now),
            breakers.onTradeClosed('a', pnl, now),
            breakers.onExecution('a', eur, 'buy'),
            breakers.onPositions([{ instrument: eur, unrealizedPnl: move * 30, entryTime: MONDAY }], equity, now),
            breakers.blocked('a', now),
            breakers.exposureFactor,
            resume === 0 ? breakers.resume() : undefined,
            breakers.save(),
          ];
          expect(run(one)).toEqual(run(two));
        });
      }),
    );
  });

  it('forgets a reduced exposure whose limit was switched off meanwhile', () => {
    const before = new Breakers(only({ drawdownReduceBps: 1000 }), 100_000);
    before.onSlice(85_000, MONDAY);
    const after = new Breakers(only({}), 100_000);
    after.load(before.save());
    expect(after.exposureFactor).toBe(0.5);
    expect(after.onSlice(85_000, MONDAY + 1)).toEqual([]);
    expect(after.exposureFactor).toBe(1);
  });

  it('never stays calm where a breaker that judges every slice would act', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -400, max: 400 }), { maxLength: 60 }), (moves) => {
        const breakers = new Breakers(only({ drawdownHaltBps: 700 }), 100_000);
        let equity = 100_000;
        let peak = equity;
        for (const move of moves) {
          equity *= 1 + move / 10_000;
          peak = Math.max(peak, equity);
          breakers.onSlice(equity, MONDAY);
          const reached = (peak - equity) / peak >= 0.07;
          if (reached) return breakers.latches.length === 1;
          if (breakers.latches.length > 0) return false;
        }
        return true;
      }),
    );
  });
});
