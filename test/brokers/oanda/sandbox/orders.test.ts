import { describe, expect, it } from 'vitest';
import { aSandbox } from '../../../helpers/oanda-sandbox.js';

describe('orders at the stand-in of OANDA', () => {
  it('a market order is filled at the ask, opens a trade and is in the records', () => {
    const venue = aSandbox();
    const { status, body } = venue.market('EUR_USD', 1000, 'fx1');
    expect(status).toBe(201);
    expect(body['orderFillTransaction']).toMatchObject({
      type: 'ORDER_FILL',
      orderID: '3',
      clientOrderID: 'fx1',
      price: '1.10020',
      units: '1000',
      pl: '0.0000',
      accountBalance: '100000.0000',
      halfSpreadCost: '0.1000',
      tradeOpened: { tradeID: '4', units: '1000' },
    });
    expect(venue.get('openPositions').body['positions']).toMatchObject([
      { instrument: 'EUR_USD', long: { units: '1000' } },
    ]);
    expect(venue.truth().positions).toMatchObject([{ instrument: 'EUR_USD', units: 1000, averagePrice: 1.1002 }]);
  });
});
