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
  expect(splitIntent({ ...plain, ...prices }, { ratio: 2, units: 20, tick: 0.01 })).toEqual({
    ...plain,
    ...halved,
    units: 20,
  });
  expect(splitIntent(plain, { ratio: 2, units: 20, tick: 0.01 })).toEqual({ ...plain, units: 20 });
});

it('prices after a split are on the grid, and no distance becomes nothing', () => {
  const prices = { stopPrice: 10, trailDistance: 0.01 };
  expect(splitIntent({ ...plain, ...prices }, { ratio: 3, units: 30, tick: 0.01 })).toMatchObject({
    stopPrice: 3.33,
    trailDistance: 0.01,
  });
});

it('sides have opposites and signs', () => {
  expect([opposite('buy'), opposite('sell'), signOf('buy'), signOf('sell')]).toEqual(['sell', 'buy', 1, -1]);
});
