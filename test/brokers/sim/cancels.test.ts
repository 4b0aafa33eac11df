import { describe, expect, it } from 'vitest';
import type { SimBroker } from '../../../src/brokers/sim/broker.js';
import { noCosts } from '../../../src/core/costs/presets.js';
import { orderId } from '../../../src/core/model/ids.js';
import type { CancelWish, OrderWish, Wishes } from '../../../src/core/strategies/strategy.js';
import { type Ohlc, PAPER, play, type Scenario } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const order = (wish: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: PAPER.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...wish,
});
const CANCEL: CancelWish = { kind: 'cancel', instrument: PAPER.id, reason: 'taken back' };

/** Plays wishes by bar; `cancels` goes to the venue itself, by bar and order id, as an operator's hand would. */
async function played(
  bars: readonly Ohlc[],
  wishes: Readonly<Record<number, Wishes>>,
  cancels: Readonly<Record<number, string>> = {},
  more: Partial<Scenario> = {},
) {
  let venue: SimBroker | undefined;
  const result = await play({
    bars: { XYZ: bars },
    onVenue: (broker) => {
      venue = broker;
    },
    strategy: (n) => {
      const id = cancels[n];
      if (id !== undefined) venue?.cancel(orderId(id), 'by hand');
      return wishes[n];
    },
    ...more,
  });
  expect(result.engine.ledger.cash).toBe(result.broker.cash);
  return { ...result, ends: result.orders.map(({ id, status, filledUnits }) => [id, status, filledUnits]) };
}

describe('an entry that is taken back', () => {
  const limit = order({ type: 'limit', price: 99 });

  it('at the close before the bar that would have filled it is not filled, even at the open', async () => {
    const { ends } = await played([FLAT, FLAT, [97, 98, 96, 97]], { 0: limit, 1: CANCEL });
    expect(ends).toEqual([['o-1', 'cancelled', 0]]);
    // Not taken back, it would have been.
    expect((await played([FLAT, FLAT, [97, 98, 96, 97]], { 0: limit })).ends).toEqual([['o-1', 'filled', 100]]);
  });

  it('at the close of the very bar that filled it was filled first', async () => {
    const { ends, engine, orders } = await played([FLAT, [100, 100, 98, 100], FLAT], { 0: limit, 1: CANCEL });
    expect(ends).toEqual([['o-1', 'filled', 100]]);
    expect(orders[0]?.reason).not.toContain('taken back');
    expect(engine.ledger.units(0)).toBe(100);
  });

  it('while it is on its way to the market never gets there', async () => {
    const costs = { ...noCosts, fills: { ...noCosts.fills, latencyMs: 1 } };
    const bars = [FLAT, FLAT, FLAT];
    expect((await played(bars, { 0: order({}) }, {}, { costs })).ends).toEqual([['o-1', 'filled', 100]]);
    expect((await played(bars, { 0: order({}), 1: CANCEL }, {}, { costs })).ends).toEqual([['o-1', 'cancelled', 0]]);
  });

  it('in the same breath as it is sent is not taken in at all', async () => {
    const { effects } = await played([FLAT], { 0: order({}) });
    const [submit] = effects.filter((effect) => effect.kind === 'submit');
    const { broker } = await played([FLAT], {}, {}, { fill: 'close' });
    expect(submit).toBeDefined();
    if (submit?.kind !== 'submit') return;
    broker.submit(submit.order);
    broker.cancel(submit.order.id, 'taken back');
    broker.settle();
    broker.cancel(submit.order.id, 'once more');
    expect(broker.queue.next()).toMatchObject({ kind: 'cancelled', orderId: 'o-1', reason: 'taken back' });
    expect(broker.queue.next()).toBeUndefined();
  });

  it('after a part of it was filled keeps the part, and the stop of that part', async () => {
    const costs = { ...noCosts, fills: { ...noCosts.fills, participation: 0.25 } };
    const bars: Ohlc[] = [FLAT, [100, 100, 100, 100, 200], [100, 100, 100, 100, 0], [94, 94, 94, 94, 9_999]];
    const { ends, trades } = await played(bars, { 0: order({ stopLoss: 95 }), 1: CANCEL }, {}, { costs });
    expect(ends).toEqual([
      ['o-1', 'cancelled', 50],
      ['o-1.sl', 'filled', 50],
    ]);
    expect(trades.map(({ units, exitPrice }) => [units, exitPrice])).toEqual([[50, 94]]);
  });
});

describe('a cancel that comes too late', () => {
  it.each([
    ['for a filled order', 'o-1'],
    ['for one that never was', 'o-99'],
  ])('%s changes nothing', async (_, id) => {
    const wishes = { 0: order({ stopLoss: 95, takeProfit: 105 }) };
    const bars: Ohlc[] = [FLAT, FLAT, FLAT, [106, 106, 106, 106]];
    const late = await played(bars, wishes, { 1: id, 2: id });
    const without = await played(bars, wishes);
    expect(late.ends).toEqual(without.ends);
    expect(late.equity).toEqual(without.equity);
    expect(late.ends).toEqual([
      ['o-1', 'filled', 100],
      ['o-1.sl', 'cancelled', 0],
      ['o-1.tp', 'filled', 100],
    ]);
  });

  it('for one that was cancelled before is told of once', async () => {
    const { orders } = await played(
      [FLAT, FLAT, FLAT],
      { 0: order({ type: 'limit', price: 90 }) },
      { 1: 'o-1', 2: 'o-1' },
    );
    expect(orders.map(({ reason }) => reason)).toEqual(['test; by hand']);
  });
});

describe('one leg of a bracket that is cancelled', () => {
  const bracket = order({ stopLoss: 95, takeProfit: 105 });
  const crash: Ohlc = [100, 100, 90, 92];
  const rally: Ohlc = [100, 107, 100, 106];

  it.each`
    leg         | bar      | exits    | left
    ${'o-1.sl'} | ${crash} | ${[]}    | ${'o-1.tp'}
    ${'o-1.sl'} | ${rally} | ${[105]} | ${undefined}
    ${'o-1.tp'} | ${rally} | ${[]}    | ${'o-1.sl'}
    ${'o-1.tp'} | ${crash} | ${[95]}  | ${undefined}
  `('$leg no longer fills, the other goes on: exits $exits', async ({ leg, bar, exits, left }) => {
    const { trades, engine, ends } = await played([FLAT, FLAT, bar, FLAT], { 0: bracket }, { 1: leg });
    expect(trades.map(({ exitPrice }) => exitPrice)).toEqual(exits);
    expect(ends).toContainEqual([leg, 'cancelled', 0]);
    const working = [...engine.orders.values()].map(({ id }) => id);
    expect(working).toEqual(left === undefined ? [] : [left]);
  });

  it('before its parent was filled whole is made anew, under a new name, for what is filled after', async () => {
    const costs = { ...noCosts, fills: { ...noCosts.fills, participation: 0.25 } };
    const bar: Ohlc = [100, 100, 100, 100, 200];
    const bars: Ohlc[] = [FLAT, bar, bar, [94, 94, 94, 94, 9_999]];
    const { ends, trades } = await played(bars, { 0: order({ stopLoss: 95 }) }, { 1: 'o-1.sl' }, { costs });
    expect(ends.map(([id]) => id)).toEqual(['o-1', 'o-1.sl', 'o-1.sl2']);
    expect(trades.map(({ units, exitPrice }) => [units, exitPrice])).toEqual([[50, 94]]);
  });
});
