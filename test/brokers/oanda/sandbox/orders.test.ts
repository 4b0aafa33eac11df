import { describe, expect, it } from 'vitest';
import type { ClientIdRule } from '../../../../src/brokers/oanda/sandbox/message.js';
import { aSandbox, type Reply, START } from '../../../helpers/oanda-sandbox.js';

const fill = (answer: { body: Reply }) => answer.body['orderFillTransaction'];
const cancelled = (answer: { body: Reply }) => answer.body['orderCancelTransaction'];
const records = (venue: ReturnType<typeof aSandbox>) => venue.truth().accounts[0]?.transactions ?? [];

describe('a market order', () => {
  it('is filled at the ask, opens a trade and is in the records', () => {
    const venue = aSandbox();
    const answer = venue.market('EUR_USD', 1000, 'fx1');
    expect(answer.status).toBe(201);
    expect(fill(answer)).toMatchObject({
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
    const { body } = venue.get('transactions/sinceid?id=2');
    expect(body['transactions']).toMatchObject([
      { id: '3', type: 'MARKET_ORDER', batchID: '3', clientExtensions: { id: 'fx1' } },
      { id: '4', type: 'ORDER_FILL', batchID: '3', clientOrderID: 'fx1' },
    ]);
  });

  it('nets against the oldest trades first, by hand: 1000 at 1.1002, 500 at 1.1012, sold 1200 at 1.1020', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000);
    venue.quote('EUR_USD', 1.101, 1.1012);
    venue.market('EUR_USD', 500);
    venue.quote('EUR_USD', 1.102, 1.1022);
    const answer = venue.market('EUR_USD', -1200);
    // 1000 × 0.0018 + 200 × 0.0008
    expect(fill(answer)).toMatchObject({
      pl: '1.9600',
      accountBalance: '100001.9600',
      tradesClosed: [{ tradeID: '4', units: '-1000', realizedPL: '1.8000' }],
      tradeReduced: { tradeID: '6', units: '-200', realizedPL: '0.1600' },
    });
    expect(fill(answer)?.['tradeOpened']).toBeUndefined();
  });

  it('turns a position round: closes what is there and opens the rest', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000);
    expect(fill(venue.market('EUR_USD', -1500))).toMatchObject({
      tradesClosed: [{ units: '-1000' }],
      tradeOpened: { units: '-500' },
    });
    expect(venue.truth().positions).toMatchObject([{ units: -500 }]);
  });

  it('in yen: profit is converted at the rate of the close, less half a percent', () => {
    const venue = aSandbox();
    venue.market('USD_JPY', 10_000);
    venue.quote('USD_JPY', 146, 146.02);
    // 10000 × 0.98 yen ÷ 146.01 × 0.995
    expect(fill(venue.market('USD_JPY', -10_000))).toMatchObject({ pl: ((9800 / 146.01) * 0.995).toFixed(4) });
  });

  it.each<[string, object, string]>([
    ['worse than its bound', { priceBound: '1.10010' }, 'BOUNDS_VIOLATION'],
    ['larger than the margin', { units: '9000000' }, 'INSUFFICIENT_MARGIN'],
    ['larger than the market', { units: '20000000' }, 'INSUFFICIENT_LIQUIDITY'],
    ['only to reduce what is not there', { positionFill: 'REDUCE_ONLY' }, 'INSUFFICIENT_LIQUIDITY'],
    ['with a target that loses', { takeProfitOnFill: { price: '1.09000' } }, 'TAKE_PROFIT_ON_FILL_LOSS'],
    ['with a stop beyond the price', { stopLossOnFill: { price: '1.20000' } }, 'STOP_LOSS_ON_FILL_LOSS'],
  ])('%s is accepted with 201 and cancelled: %s', (_, more, reason) => {
    const venue = aSandbox();
    const answer = venue.market('EUR_USD', 1000, 'fx1', more);
    expect(answer.status).toBe(201);
    expect(cancelled(answer)).toMatchObject({ reason, orderID: '3', clientOrderID: 'fx1' });
    expect(fill(answer)).toBeUndefined();
    expect(venue.truth().fills).toEqual([]);
  });

  it('while the market is halted is accepted and cancelled', () => {
    const venue = aSandbox();
    venue.quote('EUR_USD', 1.1, 1.1002, { tradeable: false });
    expect(cancelled(venue.market('EUR_USD', 1000))).toMatchObject({ reason: 'MARKET_HALTED' });
  });

  it.each<[string, object, number, string]>([
    ['a fraction of a unit', { units: '10.5' }, 400, 'UNITS_PRECISION_EXCEEDED'],
    ['nothing', { units: '0' }, 400, 'UNITS_INVALID'],
    ['too much', { units: '100000001' }, 400, 'UNITS_LIMIT_EXCEEDED'],
    ['an unknown pair', { instrument: 'AAA_BBB' }, 400, 'INSTRUMENT_UNKNOWN'],
    ['good till cancelled', { timeInForce: 'GTC' }, 400, 'TIME_IN_FORCE_INVALID'],
    [
      'a guaranteed stop',
      { guaranteedStopLossOnFill: { price: '1.05' } },
      400,
      'STOP_LOSS_ON_FILL_GUARANTEED_NOT_ALLOWED',
    ],
    ['a sixth decimal', { stopLossOnFill: { price: '1.050001' } }, 400, 'STOP_LOSS_ON_FILL_PRICE_PRECISION_EXCEEDED'],
  ])('for %s is refused with a record of it', (_, more, status, code) => {
    const venue = aSandbox();
    const answer = venue.market('EUR_USD', 1000, 'fx1', more);
    expect(answer).toMatchObject({ status, body: { errorCode: code } });
    expect(records(venue).at(-1)).toMatchObject({ type: 'MARKET_ORDER_REJECT', rejectReason: code });
    expect(venue.truth().orders).toMatchObject([{ state: 'REFUSED', clientId: 'fx1' }]);
  });

  it.each([[{ units: 1000 }], [{ colour: 'red' }], [{ type: 'MARGET' }], [{ positionFill: 'SOMEHOW' }]])(
    'that is malformed (%j) leaves no record',
    (more) => {
      const venue = aSandbox();
      const answer = venue.market('EUR_USD', 1000, 'fx1', more);
      expect(answer.status).toBe(400);
      expect(answer.body['errorMessage']).toContain("Invalid value specified for 'order");
      expect(records(venue)).toHaveLength(2);
    },
  );

  it('is cut down to the position where it may only reduce and need not be whole', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 300);
    const answer = venue.market('EUR_USD', -1000, 'fx2', { positionFill: 'REDUCE_ONLY', timeInForce: 'IOC' });
    expect(fill(answer)).toMatchObject({ units: '-300', requestedUnits: '-1000' });
    expect(venue.truth().positions).toEqual([]);
  });
});

describe('client ids', () => {
  it.each<[ClientIdRule, number, number]>([
    ['pending', 201, 400],
    ['open', 400, 400],
    ['for-ever', 400, 400],
  ])('unique among %s: the second market order gets %i, the second waiting one %i', (clientIds, market, waiting) => {
    const venue = aSandbox({ settings: { clientIds } });
    venue.market('EUR_USD', 1000, 'fx1');
    expect(venue.market('EUR_USD', 1000, 'fx1').status).toBe(market);
    const limit = {
      type: 'LIMIT',
      instrument: 'EUR_USD',
      units: '10',
      price: '1.00000',
      clientExtensions: { id: 'fx2' },
    };
    expect(venue.order(limit).status).toBe(201);
    expect(venue.order(limit)).toMatchObject({
      status: waiting,
      body: { errorCode: 'CLIENT_ORDER_ID_ALREADY_EXISTS', orderRejectTransaction: { type: 'LIMIT_ORDER_REJECT' } },
    });
  });

  it('find an order while it waits, and after its end only where the settings say so', () => {
    for (const [findsEndedOrders, status] of [[false, 404] as const, [true, 200] as const]) {
      const venue = aSandbox({ settings: { findsEndedOrders } });
      venue.market('EUR_USD', 1000, 'fx1');
      expect(venue.get('orders/@fx1').status).toBe(status);
      expect(venue.get('orders/3').status).toBe(200);
    }
    expect(aSandbox().get('orders/@nobody')).toMatchObject({ status: 404, body: { errorCode: 'NO_SUCH_ORDER' } });
  });
});

describe('a bracket', () => {
  const bracket = {
    takeProfitOnFill: { price: '1.11000', clientExtensions: { id: 'fx1tp' } },
    stopLossOnFill: { price: '1.09000', clientExtensions: { id: 'fx1sl' } },
  };

  it('brings a target and a stop with their own client ids, and one cancels the other', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000, 'fx1', bracket);
    expect(records(venue).slice(-2)).toMatchObject([
      { type: 'TAKE_PROFIT_ORDER', reason: 'ON_FILL', tradeID: '4', orderFillTransactionID: '4' },
      { type: 'STOP_LOSS_ORDER', clientExtensions: { id: 'fx1sl' }, tradeID: '4' },
    ]);
    venue.pass(1000);
    venue.quote('EUR_USD', 1.0898, 1.09);
    expect(records(venue).slice(-2)).toMatchObject([
      { type: 'ORDER_FILL', reason: 'STOP_LOSS_ORDER', clientOrderID: 'fx1sl', price: '1.08980', pl: '-10.4000' },
      { type: 'ORDER_CANCEL', reason: 'LINKED_TRADE_CLOSED', clientOrderID: 'fx1tp' },
    ]);
    expect(venue.truth().positions).toEqual([]);
  });

  it('ends with its trade when somebody closes that', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000, 'fx1', bracket);
    venue.call('PUT', 'positions/EUR_USD/close', { longUnits: 'ALL' });
    expect(venue.get('pendingOrders').body['orders']).toEqual([]);
  });

  it('is replaced and taken away at the trade', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000, 'fx1', bracket);
    expect(venue.call('PUT', 'trades/4/orders', { takeProfit: null, stopLoss: { price: '1.08000' } })).toMatchObject({
      status: 200,
      body: {
        takeProfitOrderCancelTransaction: { reason: 'CLIENT_REQUEST' },
        stopLossOrderCancelTransaction: { reason: 'CLIENT_REQUEST_REPLACED' },
        stopLossOrderTransaction: { price: '1.08000', reason: 'REPLACEMENT' },
      },
    });
    expect(venue.get('trades/4').body['trade']).toMatchObject({ stopLossOrder: { price: '1.08000' } });
  });

  it('a trailing stop follows the best price and never goes back', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000, 'fx1', { trailingStopLossOnFill: { distance: '0.00500' } });
    const stop = () => venue.get('trades/4').body['trade']?.['trailingStopLossOrder']?.['trailingStopValue'];
    expect(stop()).toBe('1.09500');
    venue.quote('EUR_USD', 1.108, 1.1082);
    expect(stop()).toBe('1.10300');
    venue.quote('EUR_USD', 1.104, 1.1042);
    expect(stop()).toBe('1.10300');
    venue.quote('EUR_USD', 1.1029, 1.1031);
    expect(venue.truth().fills.at(-1)).toMatchObject({ reason: 'TRAILING_STOP_LOSS_ORDER', price: 1.1029 });
  });
});

describe('an order that waits', () => {
  const waiting = (type: string, units: number, price: string, more: object = {}) => ({
    type,
    instrument: 'EUR_USD',
    units: String(units),
    price,
    ...more,
  });

  it.each([
    ['LIMIT', 1000, '1.09500', [1.0949, 1.095], 1.095],
    ['LIMIT', -1000, '1.10500', [1.1051, 1.1053], 1.1051],
    ['STOP', 1000, '1.10500', [1.1051, 1.1053], 1.1053],
    ['STOP', -1000, '1.09500', [1.0948, 1.095], 1.0948],
    ['MARKET_IF_TOUCHED', 1000, '1.09500', [1.0947, 1.0949], 1.0949],
    ['MARKET_IF_TOUCHED', 1000, '1.10500', [1.1051, 1.1053], 1.1053],
  ] as const)('%s %i at %s is done when the price comes', (type, units, price, [bid, ask], at) => {
    const venue = aSandbox();
    expect(venue.order(waiting(type, units, price)).status).toBe(201);
    venue.quote('EUR_USD', 1.1001, 1.1003);
    expect(venue.truth().fills).toEqual([]);
    venue.quote('EUR_USD', bid, ask);
    expect(venue.truth().fills).toMatchObject([{ price: at, reason: `${type}_ORDER`, units }]);
  });

  it('a stop whose bound is passed by a gap is cancelled', () => {
    const venue = aSandbox();
    venue.order(waiting('STOP', 1000, '1.10500', { priceBound: '1.10600' }));
    venue.quote('EUR_USD', 1.12, 1.1202);
    expect(records(venue).at(-1)).toMatchObject({ type: 'ORDER_CANCEL', reason: 'BOUNDS_VIOLATION' });
  });

  it('a part is filled, and the rest waits on as a new order', () => {
    const venue = aSandbox();
    venue.order(waiting('LIMIT', 1000, '1.09500'));
    venue.quote('EUR_USD', 1.0948, 1.095, { liquidity: 400 });
    expect(records(venue).slice(-2)).toMatchObject([
      { type: 'ORDER_FILL', units: '400', requestedUnits: '1000' },
      { type: 'LIMIT_ORDER', units: '600', replacesOrderID: '3' },
    ]);
  });

  it('expires at its time, or at the end of the day', () => {
    const venue = aSandbox();
    venue.order(
      waiting('LIMIT', 10, '1.00000', { timeInForce: 'GTD', gtdTime: new Date(START + 60_000).toISOString() }),
    );
    venue.order(waiting('LIMIT', 10, '1.00000', { timeInForce: 'GFD' }));
    venue.pass(61_000);
    expect(records(venue).at(-1)).toMatchObject({
      type: 'ORDER_CANCEL',
      orderID: '3',
      reason: 'TIME_IN_FORCE_EXPIRED',
      time: '2024-01-10T15:01:00.000000000Z',
    });
    venue.pass(86_400_000);
    expect(records(venue).at(-1)).toMatchObject({ orderID: '4', time: '2024-01-10T22:00:00.000000000Z' });
  });

  it('is cancelled once; a second time, and for an order that never was, it says so', () => {
    const venue = aSandbox();
    venue.order(waiting('LIMIT', 10, '1.00000', { clientExtensions: { id: 'fx1' } }));
    expect(venue.call('PUT', 'orders/@fx1/cancel')).toMatchObject({
      status: 200,
      body: { orderCancelTransaction: { orderID: '3', clientOrderID: 'fx1', reason: 'CLIENT_REQUEST' } },
    });
    for (const name of ['@fx1', '3', '77']) {
      expect(venue.call('PUT', `orders/${name}/cancel`)).toMatchObject({
        status: 404,
        body: { errorCode: 'ORDER_DOESNT_EXIST', orderCancelRejectTransaction: { type: 'ORDER_CANCEL_REJECT' } },
      });
    }
  });

  it('is replaced: the old one ends, the new one names it', () => {
    const venue = aSandbox();
    venue.order(waiting('LIMIT', 10, '1.00000', { clientExtensions: { id: 'fx1' } }));
    expect(
      venue.call('PUT', 'orders/3', { order: waiting('LIMIT', 20, '1.01000', { clientExtensions: { id: 'fx1' } }) }),
    ).toMatchObject({
      status: 201,
      body: {
        orderCancelTransaction: { orderID: '3', reason: 'CLIENT_REQUEST_REPLACED', replacedByOrderID: '5' },
        orderCreateTransaction: { id: '5', reason: 'REPLACEMENT', replacesOrderID: '3' },
      },
    });
  });
});
