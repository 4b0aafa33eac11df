import { expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { type OrderIntent, opposite, signOf, splitIntent } from '../../../src/core/model/order.js';

const plain: OrderIntent = {
  instrument: instrumentId('XYZ'),
  side: 'buy',
  units: 10,
  type: 'market',
  timeInForce: 'GTC',
  reduceOnly: false,
  reason: 'test',
};

it('a split divides every price of an order by its ratio, and adds none', () => {
  const prices = { price: 10, stopPrice: 12, trailDistance: 2, stopLoss: 8, takeProfit: 14, trailStop: 4 };
  const halved = { price: 5, stopPrice: 6, trailDistance: 1, stopLoss: 4, takeProfit: 7, trailStop: 2 };
  expect(splitIntent({ ...plain, ...prices }, 2, 20)).toEqual({ ...plain, ...halved, units: 20 });
  expect(splitIntent(plain, 2, 20)).toEqual({ ...plain, units: 20 });
});

it('sides have opposites and signs', () => {
  expect([opposite('buy'), opposite('sell'), signOf('buy'), signOf('sell')]).toEqual(['sell', 'buy', 1, -1]);
});
