import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InstrumentId, instrumentId } from '../../../src/core/model/ids.js';
import { type CloseContext, closePlan } from '../../../src/core/orders/close-plan.js';
import type { VenuePosition } from '../../../src/core/ports/venue.js';

const EURUSD = instrumentId('EUR/USD');
const USDJPY = instrumentId('USD/JPY');
const GBPUSD = instrumentId('GBP/USD');

function held(instrument: InstrumentId, units: number): VenuePosition {
  return { instrument, units, averagePrice: 1, unrealizedPnl: 0 };
}

function context(change: Partial<CloseContext> & { readonly lotStep?: number } = {}): CloseContext {
  const { lotStep = 1, ...rest } = change;
  return {
    instruments: new Map([EURUSD, USDJPY, GBPUSD].map((id) => [id, { lotStep }])),
    notionalOf: ({ units }) => Math.abs(units),
    maxUnits: () => undefined,
    reason: 'close-all',
    ...rest,
  };
}

/** Instrument, side and units of each order. */
function told(positions: readonly VenuePosition[], within = context()) {
  return closePlan(positions, within).orders.map(({ instrument, side, units }) => [instrument, side, units]);
}

describe('the orders that flatten an account', () => {
  it('sell what is long and buy back what is short, at the market, reduce-only, all at once or not at all', () => {
    expect(closePlan([held(EURUSD, 700)], context()).orders).toEqual([
      {
        instrument: EURUSD,
        side: 'sell',
        units: 700,
        type: 'market',
        timeInForce: 'FOK',
        reduceOnly: true,
        reason: 'close-all',
      },
    ]);
    expect(told([held(USDJPY, -300)])).toEqual([[USDJPY, 'buy', 300]]);
    expect(closePlan([held(EURUSD, 0)], context())).toEqual({ orders: [], left: [] });
  });

  it('close the largest first, those of unknown size last, equal ones by name, however they are listed', () => {
    const sizes = new Map([
      [EURUSD, 100],
      [USDJPY, 900],
    ]);
    const notionalOf = ({ instrument }: VenuePosition) => sizes.get(instrument);
    const positions = [held(GBPUSD, 5), held(EURUSD, 5), held(USDJPY, 5)];
    for (const listed of [positions, [...positions].reverse()]) {
      expect(told(listed, context({ notionalOf })).map(([id]) => id)).toEqual([USDJPY, EURUSD, GBPUSD]);
      expect(told(listed).map(([id]) => id)).toEqual([EURUSD, GBPUSD, USDJPY]);
    }
    // A position worth nothing is still known; unknown comes after it.
    const known = context({ notionalOf: ({ instrument }) => (instrument === USDJPY ? 0 : undefined) });
    expect(told(positions, known).map(([id]) => id)).toEqual([USDJPY, EURUSD, GBPUSD]);
  });

  it.each([
    ['long', 2.5, 2, 0.5],
    ['short', -2.5, 2, -0.5],
    ['all of it', 0.5, undefined, 0.5],
  ])('name a rest smaller than a lot: %s', (_, units, sold, rest) => {
    const { orders, left } = closePlan([held(EURUSD, units)], context());
    expect(orders.map((order) => order.units)).toEqual(sold === undefined ? [] : [sold]);
    expect(left).toEqual([{ instrument: EURUSD, units: rest, reason: 'less than a lot of 1' }]);
  });

  it('are cut without the dust of binary fractions', () => {
    const tenths = context({ lotStep: 0.1, maxUnits: () => 0.3 });
    expect(told([held(EURUSD, 1)], tenths).map(([, , units]) => units)).toEqual([0.3, 0.3, 0.3, 0.1]);
    expect(told([held(EURUSD, 0.3)], tenths).map(([, , units]) => units)).toEqual([0.3]);
  });

  it('close the whole of what nobody knows the lots of', () => {
    const unknown = context({ instruments: new Map() });
    expect(closePlan([held(EURUSD, 2.5)], unknown)).toMatchObject({ orders: [{ units: 2.5 }], left: [] });
    expect(told([held(EURUSD, 2.5)], { ...unknown, maxUnits: () => 1 })).toEqual([
      [EURUSD, 'sell', 1],
      [EURUSD, 'sell', 1],
      [EURUSD, 'sell', 0.5],
    ]);
  });

  it.each([
    ['as large as one order may be', 500, 500, [500]],
    ['one lot larger', 501, 500, [500, 1]],
    ['a whole number of slices', 1500, 500, [500, 500, 500]],
    ['a limit off the grid', 1001, 500.7, [500, 500, 1]],
  ])('are cut into slices: %s', (_, units, most, slices) => {
    expect(told([held(EURUSD, units)], context({ maxUnits: () => most })).map(([, , cut]) => cut)).toEqual(slices);
  });

  it('given a limit below one lot, is a bug and no endless list', () => {
    expect(() => closePlan([held(EURUSD, 5)], context({ maxUnits: () => 0.5 }))).toThrow('is at least a lot');
  });

  it('add up to what is held, never more, in slices on the grid that one order may be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3000, max: 3000 }),
        fc.constantFrom(1, 10, 0.01, 0.1),
        fc.integer({ min: 1, max: 400 }),
        (lots, lotStep, most) => {
          const units = lots * lotStep;
          const limits = context({ lotStep, maxUnits: () => most * lotStep });
          const { orders, left } = closePlan([held(EURUSD, units)], limits);
          const sum = orders.reduce((total, order) => total + order.units, 0);
          expect(sum).toBeCloseTo(Math.abs(units), 6);
          expect(left).toEqual([]);
          expect(new Set(orders.map(({ side }) => side)).size).toBe(lots === 0 ? 0 : 1);
          const sizes = orders.map((order) => order.units / lotStep);
          expect(sizes.filter((lot) => !(lot > 0.5 && lot < most + 0.5))).toEqual([]);
          expect(orders.filter((order) => Number(order.units.toFixed(2)) !== order.units)).toEqual([]);
        },
      ),
    );
  });
});
