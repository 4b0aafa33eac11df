import { describe, expect, it } from 'vitest';
import { noCosts } from '../../../src/core/costs/presets.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { type Ohlc, PAPER, play } from '../../helpers/scenario.js';

const flat = (price: number): Ohlc => [price, price, price, price];
const pair = (base: string, quote: string): Instrument => ({
  ...PAPER,
  id: instrumentId(`${base}/${quote}`),
  assetClass: 'fx',
  base,
  quote,
  marginRate: 0.1,
});
const order = (instrument: Instrument, side: 'buy' | 'sell', units: number): OrderWish => ({
  kind: 'order',
  instrument: instrument.id,
  side,
  units,
  reason: 'test',
});

describe('margin', () => {
  const EUR = pair('EUR', 'USD');
  // 1,000 units at 100 on a margin of a tenth: 10,000 of 12,000.
  const held = (prices: readonly number[], units = 1_000) =>
    play({
      bars: { 'EUR/USD': prices.map(flat) },
      instruments: [EUR],
      capital: 12_000,
      strategy: (n) => (n === 0 ? order(EUR, 'buy', units) : undefined),
    });

  it('an order whose margin is not there is rejected', async () => {
    const { orders, engine } = await held([100, 100], 1_201);
    expect(orders[0]).toMatchObject({ status: 'rejected', filledUnits: 0 });
    expect(engine.ledger.cash).toBe(12_000);
    expect((await held([100, 100], 1_200)).orders[0]).toMatchObject({ status: 'filled' });
  });

  it('warns once while equity is below the margin, and closes everything at half of it', async () => {
    const { effects, trades, orders, engine, broker } = await held([100, 100, 97, 96, 92.5, 92.5]);
    expect(effects.filter(({ kind }) => kind === 'alert')).toHaveLength(1);
    expect(trades.map(({ exitPrice, exitReason }) => [exitPrice, exitReason])).toEqual([[92.5, 'margin close-out']]);
    expect(orders.at(-1)).toMatchObject({ id: 'closeout-1', status: 'filled' });
    expect([engine.ledger.cash, broker.cash]).toEqual([4_500, 4_500]);
  });
});

describe('interest at 17:00 New York', () => {
  // A roll on Wednesday carries the pairs that settle in two days over the weekend; USD/CAD settles in one.
  it.each`
    base     | quote    | side      | rates             | markup   | hours | financing
    ${'EUR'} | ${'USD'} | ${'buy'}  | ${[0.03, 0.05]}   | ${0}     | ${22} | ${1.67}
    ${'EUR'} | ${'USD'} | ${'sell'} | ${[0.03, 0.05]}   | ${0}     | ${22} | ${-1.67}
    ${'EUR'} | ${'USD'} | ${'buy'}  | ${[-0.01, -0.03]} | ${0}     | ${22} | ${-1.67}
    ${'EUR'} | ${'USD'} | ${'buy'}  | ${[0.03, 0.05]}   | ${0}     | ${46} | ${2.23}
    ${'USD'} | ${'CAD'} | ${'buy'}  | ${[0.05, 0.05]}   | ${0.036} | ${22} | ${undefined}
    ${'EUR'} | ${'USD'} | ${'buy'}  | ${undefined}      | ${0.036} | ${22} | ${3}
    ${'EUR'} | ${'USD'} | ${'sell'} | ${undefined}      | ${0.036} | ${22} | ${3}
    ${'EUR'} | ${'USD'} | ${'buy'}  | ${[0.03, 0.05]}   | ${0}     | ${21} | ${0}
  `('$side $base/$quote with rates $rates, mark-up $markup, to hour $hours: $financing', async (row) => {
    const instrument = pair(row.base, row.quote);
    const series = (currency: string, rate: number) => ({
      currency,
      knownAt: new Float64Array([0]),
      rate: new Float64Array([rate]),
    });
    const { numbers, engine, broker } = await play({
      bars: { [instrument.id]: Array.from({ length: row.hours }, () => flat(100)) },
      instruments: [instrument],
      strategy: (n) => (n === 0 ? order(instrument, row.side, 100) : undefined),
      costs: { ...noCosts, financing: { markup: row.markup } },
      rates: row.rates === undefined ? [] : [series(row.base, row.rates[0]), series(row.quote, row.rates[1])],
    });
    // One day, by actual days over 365 for the Canadian side: (0.05 + 0.036) / 365 − 0.05 / 360 of 100 dollars.
    const expected = row.financing ?? 0.01;
    expect(numbers.costs.financing).toBeCloseTo(expected, 9);
    expect(engine.ledger.cash).toBe(broker.cash);
  });
});

describe('rejects', () => {
  it('are a share of market orders, the same for a seed', async () => {
    const costs = { ...noCosts, fills: { participation: null, latencyMs: 0, rejectRate: 0.5 } };
    const bars = { XYZ: Array.from({ length: 200 }, () => flat(100)) };
    const once = () => play({ bars, costs, strategy: (n) => order(PAPER, n % 2 === 0 ? 'buy' : 'sell', 1) });
    const first = (await once()).orders.map(({ status }) => status);
    expect((await once()).orders.map(({ status }) => status)).toEqual(first);
    const rejected = first.filter((status) => status === 'rejected').length;
    expect(rejected).toBeGreaterThan(70);
    expect(rejected).toBeLessThan(130);
  });
});

describe('splits', () => {
  it('leave equity, the stop and the book where they were', async () => {
    const { trades, engine, broker, orders, equity } = await play({
      bars: { XYZ: [flat(100), flat(100), flat(50), flat(50), [46, 46, 46, 46]] },
      actions: [{ instrument: PAPER.id, kind: 'split', value: 2, ts: Date.UTC(2024, 0, 3, 2) }],
      strategy: (n) => (n === 0 ? { ...order(PAPER, 'buy', 15), stopLoss: 94 } : undefined),
    });
    expect(equity.slice(0, 4).map((row) => row[1])).toEqual([100_000, 100_000, 100_000, 100_000]);
    expect(trades).toMatchObject([{ units: 30, entryPrice: 50, exitPrice: 46, netPnl: -120 }]);
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'filled']);
    expect(engine.ledger.cash).toBe(broker.cash);
  });

  it('an order that is less than a lot in new units ends', async () => {
    const { orders } = await play({
      bars: { XYZ: [flat(100), flat(100), flat(1_000), flat(800)] },
      actions: [{ instrument: PAPER.id, kind: 'split', value: 0.1, ts: Date.UTC(2024, 0, 3, 2) }],
      strategy: (n) =>
        n === 0
          ? [5, 15].map((units): OrderWish => ({ ...order(PAPER, 'buy', units), type: 'limit', price: 90 }))
          : undefined,
    });
    expect(orders.map(({ status, filledUnits }) => [status, filledUnits])).toEqual([
      ['cancelled', 0],
      ['filled', 1],
    ]);
  });
});
