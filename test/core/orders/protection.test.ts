import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientId, instrumentId } from '../../../src/core/model/ids.js';
import { leftOver, protectiveOrder, unprotected } from '../../../src/core/orders/protection.js';
import type { VenueOrder } from '../../../src/core/ports/venue.js';

const EURUSD = instrumentId('EUR/USD');
const GRID = { tick: 0.00001, lotStep: 1 };

function order(fields: Partial<VenueOrder>): VenueOrder {
  return {
    venueId: '1',
    clientId: clientId('fxlv'),
    instrument: EURUSD,
    side: 'sell',
    units: 1000,
    filledUnits: 0,
    type: 'stop',
    timeInForce: 'GTC',
    reduceOnly: true,
    createdAt: 0,
    ...fields,
  };
}

describe('what is held without a stop at the venue', () => {
  it.each([
    ['a stop of its size', [order({})], 0],
    ['a stop whose size follows the position', [order({ units: undefined, side: undefined })], 0],
    ['two stops that add up', [order({ units: 400 }), order({ units: 600 })], 0],
    ['a stop with a limit', [order({ type: 'stop-limit' })], 0],
    ['a stop that trails', [order({ type: 'trailing-stop' })], 0],
    ['an order of no known kind', [order({ type: 'other' })], 1000],
    ['a stop of a part', [order({ units: 400 })], 600],
    ['none', [], 1000],
    ['a target only', [order({ type: 'take-profit' })], 1000],
    ['a stop of the wrong side', [order({ side: 'buy' })], 1000],
    ['a stop that could open', [order({ reduceOnly: false })], 1000],
    ['a stop of something else', [order({ instrument: instrumentId('USD/JPY') })], 1000],
  ])('%s', (_, orders, open) => {
    const found = unprotected(new Map([[EURUSD, 1000]]), orders);
    expect(found.map((one) => one.open)).toEqual(open === 0 ? [] : [open]);
  });

  it('a short is covered by a stop that buys', () => {
    const short = new Map([[EURUSD, -1000]]);
    expect(unprotected(short, [order({ side: 'buy' })])).toEqual([]);
    expect(unprotected(short, [order({ side: 'sell' })])).toEqual([{ instrument: EURUSD, held: -1000, open: 1000 }]);
    expect(unprotected(short, [order({ side: undefined, units: undefined })])).toEqual([]);
  });

  it('flat needs none', () => {
    expect(unprotected(new Map([[EURUSD, 0]]), [])).toEqual([]);
  });
});

describe('the order that protects', () => {
  const long = { instrument: EURUSD, held: 1000, open: 1000 };

  it('a stop eight percent below a long, above a short', () => {
    const prices = { bid: 1.0999, ask: 1.1001, averagePrice: 1.1 };
    expect(protectiveOrder(long, GRID, prices, 800)).toMatchObject({ type: 'stop', side: 'sell', stopPrice: 1.012 });
    expect(protectiveOrder({ ...long, held: -1000 }, GRID, prices, 800)).toMatchObject({
      type: 'stop',
      side: 'buy',
      stopPrice: 1.188,
    });
  });

  it('is an order in full, of what is open on the lot grid', () => {
    const shared = { instrument: EURUSD, side: 'sell', units: 600, reduceOnly: true };
    const gap = { ...long, open: 605 };
    const grid = { ...GRID, lotStep: 10 };
    expect(protectiveOrder(gap, grid, { bid: 1.1, ask: 1.1, averagePrice: 1.1 }, 1000)).toEqual({
      ...shared,
      units: 600,
      type: 'stop',
      stopPrice: 0.99,
      timeInForce: 'GTC',
      reason: 'a stop where there was none',
    });
    expect(protectiveOrder(gap, grid, { bid: 0.98, ask: 1.1, averagePrice: 1.1 }, 1000)).toEqual({
      ...shared,
      type: 'market',
      timeInForce: 'FOK',
      reason: 'unprotected, and the market is past where its stop would be',
    });
  });

  it.each([
    ['long', 1000, 0.9901, 1.2, 'stop'],
    ['long, right at it', 1000, 0.99, 1.2, 'market'],
    ['short', -1000, 1, 1.2099, 'stop'],
    ['short, right at it', -1000, 1, 1.21, 'market'],
  ])('goes by the price that would trigger it: %s', (_, held, bid, ask, type) => {
    const prices = { bid, ask, averagePrice: 1.1 };
    expect(protectiveOrder({ ...long, held }, { tick: 0.01, lotStep: 1 }, prices, 1000).type).toBe(type);
  });

  it('leaves at once where the market is past it', () => {
    const prices = { bid: 1.0, ask: 1.0002, averagePrice: 1.1 };
    expect(protectiveOrder(long, GRID, prices, 800)).toMatchObject({ type: 'market', side: 'sell', units: 1000 });
  });

  it('is never further away than asked for, always reduce-only, never larger than what is open', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.5, max: 200, noNaN: true }),
        fc.integer({ min: 1, max: 2000 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 1_000_000 }),
        (averagePrice, bps, isLong, open) => {
          const held = isLong ? open : -open;
          const made = protectiveOrder(
            { instrument: EURUSD, held, open },
            GRID,
            { bid: averagePrice, ask: averagePrice, averagePrice },
            bps,
          );
          expect(made.reduceOnly).toBe(true);
          expect(made.units).toBeLessThanOrEqual(open);
          if (made.stopPrice === undefined) return;
          const distance = Math.abs(made.stopPrice - averagePrice);
          // A hundredth of a tick is the noise of binary fractions at such prices.
          expect(distance).toBeLessThanOrEqual((averagePrice * bps) / 10_000 + GRID.tick / 100);
        },
      ),
    );
  });
});

it('names our stops of nothing, and nobody else’s', () => {
  const ours = (one: VenueOrder) => one.clientId !== undefined;
  const orders = [order({}), order({ venueId: '2', clientId: undefined }), order({ venueId: '3', reduceOnly: false })];
  expect(leftOver(new Map(), orders, ours).map(({ venueId }) => venueId)).toEqual(['1']);
  expect(leftOver(new Map([[EURUSD, 5]]), orders, ours)).toEqual([]);
});
