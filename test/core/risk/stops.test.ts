import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { standardLimits } from '../../../src/core/risk/presets.js';
import { attachStop, onGrid } from '../../../src/core/risk/stops.js';
import { aBook, anIntent, aView, only, stoppedBy } from './a-book.js';

describe('the attached stop', () => {
  it.each`
    side      | price      | tick      | bps    | stop
    ${'buy'}  | ${1}       | ${0.0001} | ${800} | ${0.92}
    ${'sell'} | ${1}       | ${0.0001} | ${800} | ${1.08}
    ${'buy'}  | ${1.00005} | ${0.0001} | ${800} | ${0.9201}
    ${'sell'} | ${1.00005} | ${0.0001} | ${800} | ${1.08}
    ${'buy'}  | ${5}       | ${1}      | ${800} | ${4}
    ${'sell'} | ${5}       | ${1}      | ${800} | ${6}
    ${'buy'}  | ${151.237} | ${0.001}  | ${800} | ${139.139}
  `('$side at $price, tick $tick, goes to $stop', ({ side, price, tick, bps, stop }) => {
    const limits = { ...standardLimits, defaultStopBps: bps };
    expect(attachStop(limits, anIntent({ side }), price, tick).stopLoss).toBe(stop);
  });

  it.each<[string, Partial<OrderIntent>]>([
    ['it may only reduce', { reduceOnly: true }],
    ['it has a stop', { stopLoss: 0.5 }],
    ['it has a trailing stop', { trailStop: 0.1 }],
  ])('is left out when %s', (_why, change) => {
    const intent = anIntent(change);
    expect(attachStop(standardLimits, intent, 1, 0.0001)).toBe(intent);
  });

  it('is left out when none is required, when there is no distance, and when the grid has no room', () => {
    const intent = anIntent();
    expect(attachStop(only({ defaultStopBps: 800 }), intent, 1, 0.0001)).toBe(intent);
    expect(attachStop(only({ requireStop: true }), intent, 1, 0.0001)).toBe(intent);
    expect(attachStop(standardLimits, intent, 1, 1)).toBe(intent);
  });

  it('is on the grid, on the losing side and never farther than asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        fc.constantFrom(1e-5, 1e-3, 0.01, 0.05),
        (side, price, tick) => {
          const stop = attachStop(standardLimits, anIntent({ side }), price, tick).stopLoss;
          if (stop === undefined) return side === 'buy' && price <= tick * 1.000001;
          const distance = side === 'buy' ? price - stop : stop - price;
          return (
            distance > 0 && onGrid(stop, tick) && distance <= Math.max(price * 0.08, tick) + 1e-6 * tick + 1e-12 * price
          );
        },
      ),
    );
  });
});

it.each([
  [1, true],
  [1 + 5e-11, true],
  [1 - 5e-11, true],
  [1 + 2e-10, false],
  [1.00005, false],
  // Where the steps are many, binary fractions hold them less exactly.
  [12_345_678.9012, true],
  [12_345_678.90125, false],
])('%s is a whole number of steps of 0.0001: %s', (value, is) => {
  expect(onGrid(value, 0.0001)).toBe(is);
});

describe('requireStop', () => {
  it('refuses an entry without a stop and lets one with a stop through', () => {
    const limits = only({ requireStop: true });
    expect(stoppedBy(limits, [anIntent()], aBook())).toEqual(['stop.missing']);
    expect(stoppedBy(limits, [anIntent({ stopLoss: 0.9 })], aBook())).toEqual([]);
    expect(stoppedBy(limits, [anIntent({ trailStop: 0.1 })], aBook())).toEqual([]);
    const held = aBook([aView('EUR/USD', { units: 1000 })]);
    expect(stoppedBy(limits, [anIntent({ side: 'sell' })], held)).toEqual([]);
  });
});

describe('the side of stop and target', () => {
  it.each<[Partial<OrderIntent>, boolean]>([
    [{ stopLoss: 0.9999 }, true],
    [{ stopLoss: 1 }, false],
    [{ stopLoss: 1.1 }, false],
    [{ side: 'sell', stopLoss: 1.1 }, true],
    [{ side: 'sell', stopLoss: 0.9 }, false],
    [{ takeProfit: 1.1 }, true],
    [{ takeProfit: 0.9 }, false],
    [{ side: 'sell', takeProfit: 1.1 }, false],
    [{ type: 'limit', price: 0.8, stopLoss: 0.9 }, false],
    [{ type: 'limit', price: 1.1, stopLoss: 1.05 }, false],
    [{ type: 'limit', side: 'sell', price: 1.2, stopLoss: 1.1 }, false],
    [{ type: 'stop', stopPrice: 1.2, stopLoss: 1.1 }, true],
    [{ type: 'stop-limit', stopPrice: 1.2, price: 1.25, stopLoss: 1.21 }, false],
  ])('given %j, is right: %s', (change, right) => {
    expect(stoppedBy(only({}), [anIntent(change)], aBook())).toEqual(right ? [] : ['stop.side']);
  });
});

describe('perTradeRiskBps', () => {
  const limits = only({ perTradeRiskBps: 100 });

  it.each<[string, Partial<OrderIntent>, boolean]>([
    ['10,000 units with a stop 10 % away', { units: 10_000, stopLoss: 0.9 }, true],
    ['one unit more', { units: 10_001, stopLoss: 0.9 }, false],
    ['a short of the same risk', { side: 'sell', units: 10_000, stopLoss: 1.1 }, true],
    ['a trailing stop 10 % away', { units: 10_000, trailStop: 0.1 }, true],
    ['a trailing stop too far away', { units: 10_000, trailStop: 0.1001 }, false],
    [
      'a limit below the market counts from the limit',
      { type: 'limit', price: 0.95, units: 20_000, stopLoss: 0.9 },
      true,
    ],
    [
      'a limit through the market counts from the market',
      { type: 'limit', price: 1.05, units: 10_000, stopLoss: 0.9 },
      true,
    ],
    ['no stop', { units: 1e6 }, true],
  ])('given %s, passes: %s', (_given, change, passes) => {
    expect(stoppedBy(limits, [anIntent(change)], aBook())).toEqual(passes ? [] : ['perTradeRiskBps']);
  });

  it('counts in account currency', () => {
    const book = aBook([aView('EUR/USD', { quoteToAccount: 0.5 })]);
    expect(stoppedBy(limits, [anIntent({ units: 20_000, stopLoss: 0.9 })], book)).toEqual([]);
    expect(stoppedBy(limits, [anIntent({ units: 20_001, stopLoss: 0.9 })], book)).toEqual(['perTradeRiskBps']);
  });

  it('never stops an exit', () => {
    const book = aBook([aView('EUR/USD', { units: -1e6 })]);
    expect(stoppedBy(limits, [anIntent({ units: 1e6, stopLoss: 0.1 })], book)).toEqual([]);
  });
});
