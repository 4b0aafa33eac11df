import { describe, expect, it } from 'vitest';
import { clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { LiveOrders } from '../../../src/core/orders/live-orders.js';
import { moreThanRecorded } from '../../../src/core/orders/more-than-recorded.js';

const INTENT: OrderIntent = {
  instrument: instrumentId('EUR/USD'),
  side: 'buy',
  units: 1_000,
  type: 'limit',
  price: 1.1,
  timeInForce: 'GTC',
  reduceOnly: false,
  stopLoss: 1.09,
  reason: 'test',
};

function recorded() {
  const orders = new LiveOrders();
  const parent = { id: orderId('o-1'), clientId: clientId('fxlvAAAAAAAAAAAAAAAA'), createdAt: 0, intent: INTENT };
  orders.apply({ type: 'submit', order: parent }, 0);
  const [entry, stop] = ['o-1', 'o-1.sl'].map((id) => orders.byId(orderId(id)));
  if (entry === undefined || stop === undefined) throw new Error('a bracket has two orders');
  return { orders, entry, stop };
}

describe('an order that is about to leave', () => {
  it.each([
    ['as it was recorded', {}, undefined],
    ['with fewer units', { units: 999 }, undefined],
    ['for another reason', { reason: 'told again' }, undefined],
    ['with more units', { units: 1_001 }, '1001 units, recorded were 1000'],
    ['with ten times the units', { units: 10_000 }, '10000 units, recorded were 1000'],
    ['with units that are no number', { units: Number.NaN }, 'NaN units, recorded were 1000'],
    ['on the other side', { side: 'sell' }, 'side is sell, recorded was buy'],
    ['of another pair', { instrument: instrumentId('USD/JPY') }, 'instrument is USD/JPY, recorded was EUR/USD'],
    ['of another type', { type: 'market' }, 'type is market, recorded was limit'],
    ['at another price', { price: 1.2 }, 'price is 1.2, recorded was 1.1'],
    ['without its stop', { stopLoss: undefined }, 'stopLoss is none, recorded was 1.09'],
    ['that only reduces, and was none', { reduceOnly: true }, 'reduceOnly is true, recorded was false'],
  ] as const)('%s', (_, change, said) => {
    const { orders, entry } = recorded();
    expect(moreThanRecorded({ ...INTENT, ...change } as OrderIntent, entry, orders)).toBe(said);
  });

  it('as a child has no more units than its parent, whatever its own record says', () => {
    const { orders, stop } = recorded();
    expect(moreThanRecorded(stop.intent, stop, orders)).toBeUndefined();
    const swollen = { ...stop, intent: { ...stop.intent, units: 4_000 } };
    expect(moreThanRecorded(swollen.intent, swollen, orders)).toBe('4000 units, its parent o-1 has 1000');
  });
});
