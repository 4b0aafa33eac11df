import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type OrderIntent, signOf } from '../../../src/core/model/order.js';
import { assess } from '../../../src/core/risk/gate.js';
import type { InstrumentView } from '../../../src/core/risk/rule.js';
import { aBook, anIntent, aView, only } from './a-book.js';

const SYMBOLS = ['EUR/USD', 'GBP/USD'];
const EQUITY = 100_000;
const LIMITS = only({ maxGrossLeverage: 1, maxPositionBps: 8000 });

interface Working {
  readonly intent: OrderIntent;
  left: number;
}

/** A venue that fills what works in whatever order it is told to. Prices stand still, so that units are money. */
class Book {
  readonly held = new Map<string, number>(SYMBOLS.map((symbol) => [symbol, 0]));
  working: Working[] = [];

  view(symbol: string): InstrumentView {
    let [buys, sells, leavingUnits] = [0, 0, 0];
    for (const { intent, left } of this.working) {
      if (intent.instrument !== symbol) continue;
      if (intent.reduceOnly) leavingUnits += intent.type === 'market' ? left : 0;
      else if (intent.side === 'buy') buys += left;
      else sells += left;
    }
    const units = this.held.get(symbol) ?? 0;
    return aView(symbol, { units, pendingUnits: buys - sells, pendingSides: { buys, sells }, leavingUnits });
  }

  send(intent: OrderIntent): void {
    const [verdict] = assess(
      LIMITS,
      [intent],
      aBook(
        SYMBOLS.map((symbol) => this.view(symbol)),
        { equity: EQUITY },
      ),
    );
    if (verdict?.kind === 'passed') this.working.push({ intent, left: intent.units });
  }

  fill(place: number, share: number): void {
    const order = this.working[place % Math.max(1, this.working.length)];
    if (order === undefined) return;
    const { intent } = order;
    const held = this.held.get(intent.instrument) ?? 0;
    const sign = signOf(intent.side);
    const most = intent.reduceOnly ? Math.max(0, -sign * held) : order.left;
    const units = Math.min(order.left, most, Math.ceil(order.left * share));
    order.left -= units;
    this.held.set(intent.instrument, held + sign * units);
    if (order.left === 0 || intent.reduceOnly) this.working = this.working.filter((one) => one !== order);
  }

  cancel(place: number): void {
    this.working.splice(place % Math.max(1, this.working.length), 1);
  }
}

const anOrder = fc.record({
  kind: fc.constant('send' as const),
  symbol: fc.constantFrom(...SYMBOLS),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  units: fc.integer({ min: 1, max: 12 }).map((lots) => lots * 10_000),
  reduceOnly: fc.boolean(),
  type: fc.constantFrom('market' as const, 'limit' as const),
});
const aStep = fc.oneof(
  { weight: 3, arbitrary: anOrder },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      place: fc.nat(20),
      share: fc.constantFrom(0.3, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), place: fc.nat(20) }) },
);

it('whatever fills, in whatever order, exits among it: what is held stays within the gross and the position limit', () => {
  fc.assert(
    fc.property(fc.array(aStep, { minLength: 10, maxLength: 40 }), (steps) => {
      const book = new Book();
      let [gross, most] = [0, 0];
      for (const step of steps) {
        if (step.kind === 'fill') book.fill(step.place, step.share);
        else if (step.kind === 'cancel') book.cancel(step.place);
        else {
          const { kind: _, type, ...order } = step;
          book.send(anIntent({ ...order, type, ...(type === 'limit' ? { price: 1 } : {}) }));
        }
        const sizes = [...book.held.values()].map(Math.abs);
        gross = Math.max(gross, (sizes[0] ?? 0) + (sizes[1] ?? 0));
        most = Math.max(most, ...sizes);
      }
      expect(gross).toBeLessThanOrEqual(EQUITY);
      expect(most).toBeLessThanOrEqual(0.8 * EQUITY);
    }),
    { numRuns: 1_000 },
  );
});
