import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../src/core/base/rng.js';
import { ACCOUNT, aSandbox, oandaSchemas } from '../../../helpers/oanda-sandbox.js';

const schemas = oandaSchemas();
if (schemas === undefined)
  console.log('the schemas of the shared data are absent: replies are not checked against them');

type Venue = ReturnType<typeof aSandbox>;

/** Does something that a client, a person or the market might do; returns what was asked and answered. */
function act(venue: Venue, rng: { next(): number }, step: number) {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.next() * list.length)] as T;
  const name = pick(['EUR_USD', 'USD_JPY', 'GBP_USD']);
  const digits = name === 'USD_JPY' ? 3 : 5;
  const level = { EUR_USD: 1.1, USD_JPY: 145, GBP_USD: 1.27 }[name] ?? 1;
  const near = (share: number) => (level * (1 + (rng.next() - 0.5) * share)).toFixed(digits);
  const units = String(Math.round((rng.next() - 0.5) * pick([200, 20_000, 4_000_000])));
  const id = rng.next() < 0.6 ? { clientExtensions: { id: `fx${step % 40}`, tag: 'session' } } : {};
  const trades = venue.truth().fills.map((fill) => fill.transactionId);
  const some = String(Math.ceil(rng.next() * 40));
  const trade = trades.length > 0 && rng.next() < 0.8 ? pick(trades) : some;
  const pending = (venue.get('pendingOrders').body['orders'] as unknown as { id: string }[]).map((order) => order.id);
  const order = pending.length > 0 && rng.next() < 0.8 ? pick(pending) : pick([some, '@fx3', '@none']);
  const onFill = {
    ...(rng.next() < 0.4 ? { takeProfitOnFill: { price: near(0.01) } } : {}),
    ...(rng.next() < 0.4
      ? { stopLossOnFill: pick([{ price: near(0.01) }, { distance: (level / 200).toFixed(digits) }]) }
      : {}),
    ...(rng.next() < 0.2
      ? { trailingStopLossOnFill: { distance: (level / 300).toFixed(digits), timeInForce: 'GTC' } }
      : {}),
  };
  const until = { timeInForce: 'GTD', gtdTime: new Date(venue.now() + 40_000_000 * rng.next()).toISOString() };
  const entry = { instrument: name, units, ...id };
  const waits = pick([{}, { timeInForce: 'GTC' }, { timeInForce: 'GFD' }, until, { timeInForce: 'FOK' }]);
  const price = { price: near(0.01) };
  const bound = rng.next() < 0.2 ? { priceBound: near(0.002) } : {};
  const orders = [
    { type: 'MARKET', ...entry, ...onFill, ...bound },
    { type: 'MARKET', ...entry, positionFill: pick(['REDUCE_ONLY', 'REDUCE_FIRST', 'OPEN_ONLY', 'DEFAULT']) },
    { type: 'MARKET', ...entry, timeInForce: pick(['IOC', 'GTC']) },
    { type: 'LIMIT', ...entry, ...price, ...waits, ...onFill },
    { type: 'STOP', ...entry, ...price, ...waits, ...bound },
    {
      type: 'MARKET_IF_TOUCHED',
      ...entry,
      ...price,
      ...bound,
      triggerCondition: pick(['MID', 'BID', 'ASK', 'INVERSE']),
    },
    { type: 'TAKE_PROFIT', tradeID: trade, ...price, ...id },
    { type: 'STOP_LOSS', tradeID: trade, ...pick([price, { distance: '0.00500' }, {}]), ...id },
    { type: 'TRAILING_STOP_LOSS', tradeID: trade, distance: pick(['0.00500', '0.50000000', '0.5']) },
    { type: 'LIMIT', ...entry, price: '1.123456789' },
    { type: 'LIMIT', ...entry, price: 1.1 },
    { type: 'GUARANTEED_STOP_LOSS', tradeID: trade, ...price },
    { type: 'MARKET', instrument: 'ZZZ_QQQ', units: '1' },
  ];
  const size = pick(['ALL', '10', '1000000000', 'x']);
  const calls: [string, string, unknown?][] = [
    ['POST', 'orders', { order: pick(orders) }],
    ['POST', 'orders', { order: pick(orders) }],
    ['POST', 'orders', { order: pick(orders.slice(0, 9)) }],
    ['POST', 'orders', { order: pick(orders.slice(0, 6)) }],
    ['PUT', `orders/${order}`, { order: pick(orders.slice(3, 9)) }],
    ['PUT', `orders/${order}/cancel`],
    ['PUT', `orders/${order}/clientExtensions`, { clientExtensions: { tag: 'again' } }],
    ['GET', `orders/${order}`],
    ['GET', `orders?state=${pick(['ALL', 'FILLED', 'CANCELLED', 'PENDING'])}&count=20&instrument=${name}`],
    ['GET', 'pendingOrders'],
    ['PUT', `trades/${trade}/close`, pick([{ units: size }, {}, undefined])],
    [
      'PUT',
      `trades/${trade}/orders`,
      pick([
        { takeProfit: price, stopLoss: { price: near(0.01) } },
        { takeProfit: null },
        { trailingStopLoss: { distance: '0.00600' } },
        { stopLoss: { distance: '0.5' } },
      ]),
    ],
    ['PUT', `trades/${trade}/clientExtensions`, { clientExtensions: { comment: 'hello' } }],
    ['GET', `trades/${trade}`],
    ['GET', 'trades?state=ALL'],
    ['GET', 'openTrades'],
    [
      'PUT',
      `positions/${name}/close`,
      pick([{ longUnits: size }, { shortUnits: 'ALL' }, { longUnits: 'ALL', shortUnits: 'ALL' }, {}]),
    ],
    ['GET', 'positions'],
    ['GET', 'openPositions'],
    ['GET', `positions/${name}`],
    ['GET', ''],
    ['GET', 'summary'],
    ['GET', `instruments?instruments=${name}`],
    ['PATCH', 'configuration', pick([{ alias: 'mine' }, { marginRate: '0.05' }, { marginRate: '7' }])],
    ['GET', `changes?sinceTransactionID=${some}`],
    ['GET', `pricing?instruments=EUR_USD,${name}&includeHomeConversions=true`],
    ['GET', 'transactions?pageSize=10'],
    ['GET', `transactions/${some}`],
    ['GET', `transactions/idrange?from=${some}&to=${Number(some) + 20}`],
    ['GET', `transactions/sinceid?id=${some}&type=${pick(['ORDER_FILL', 'ORDER', 'FUNDING'])}`],
    ['GET', `/v3/instruments/${name}/candles?granularity=${pick(['S5', 'M1', 'H1', 'D', 'W'])}&price=MBA&count=3`],
    ['GET', `instruments/${name}/candles?granularity=M1&price=BA`],
    ['GET', '/v3/accounts'],
    ['DELETE', 'orders'],
    ['GET', 'nowhere'],
  ];
  const [method, path, body] = pick(calls);
  const reply = venue.call(method, path, body);
  const bid = level * (1 + (rng.next() - 0.5) * 0.01);
  if (rng.next() < 0.5) {
    venue.quote(name, Number(bid.toFixed(digits)), Number((bid * 1.0001).toFixed(digits)), {
      tradeable: rng.next() < 0.97,
      liquidity: pick([10_000_000, 10_000_000, 500]),
    });
  }
  venue.pass(Math.floor(rng.next() * pick([1000, 60_000, 20_000_000])));
  const whole = path.startsWith('/v3') ? path : `/v3/accounts/${ACCOUNT}${path === '' ? '' : `/${path}`}`;
  return { method, path: whole, reply };
}

function session(seed: number, steps: number, each: (done: ReturnType<typeof act>, venue: Venue) => void): Venue {
  const venue = aSandbox({ seed, settings: { requestsPerSecond: 1_000_000 } });
  const rng = seededRng(`session ${seed}`);
  for (let step = 0; step < steps; step++) each(act(venue, rng, step), venue);
  return venue;
}

describe('a long session at the stand-in', () => {
  it.skipIf(schemas === undefined).each([1, 2, 3, 4])(
    'every reply of session %i is as the published description has it',
    (seed) => {
      const wrong = new Set<string>();
      const seen = new Set<string>();
      session(seed, 1500, ({ method, path, reply }) => {
        seen.add(`${method} ${path.replace(/\d+|@\w+|[A-Z]{3}_[A-Z]{3}/g, '*').split('?')[0]} ${reply.status}`);
        for (const one of schemas?.wrong(method, path, reply.status, reply.body) ?? []) wrong.add(one);
      });
      expect([...wrong].slice(0, 20)).toEqual([]);
      expect(seen.size).toBeGreaterThan(40);
    },
  );

  it.each([11, 12, 13])('the money of session %i is what its records say, and the positions are its fills', (seed) => {
    const venue = session(seed, 1500, () => undefined);
    const { accounts, cash, fills, positions, orders } = venue.truth();
    const [account] = accounts;
    const sum = cash.reduce((total, one) => total + one.amount, 0);
    expect(account?.balance).toBeCloseTo(sum, 4);
    const booked = (account?.transactions ?? []).reduce((total, one) => {
      const amount = one['type'] === 'TRANSFER_FUNDS' ? one['amount'] : 0;
      const pl = one['type'] === 'ORDER_FILL' ? one['pl'] : 0;
      const financing = one['type'] === 'DAILY_FINANCING' ? one['financing'] : 0;
      return total + Number(amount) + Number(pl) + Number(financing);
    }, 0);
    expect(account?.balance).toBeCloseTo(booked, 4);
    const nets = new Map<string, number>();
    for (const fill of fills) nets.set(fill.instrument, (nets.get(fill.instrument) ?? 0) + fill.units);
    const open = [...nets].filter(([, units]) => units !== 0).map(([instrument, units]) => ({ instrument, units }));
    expect([...positions.map(({ instrument, units }) => ({ instrument, units }))].sort(byName)).toEqual(
      open.sort(byName),
    );
    const ids = (account?.transactions ?? []).map((one) => Number(one['id']));
    expect(ids).toEqual(ids.map((_, i) => i + 1));
    const perOrder = new Map<string, number>();
    for (const fill of fills) perOrder.set(fill.orderId, (perOrder.get(fill.orderId) ?? 0) + 1);
    expect(Math.max(...perOrder.values())).toBe(1);
    expect(fills.length).toBeGreaterThan(50);
    expect(orders.filter((order) => order.state === 'PENDING').length).toBe(
      (venue.get('pendingOrders').body['orders'] as unknown as unknown[]).length,
    );
  });

  it('the same seed and requests give the same transcript', () => {
    const transcript = (): string[] => {
      const lines: string[] = [];
      session(21, 500, ({ reply }) => lines.push(JSON.stringify(reply)));
      return lines;
    };
    expect(transcript()).toEqual(transcript());
  });
});

const byName = (a: { instrument: string }, b: { instrument: string }): number => (a.instrument < b.instrument ? -1 : 1);
