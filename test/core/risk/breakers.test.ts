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
    // Recovered is recovered, by however little.
    expect(breakers.onSlice(180_000.0006, MONDAY)).toEqual([]);
    expect(breakers.exposureFactor).toBe(1);
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

describe('an alert', () => {
  const winner = (symbol: string, entryTime = MONDAY) => ({
    instrument: instrumentId(symbol),
    unrealizedPnl: 20_000,
    entryTime,
  });
  const given = (breakers: Breakers, ...open: ReturnType<typeof winner>[]) =>
    breakers.onPositions(open, 100_000, MONDAY + 40 * DAY).map(({ instrument, key }) => `${instrument} ${key}`);

  it('is given for each position of its own, and for each reason', () => {
    const breakers = new Breakers(standardLimits, 100_000);
    expect(given(breakers, winner('EUR/USD'))).toEqual(['EUR/USD profitAlertBps']);
    expect(given(breakers, winner('EUR/USD'), winner('GBP/USD'))).toEqual(['GBP/USD profitAlertBps']);
    expect(given(breakers, winner('EUR/USD'), winner('GBP/USD', MONDAY + 1))).toEqual(['GBP/USD profitAlertBps']);
    expect(given(breakers, { ...winner('EUR/USD'), unrealizedPnl: -1 })).toEqual(['EUR/USD staleLoserDays']);
  });
});

describe('what blocks entries', () => {
  it('is told in full: what, until when, or until whom', () => {
    const breakers = new Breakers(
      only({ dailyLossBps: 200, weeklyLossBps: 500, maxConsecutiveLosses: 1, coolDownMs: DAY }),
      100_000,
    );
    breakers.onTradeClosed('a', -1, MONDAY);
    breakers.onSlice(95_000, MONDAY);
    const until = { value: null, max: null, unit: '' };
    expect(breakers.blocked('a', MONDAY)).toEqual([
      {
        limit: 'breaker.dailyLoss',
        ...until,
        message: 'daily loss limit was reached: no entries until 2024-01-08T22:00:00.000Z',
      },
      {
        limit: 'breaker.consecutiveLosses',
        ...until,
        message: 'too many losses in a row: no entries until 2024-01-09T17:00:00.000Z',
      },
      {
        limit: 'latch.weeklyLossBps',
        value: 500,
        max: 500,
        unit: 'bps of equity',
        message: 'weeklyLossBps was reached: no entries until a person resumes',
      },
    ]);
  });

  it('is one shared list while there is nothing, and so is what happened', () => {
    const breakers = new Breakers(standardLimits, 100_000);
    const calm = breakers.onSlice(100_000, MONDAY);
    expect(breakers.onSlice(99_999, MONDAY)).toBe(calm);
    expect(breakers.onPositions([], 1, MONDAY)).toBe(calm);
    expect(breakers.blocked('a', MONDAY)).toBe(breakers.blocked('b', MONDAY));
  });

  it('is nothing before the first price', () => {
    const breakers = new Breakers(standardLimits, 100_000);
    expect([breakers.exposureFactor, breakers.drawdown, breakers.peak]).toEqual([1, 0, 100_000]);
    expect(breakers.save()).toMatchObject({ dailyTripped: false, reduced: false, latches: [], strategies: {} });
    expect(new Breakers(only({ drawdownReduceBps: 1000 }), 100_000).onSlice(90_000, MONDAY)).toHaveLength(1);
  });
});

describe('effects', () => {
  it('carry value, limit and unit', () => {
    const breakers = new Breakers(only({ maxConsecutiveLosses: 1, maxRepeatedExecutions: 1, coolDownMs: 5 }), 1);
    expect(breakers.onTradeClosed('a', -1, 10)).toEqual([
      {
        kind: 'breaker',
        key: 'maxConsecutiveLosses',
        value: 1,
        limit: 1,
        unit: 'losses',
        until: 15,
        strategy: 'a',
      },
    ]);
    breakers.onExecution('a', eur, 'buy');
    expect(breakers.onExecution('a', eur, 'buy')).toEqual([
      { kind: 'latch', key: 'maxRepeatedExecutions', value: 2, limit: 1, unit: 'executions', strategy: 'a' },
    ]);
  });

  it('are told once, whatever else happens meanwhile', () => {
    const breakers = new Breakers(
      only({ dailyLossBps: 200, weeklyLossBps: 500, drawdownHaltBps: 600, drawdownStopBps: 5000 }),
      100_000,
    );
    const keys = (equity: number, now: number) => breakers.onSlice(equity, now).map(({ key }) => key);
    expect(keys(94_000, MONDAY)).toEqual(['dailyLossBps', 'weeklyLossBps', 'drawdownHaltBps']);
    expect(keys(92_000, MONDAY + DAY)).toEqual(['dailyLossBps']);
    breakers.resume();
    expect(breakers.save().reviewed).toEqual(['drawdownHaltBps']);
    // Reviewed is reviewed; the week began again at 92,000.
    expect(keys(90_000, MONDAY + 2 * DAY)).toEqual(['dailyLossBps']);
    expect(keys(87_400, MONDAY + 2 * DAY)).toEqual(['weeklyLossBps']);
  });
});

describe('a week', () => {
  it('counts over its days', () => {
    const breakers = new Breakers(only({ weeklyLossBps: 1000 }), 100_000);
    expect(breakers.onSlice(95_000, MONDAY)).toEqual([]);
    expect(breakers.onSlice(94_000, MONDAY + DAY)).toEqual([]);
    expect(breakers.onSlice(90_000, MONDAY + 2 * DAY)).toMatchObject([{ key: 'weeklyLossBps' }]);
  });

  it('goes on when a person has looked at something else', () => {
    const breakers = new Breakers(only({ weeklyLossBps: 1000, drawdownHaltBps: 500 }), 100_000);
    expect(breakers.onSlice(95_000, MONDAY)).toMatchObject([{ key: 'drawdownHaltBps' }]);
    breakers.resume();
    expect(breakers.peak).toBe(100_000);
    expect(breakers.onSlice(90_000, MONDAY)).toMatchObject([{ key: 'weeklyLossBps' }]);
    breakers.resume();
    expect(breakers.save().reviewed).toEqual(['drawdownHaltBps']);
    expect(breakers.peak).toBe(100_000);
  });
});

describe('money in or out', () => {
  it.each([40_000, -40_000])('of %s is neither profit nor loss by any measure', (amount) => {
    const limits = only({ dailyLossBps: 200, weeklyLossBps: 400, drawdownReduceBps: 600 });
    const breakers = new Breakers(limits, 100_000);
    breakers.onSlice(99_000, MONDAY);
    breakers.transfer(amount);
    const start = 100_000 + amount;
    expect(breakers.peak).toBe(start);
    expect(breakers.drawdown).toBeCloseTo(1000 / start, 12);
    expect(breakers.onSlice(start * 0.9801, MONDAY)).toEqual([]);
    expect(breakers.onSlice(start * 0.98, MONDAY)).toMatchObject([{ key: 'dailyLossBps' }]);
    expect(breakers.onSlice(start * 0.96, MONDAY)).toMatchObject([{ key: 'weeklyLossBps' }]);
    expect(breakers.onSlice(start * 0.94, MONDAY)).toMatchObject([{ key: 'drawdownReduceBps' }]);
  });

  it('where there was none is a start without money: any equity has lost everything', () => {
    expect(new Breakers(daily, 0).onSlice(50, MONDAY)).toMatchObject([{ key: 'dailyLossBps', value: 10_000 }]);
  });
});

describe('a state that was saved', () => {
  it('keeps latches, what was reviewed, and the alerts that were given', () => {
    const limits = only({ drawdownHaltBps: 500, drawdownReduceBps: 300, profitAlertBps: 1 });
    const position = { instrument: eur, unrealizedPnl: 1000, entryTime: MONDAY };
    const before = new Breakers(limits, 100_000);
    before.onSlice(95_000, MONDAY);
    const again = () => {
      const after = new Breakers(limits, 1);
      after.load(JSON.parse(JSON.stringify(before.save())));
      return after;
    };
    expect(again().latches).toEqual([{ key: 'drawdownHaltBps', value: 500, limit: 500 }]);
    expect(again().onSlice(94_000, MONDAY)).toEqual([]);
    before.resume();
    before.onPositions([position], 1000, MONDAY);
    expect(again().onSlice(94_000, MONDAY)).toEqual([]);
    expect(again().onPositions([position], 1000, MONDAY)).toEqual([]);
    expect([again().peak, again().drawdown, again().exposureFactor]).toEqual([100_000, 0.05, 0.5]);
  });

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
    const step = fc.record({ move: fc.integer({ min: -400, max: 400 }), resume: fc.integer({ min: 0, max: 5 }) });
    const limits = only({ drawdownReduceBps: 500, drawdownHaltBps: 700, drawdownStopBps: 1100 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const breakers = new Breakers(limits, 100_000);
        let equity = 100_000;
        let peak = equity;
        const seen = { reduced: false, halted: false, stopped: false };
        let isReviewed = false;
        for (const { move, resume } of steps) {
          equity *= 1 + move / 10_000;
          peak = Math.max(peak, equity);
          const loss = ((peak - equity) / peak) * 10_000;
          const told = breakers.onSlice(equity, MONDAY).map(({ kind, key }) => `${kind} ${key}`);
          const expected: string[] = [];
          if (loss >= 500 && !seen.reduced) expected.push('breaker drawdownReduceBps');
          seen.reduced = loss >= 500;
          if (loss < 700) isReviewed = false;
          else if (!seen.halted && !isReviewed) {
            seen.halted = true;
            expected.push('latch drawdownHaltBps');
          }
          if (loss >= 1100 && !seen.stopped) {
            seen.stopped = true;
            expected.push('latch drawdownStopBps', 'close-all drawdownStopBps');
          }
          expect(told).toEqual(expected);
          if (resume > 0) continue;
          breakers.resume();
          if (seen.halted) isReviewed = true;
          if (seen.stopped) peak = equity;
          seen.halted = false;
          seen.stopped = false;
        }
      }),
      { numRuns: 300 },
    );
  });
});
