import { describe, expect, it } from 'vitest';
import { ACCOUNT, aSandbox, instruments, START } from '../../../helpers/oanda-sandbox.js';

const records = (venue: ReturnType<typeof aSandbox>) => venue.truth().accounts[0]?.transactions ?? [];

describe('closing', () => {
  it('both sides when one is open refuses both, and touches nothing', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000);
    expect(venue.call('PUT', 'positions/EUR_USD/close', { longUnits: 'ALL', shortUnits: 'ALL' })).toMatchObject({
      status: 400,
      body: {
        errorCode: 'CLOSEOUT_POSITION_DOESNT_EXIST',
        longOrderRejectTransaction: { rejectReason: 'CLOSEOUT_POSITION_REJECT' },
        shortOrderRejectTransaction: { rejectReason: 'CLOSEOUT_POSITION_DOESNT_EXIST' },
      },
    });
    expect(venue.truth().positions).toMatchObject([{ units: 1000 }]);
  });

  it('a position closes it once; a second time says it is not there', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', -700);
    expect(venue.call('PUT', 'positions/EUR_USD/close', { shortUnits: 'ALL' })).toMatchObject({
      status: 200,
      body: { shortOrderFillTransaction: { units: '700', reason: 'MARKET_ORDER_POSITION_CLOSEOUT' } },
    });
    expect(venue.call('PUT', 'positions/EUR_USD/close', { shortUnits: 'ALL' })).toMatchObject({
      status: 400,
      body: { errorCode: 'CLOSEOUT_POSITION_DOESNT_EXIST' },
    });
  });

  it('a trade in two parts', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 1000);
    expect(venue.call('PUT', 'trades/4/close', { units: '400' }).body['orderFillTransaction']).toMatchObject({
      tradeReduced: { tradeID: '4', units: '-400' },
      reason: 'MARKET_ORDER_TRADE_CLOSE',
    });
    expect(venue.call('PUT', 'trades/4/close', { units: '601' })).toMatchObject({
      status: 400,
      body: { errorCode: 'CLOSE_TRADE_UNITS_EXCEED_TRADE_SIZE' },
    });
    expect(venue.call('PUT', 'trades/4/close').status).toBe(200);
    expect(venue.get('trades/4').body['trade']).toMatchObject({ state: 'CLOSED', currentUnits: '0' });
  });
});

describe('money', () => {
  it('interest is charged at 17:00 New York for the days of the instrument’s table, three on Wednesday', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 10_000);
    venue.pass(8 * 3_600_000);
    // 10000 × 1.1001 × −0.012 ÷ 365 × 3
    expect(records(venue).at(-1)).toMatchObject({
      type: 'DAILY_FINANCING',
      time: '2024-01-10T22:00:00.000000000Z',
      financing: '-1.0850',
      accountBalance: '99998.9150',
      positionFinancings: [{ instrument: 'EUR_USD', openTradeFinancings: [{ tradeID: '4', financing: '-1.0850' }] }],
    });
    venue.pass(4 * 86_400_000);
    const days = records(venue).filter((one) => one['type'] === 'DAILY_FINANCING');
    expect(days.map((one) => one['financing'])).toEqual(['-1.0850', '-0.3617', '-0.3617']);
  });

  it('the margin of a position and what is free add up to the worth of the account', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 100_000);
    const account = venue.get('summary').body['account'];
    expect(account).toMatchObject({
      balance: '100000.0000',
      unrealizedPL: '-20.0000',
      NAV: '99980.0000',
      marginUsed: (100_000 * 1.1001 * 0.0333).toFixed(4),
    });
    expect(Number(account?.['marginUsed']) + Number(account?.['marginAvailable'])).toBeCloseTo(99_980, 4);
  });

  it('the broker closes everything when half the margin is gone', () => {
    const venue = aSandbox({ accounts: [{ id: ACCOUNT, currency: 'USD', balance: 5000 }] });
    venue.market('EUR_USD', 100_000);
    venue.quote('EUR_USD', 1.0683, 1.0685);
    expect(venue.truth().positions).toHaveLength(1);
    venue.quote('EUR_USD', 1.0675, 1.0677);
    expect(records(venue).slice(-2)).toMatchObject([
      { type: 'MARKET_ORDER', reason: 'MARGIN_CLOSEOUT' },
      { type: 'ORDER_FILL', reason: 'MARKET_ORDER_MARGIN_CLOSEOUT', units: '-100000' },
    ]);
    expect(venue.truth().positions).toEqual([]);
  });
});

describe('the door', () => {
  it('a wrong key is 401, a wrong account 403, a wrong path 404, a wrong method 405', () => {
    const venue = aSandbox();
    expect(venue.call('GET', 'summary', undefined, { authorization: 'Bearer x' }).status).toBe(401);
    expect(venue.get('/v3/accounts/101-004-7777777-001/summary').status).toBe(403);
    expect(venue.get('nowhere').status).toBe(404);
    expect(venue.call('DELETE', 'orders').status).toBe(405);
    expect(venue.call('POST', 'orders', '{"order":').status).toBe(400);
  });

  it('the 121st request of a second is 429, the next second is free', () => {
    const venue = aSandbox();
    const seen = Array.from({ length: 121 }, () => venue.get('summary').status);
    expect(seen.slice(-2)).toEqual([200, 429]);
    venue.pass(1000);
    expect(venue.get('summary').status).toBe(200);
  });

  it('times are seconds where the client asks for them', () => {
    const { body } = aSandbox().call('GET', 'transactions/1', undefined, { 'accept-datetime-format': 'UNIX' });
    expect(body['transaction']).toMatchObject({ time: `${START / 1000}.000000000` });
  });
});

describe('records', () => {
  it('are paged by id', () => {
    const venue = aSandbox();
    for (let i = 0; i < 10; i++) venue.market('EUR_USD', 10);
    const { body } = venue.get('transactions?pageSize=8');
    expect(body).toMatchObject({ count: 22, pageSize: 8 });
    const pages = body['pages'] as unknown as string[];
    expect(pages.map((page) => page.split('?')[1])).toEqual(['from=1&to=8', 'from=9&to=16', 'from=17&to=22']);
    const path = new URL(pages[1] ?? '').pathname + new URL(pages[1] ?? '').search;
    expect(venue.get(path).body['transactions']).toHaveLength(8);
    expect(venue.get('transactions/sinceid?id=22').body['transactions']).toEqual([]);
    expect(venue.get('transactions/sinceid?id=23').status).toBe(416);
  });

  it('and what they changed can be asked for', () => {
    const venue = aSandbox();
    venue.market('EUR_USD', 100, 'fx1', { stopLossOnFill: { price: '1.05000' } });
    expect(venue.get('changes?sinceTransactionID=2').body).toMatchObject({
      changes: {
        ordersCreated: [{ type: 'STOP_LOSS' }],
        ordersFilled: [{ id: '3' }],
        tradesOpened: [{ id: '4' }],
        positions: [{ instrument: 'EUR_USD' }],
      },
      lastTransactionID: '5',
    });
  });

  it('go to the stream in the order in which they are made, with their numbers', () => {
    const venue = aSandbox();
    const lines: string[] = [];
    const request = {
      method: 'GET',
      path: `/v3/accounts/${ACCOUNT}/transactions/stream`,
      headers: { authorization: 'Bearer sandbox-token' },
    };
    const stream = venue.sandbox.subscribe(request, START, (line) => lines.push(line));
    venue.market('EUR_USD', 100);
    if (stream.kind === 'open') stream.close();
    venue.market('EUR_USD', 100);
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['HEARTBEAT', 'MARKET_ORDER', 'ORDER_FILL']);
  });
});

describe('prices', () => {
  it.each([
    ['pricing/stream?instruments=AAA_BBB', {}, 400],
    ['pricing/stream', {}, 400],
    ['transactions/stream', { authorization: 'Bearer x' }, 401],
    ['nowhere/stream', {}, 404],
  ])('a stream of %s with %j is refused: %i', (path, headers, status) => {
    const venue = aSandbox();
    const asked = {
      method: 'GET',
      path: `/v3/accounts/${ACCOUNT}/${path}`,
      headers: { authorization: 'Bearer sandbox-token', ...headers },
    };
    expect(venue.sandbox.subscribe(asked, START, () => undefined)).toMatchObject({
      kind: 'refused',
      reply: { status },
    });
    expect(venue.truth().requests).toMatchObject([{ status }]);
  });

  it('come at most four a second an instrument, the newest of their window', () => {
    const venue = aSandbox();
    const lines: string[] = [];
    const request = {
      method: 'GET',
      path: `/v3/accounts/${ACCOUNT}/pricing/stream?instruments=EUR_USD&snapshot=false`,
      headers: { authorization: 'Bearer sandbox-token' },
    };
    venue.sandbox.subscribe(request, START, (line) => lines.push(line));
    for (let i = 1; i <= 20; i++) {
      venue.quote('EUR_USD', 1.1 + i / 100_000, 1.1002 + i / 100_000);
      venue.pass(50);
    }
    const bids = lines.map((line) => JSON.parse(line).bids[0].price);
    expect(bids).toEqual(['1.10001', '1.10005', '1.10010', '1.10015', '1.10020']);
  });

  it('make candles of every length, the last one open', () => {
    const venue = aSandbox();
    for (let i = 0; i < 30; i++) {
      venue.quote('EUR_USD', 1.1 + i / 1000, 1.1002 + i / 1000);
      venue.pass(2000);
    }
    const candles = (query: string) =>
      venue.get(`/v3/instruments/EUR_USD/candles?${query}`).body['candles'] as unknown as {
        complete: boolean;
        time: string;
        bid: { o: string; h: string; c: string };
      }[];
    expect(candles('granularity=S5&price=B')).toHaveLength(12);
    expect(candles('granularity=M1&price=B')).toMatchObject([
      { complete: true, time: '2024-01-10T15:00:00.000000000Z', bid: { o: '1.10000', h: '1.12900', c: '1.12900' } },
    ]);
    expect(candles('granularity=D&price=B')).toMatchObject([
      { complete: false, time: '2024-01-09T22:00:00.000000000Z', bid: { c: '1.12900' } },
    ]);
    expect(candles('granularity=D&price=B&dailyAlignment=0&alignmentTimezone=UTC')).toMatchObject([
      { time: '2024-01-10T00:00:00.000000000Z' },
    ]);
  });

  it('older candles come from the history it was given', () => {
    const corners = { o: 1, h: 1.2, l: 0.9, c: 1.1 };
    const venue = aSandbox({
      history: function* (_name, _ms, from, to) {
        const hour = 3_600_000;
        for (let at = Math.ceil(from / hour) * hour; at < to; at += hour) {
          yield { start: at, bid: corners, ask: corners, volume: 10 };
        }
      },
    });
    const { body } = venue.get('/v3/instruments/EUR_USD/candles?granularity=H4&count=3&price=M');
    const candles = body['candles'] as unknown as { time: string; volume: number }[];
    expect(candles.map(({ time, volume }) => [time.slice(5, 16), volume])).toEqual([
      ['01-10T06:00', 40],
      ['01-10T10:00', 40],
      ['01-10T14:00', 11],
    ]);
  });
});

it('an instrument is shown with its grid, its margin and its interest', () => {
  const venue = aSandbox({ instruments: [...instruments] });
  expect(venue.get('instruments?instruments=USD_JPY').body['instruments']).toMatchObject([
    {
      name: 'USD_JPY',
      pipLocation: -2,
      displayPrecision: 3,
      marginRate: '0.0333',
      financing: {
        longRate: '-0.0120',
        financingDaysOfWeek: [{}, {}, { dayOfWeek: 'WEDNESDAY', daysCharged: 3 }, {}, {}, {}, {}],
      },
    },
  ]);
});
