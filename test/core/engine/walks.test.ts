import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { defaultCosts, noCosts } from '../../../src/core/costs/presets.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { View, Wish } from '../../../src/core/strategies/strategy.js';
import { HOUR, type Ohlc, PAPER, type Played, play, type Saved, type Scenario, START } from '../../helpers/scenario.js';

const fx = (base: string, quote: string): Instrument => ({
  ...PAPER,
  id: instrumentId(`${base}/${quote}`),
  assetClass: 'fx',
  base,
  quote,
  tick: 0.01,
  lotStep: 1,
  marginRate: 0.05,
  typicalSpread: 0.02,
});
const INSTRUMENTS = [PAPER, fx('USD', 'JPY'), fx('EUR', 'USD')];
const BARS = 90;

/** Prices on the grid, sometimes with a gap; always the same for a seed. */
function walk(seed: string): Ohlc[] {
  const { next } = seededRng(seed);
  const bars: Ohlc[] = [];
  let price = 100;
  const step = (most: number) => Math.round((next() - 0.5) * most * 100) / 100;
  const on = (value: number) => Math.max(20, Math.round(value * 100) / 100);
  for (let i = 0; i < BARS; i++) {
    const open = on(price + (next() < 0.1 ? step(12) : step(0.4)));
    const close = on(open + step(4));
    const high = on(Math.max(open, close) + next() * 2);
    const low = on(Math.min(open, close) - next() * 2);
    bars.push([open, high, low, close, Math.floor(next() * 1_500)]);
    price = close;
  }
  return bars;
}

/** Wishes that depend on nothing but the seed and the bar, so that a restart has the same ones. */
function wishes(seed: number, view: View): Wish[] {
  const bar = Math.round((view.now - START) / HOUR);
  const { next } = seededRng(`${seed} ${bar}`);
  const made: Wish[] = [];
  for (const { id } of INSTRUMENTS) {
    const price = view.price(id);
    if (price === undefined || next() > 0.35) continue;
    const level = (far: number) => Math.round((price + far) * 100) / 100;
    const side = next() < 0.5 ? 'buy' : 'sell';
    const sign = side === 'buy' ? 1 : -1;
    const distance = 1 + Math.round(next() * 400) / 100;
    const head = { instrument: id, reason: 'walk' };
    const units = 1 + Math.floor(next() * 400);
    const pick = Math.floor(next() * 9);
    const bracket = next() < 0.5 ? {} : { stopLoss: level(-sign * distance), takeProfit: level(sign * distance * 2) };
    const trailing = { ...bracket, ...('stopLoss' in bracket && next() < 0.5 ? { trailStop: distance } : {}) };
    if (pick < 2) made.push({ kind: 'target', weight: next() * 2 - 1, ...head });
    else if (pick === 2) made.push({ kind: 'signal', exposure: sign, stop: level(-sign * distance), ...head });
    else if (pick === 3) made.push({ kind: 'cancel', ...head });
    else if (pick === 4) made.push({ kind: 'order', side, units, ...head, ...trailing });
    else if (pick === 5)
      made.push({ kind: 'order', side, units, type: 'limit', price: level(-sign), ...trailing, ...head });
    else if (pick === 6) {
      const group = `g${bar}`;
      made.push({
        kind: 'order',
        side,
        units,
        type: 'stop',
        stopPrice: level(sign),
        timeInForce: 'DAY',
        group,
        ...trailing,
        ...head,
      });
      made.push({ kind: 'order', side, units, type: 'limit', price: level(-sign * 2), group, ...bracket, ...head });
    } else if (pick === 7) {
      made.push({
        kind: 'order',
        side,
        units,
        type: 'stop-limit',
        stopPrice: level(sign),
        price: level(sign * 2),
        ...head,
      });
    } else {
      const held = view.units(id);
      const out = held > 0 ? 'sell' : 'buy';
      if (held !== 0) made.push({ kind: 'order', side: out, units: Math.abs(held) + 5, reduceOnly: true, ...head });
    }
  }
  return made;
}

const COSTS = {
  ...defaultCosts,
  commission: { ...defaultCosts.commission, other: { tiers: [[0, 0.0007]] as const, minPerOrder: 1 } },
  fills: { participation: 0.2, latencyMs: 0, rejectRate: 0.1 },
};

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  fill: fc.constantFrom('next-open' as const, 'close' as const),
  intrabar: fc.constantFrom('pessimistic' as const, 'optimistic' as const),
  costs: fc.constantFrom(noCosts, COSTS),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function scenario({ seed, ...rest }: Case, more: Partial<Scenario> = {}): Scenario {
  const bars = Object.fromEntries(INSTRUMENTS.map(({ id }) => [id, walk(`${seed} ${id}`)]));
  const rate = (currency: string, value: number) => ({
    currency,
    knownAt: new Float64Array([0]),
    rate: new Float64Array([value]),
  });
  return {
    bars,
    instruments: INSTRUMENTS,
    strategy: { onSlice: (view) => wishes(seed, view) },
    rates: [rate('USD', 0.05), rate('JPY', -0.001), rate('EUR', 0.03)],
    ...rest,
    ...more,
  };
}

const seen = ({ trades, orders, equity, numbers }: Played): string =>
  JSON.stringify({ trades, orders, equity, numbers });
const cents = (amount: number): number => Math.round(amount * 100);
const RUNS = { numRuns: 60 };

describe('any walk of orders', () => {
  it('keeps the book and the venue equal to the cent, and every number finite', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const { engine, broker, equity, trades, orders } = await play(scenario(one));
        expect(engine.ledger.cash).toBe(broker.cash);
        for (const row of equity) for (const value of row) expect(Number.isFinite(value)).toBe(true);
        expect(equity.map(([ts]) => ts)).toEqual(Array.from({ length: BARS }, (_, i) => START + (i + 1) * HOUR));
        let booked = 0;
        for (const trade of trades) booked += trade.netPnl;
        for (const [index] of INSTRUMENTS.entries()) {
          const { commission, financing } = engine.ledger.holding(index);
          booked -= commission + financing;
        }
        expect(cents(booked)).toBe(cents(engine.ledger.cash - 100_000));
        expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length);
        for (const order of orders) {
          if (order.intent.type !== 'limit' || order.filledUnits === 0) continue;
          const sign = order.intent.side === 'buy' ? 1 : -1;
          expect(sign * (order.averagePrice - (order.intent.price ?? Number.NaN))).toBeLessThan(1e-9);
        }
      }),
      RUNS,
    );
  });

  it('gives the same trades, orders and equity whatever the size of a batch', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 1, max: 40 }), async (one, chunk) => {
        expect(seen(await play(scenario(one, { chunk })))).toBe(seen(await play(scenario(one))));
      }),
      { numRuns: 30 },
    );
  });

  it('goes on after a restart at any slice as if there had been none', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.nat({ max: BARS - 1 }), async (one, at) => {
        const saved: Saved[] = [];
        const whole = await play(scenario(one, { onSaved: (state) => saved.push(state) }));
        const resume = saved[at];
        if (resume === undefined) throw new Error('every slice is saved');
        expect(seen(await play(scenario(one, { resume })))).toBe(seen(whole));
      }),
      RUNS,
    );
  });
});
