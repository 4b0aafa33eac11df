import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { aBook, anIntent, aView, only, stoppedBy } from './a-book.js';

const grid = { tick: 0.01, lotStep: 10, minUnits: 20 };

describe('a malformed order', () => {
  it.each<[string, Partial<OrderIntent>, readonly string[]]>([
    ['units of NaN', { units: Number.NaN }, ['order.units']],
    ['units without end', { units: Number.POSITIVE_INFINITY }, ['order.units']],
    ['no units', { units: 0 }, ['order.units']],
    ['negative units', { units: -20 }, ['order.units']],
    ['units off the lot grid', { units: 25 }, ['order.lotStep']],
    ['fewer units than the market takes', { units: 10 }, ['order.minUnits']],
    ['a limit without a price', { type: 'limit' }, ['order.price']],
    ['a market order with a price', { price: 1 }, ['order.price']],
    ['a stop without a trigger', { type: 'stop' }, ['order.stopPrice']],
    ['a stop-limit without both', { type: 'stop-limit' }, ['order.price', 'order.stopPrice']],
    ['a trailing stop without a distance', { type: 'trailing-stop' }, ['order.trailDistance']],
    ['a trailing stop that says where it starts', { type: 'trailing-stop', trailDistance: 0.02, stopPrice: 0.9 }, []],
    ['a trailing distance of nothing', { type: 'trailing-stop', trailDistance: 0 }, ['order.trailDistance']],
    ['a trailing stop distance of NaN', { trailStop: Number.NaN }, ['order.trailStop']],
    ['a price off the tick grid', { type: 'limit', price: 1.005 }, ['order.tick']],
    ['a negative price', { type: 'limit', price: -1 }, ['order.price']],
    ['a price of NaN', { type: 'limit', price: Number.NaN }, ['order.price']],
    ['a stop off the tick grid', { stopLoss: 0.905 }, ['order.tick']],
    ['a target without end', { takeProfit: Number.POSITIVE_INFINITY }, ['order.takeProfit']],
    ['GTD without an end', { timeInForce: 'GTD' }, ['order.expiry']],
    ['GTD with an end', { timeInForce: 'GTD', expiresAt: 5 }, []],
  ])('given %s, is refused in every preset', (_given, change, stopped) => {
    const book = aBook([aView('EUR/USD', {}, grid)]);
    expect(stoppedBy(only({}), [anIntent({ units: 40, ...change })], book)).toEqual(stopped);
  });

  it('is refused as an exit too', () => {
    const book = aBook([aView('EUR/USD', { units: 100 }, grid)]);
    expect(stoppedBy(only({}), [anIntent({ side: 'sell', units: 15, reduceOnly: true })], book)).toEqual([
      'order.lotStep',
    ]);
  });

  it('may close the whole of a position that a split left off the grid, and less than the smallest order', () => {
    const book = aBook([aView('EUR/USD', { units: 33.3 }, grid)]);
    expect(stoppedBy(only({}), [anIntent({ side: 'sell', units: 33.3, reduceOnly: true })], book)).toEqual([]);
    expect(stoppedBy(only({}), [anIntent({ side: 'sell', units: 10, reduceOnly: true })], book)).toEqual([]);
  });

  it('given an instrument that is not traded, is refused', () => {
    expect(stoppedBy(only({}), [anIntent({ symbol: 'ZZZ' })], aBook())).toEqual(['instrument.unknown']);
  });

  it('accepts prices that binary fractions cannot hold', () => {
    const book = aBook([aView('EUR/USD', {}, { tick: 0.00001 })]);
    for (const price of [1.08421, 0.29, 0.57, 1.1, 123.45678]) {
      expect(stoppedBy(only({}), [anIntent({ type: 'limit', price })], book)).toEqual([]);
    }
  });
});

describe('maxOrdersPerMinute', () => {
  const batch = [anIntent({ units: 1 }), anIntent({ units: 2 })];

  it('counts what was sent and what passed before in the batch', () => {
    expect(stoppedBy(only({ maxOrdersPerMinute: 10 }), batch, aBook([aView()], { ordersLastMinute: 8 }))).toEqual([]);
    expect(stoppedBy(only({ maxOrdersPerMinute: 10 }), batch, aBook([aView()], { ordersLastMinute: 9 }))).toEqual([
      'maxOrdersPerMinute',
    ]);
  });

  it('never stops an exit', () => {
    const book = aBook([aView('EUR/USD', { units: 5 })], { ordersLastMinute: 99 });
    expect(stoppedBy(only({ maxOrdersPerMinute: 10 }), [anIntent({ side: 'sell', units: 5 })], book)).toEqual([]);
  });
});

describe('duplicateWindow', () => {
  const limits = only({ duplicateWindowMs: 5000 });

  it('refuses the same order again, exits too', () => {
    const exit = anIntent({ side: 'sell', reduceOnly: true });
    const book = aBook([aView('EUR/USD', { units: 1000 })], { recentIntents: [anIntent(), exit] });
    expect(stoppedBy(limits, [anIntent()], book)).toEqual(['duplicateWindow']);
    expect(stoppedBy(limits, [exit], book)).toEqual(['duplicateWindow']);
    expect(stoppedBy(limits, [anIntent({ units: 1001 })], book)).toEqual([]);
    expect(stoppedBy(only({}), [exit], book)).toEqual([]);
  });

  it('refuses the same order twice in a batch', () => {
    expect(stoppedBy(limits, [anIntent(), anIntent()], aBook())).toEqual(['duplicateWindow']);
    expect(stoppedBy(only({}), [anIntent(), anIntent()], aBook())).toEqual([]);
  });

  it('is not deceived by another reason', () => {
    const book = aBook([aView()], { recentIntents: [anIntent({ reason: 'first' })] });
    expect(stoppedBy(limits, [anIntent({ reason: 'again' })], book)).toEqual(['duplicateWindow']);
  });
});
