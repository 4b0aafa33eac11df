import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { dayEndAfter, judgePosition, lossBps, weekEndAfter } from '../../../src/core/risk/losses.js';
import { only } from './a-book.js';

const at = (text: string) => Date.parse(text);
const told = (ms: number) => new Date(ms).toISOString();
const DAY = 86_400_000;
const eur = instrumentId('EUR/USD');

describe('the end of a day', () => {
  it.each([
    ['2024-01-08T12:00:00Z', '2024-01-08T22:00:00.000Z'],
    ['2024-01-08T21:59:59.999Z', '2024-01-08T22:00:00.000Z'],
    ['2024-01-08T22:00:00Z', '2024-01-09T22:00:00.000Z'],
    ['2024-01-09T03:00:00Z', '2024-01-09T22:00:00.000Z'],
    ['2024-01-09T04:59:00Z', '2024-01-09T22:00:00.000Z'],
    // Saturday, and the night in which the clocks go forward.
    ['2024-03-09T22:30:00Z', '2024-03-10T21:00:00.000Z'],
    ['2024-11-02T21:30:00Z', '2024-11-03T22:00:00.000Z'],
  ])('after %s is %s', (now, end) => {
    expect(told(dayEndAfter(at(now)))).toBe(end);
  });
});

describe('the end of a week', () => {
  it.each([
    ['2024-01-08T12:00:00Z', '2024-01-14T22:00:00.000Z'],
    ['2024-01-13T12:00:00Z', '2024-01-14T22:00:00.000Z'],
    ['2024-01-14T21:59:59.999Z', '2024-01-14T22:00:00.000Z'],
    ['2024-01-14T22:00:00Z', '2024-01-21T22:00:00.000Z'],
    ['2024-01-14T23:00:00Z', '2024-01-21T22:00:00.000Z'],
    ['2024-03-05T12:00:00Z', '2024-03-10T21:00:00.000Z'],
    ['2024-10-28T12:00:00Z', '2024-11-03T22:00:00.000Z'],
  ])('after %s is %s', (now, end) => {
    expect(told(weekEndAfter(at(now)))).toBe(end);
  });
});

it('both ends lie ahead, a day and a week away at most but for the clock change', () => {
  fc.assert(
    fc.property(fc.integer({ min: at('2015-01-01'), max: at('2030-01-01') }), (now) => {
      const [day, week] = [dayEndAfter(now) - now, weekEndAfter(now) - now];
      return day > 0 && day <= DAY * (25 / 24) && week >= day && week <= DAY * (7 + 1 / 24);
    }),
  );
});

it.each([
  [100, 90, 1000],
  [100, 110, -1000],
  [100, 0, 10_000],
  [0, 0, 10_000],
  [-5, -5, 10_000],
])('from %s to %s is a loss of %s bps', (from, to, bps) => {
  expect(lossBps(from, to)).toBe(bps);
});

describe('an open position', () => {
  const limits = only({ perPositionStopBps: 500, profitAlertBps: 2000, staleLoserDays: 30 });
  const judged = (unrealizedPnl: number, equity: number, days = 0) =>
    judgePosition(limits, { instrument: eur, unrealizedPnl, entryTime: 0 }, equity, days * DAY);

  it('calls for an exit or an alert that says how much, of what, against which limit', () => {
    const [unit, instrument] = ['bps of equity', eur];
    expect(judged(-60, 1000)).toEqual({
      kind: 'exit',
      key: 'perPositionStopBps',
      value: 600,
      limit: 500,
      unit,
      instrument,
    });
    expect(judged(250, 1000)).toEqual({
      kind: 'alert',
      key: 'profitAlertBps',
      value: 2500,
      limit: 2000,
      unit,
      instrument,
    });
    expect(judged(-1, 1000, 45)).toEqual({
      kind: 'alert',
      key: 'staleLoserDays',
      value: 45,
      limit: 30,
      unit: 'days',
      instrument,
    });
  });

  it.each([
    ['a loss, with no equity left', -1, 0, 'exit'],
    ['a loss, with less than none', -1, -100, 'exit'],
    ['neither gain nor loss, with no equity left', 0, 0, undefined],
    ['neither gain nor loss, for long', 0, 1000, undefined],
    ['a gain, with no equity left', 1, 0, undefined],
    ['a gain, with less than none', 1, -100, undefined],
  ])('of %s calls for %s', (_, pnl, equity, kind) => {
    expect(judged(pnl, equity, 99)?.kind).toBe(kind);
  });

  it('calls for nothing where each limit is off', () => {
    for (const pnl of [-1e6, -1, 1e6]) {
      expect(judgePosition(only({}), { instrument: eur, unrealizedPnl: pnl, entryTime: 0 }, 1, 99 * DAY)).toBe(
        undefined,
      );
    }
  });
});
