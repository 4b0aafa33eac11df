import { describe, expect, it } from 'vitest';
import { childClientId, clientId, instrumentId } from '../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import type { SubmitOutcome, VenueEvent } from '../../../src/core/ports/venue.js';
import { ACCOUNT, aSandbox, START } from '../../helpers/oanda-sandbox.js';
import { anOrder, aVenue, fakeHttp, OUR_ID, RequestCheck, sandboxHttp } from '../../helpers/oanda-wire.js';

const EUR = instrumentId('EUR/USD');
const JPY = instrumentId('USD/JPY');
const always = () => true;

function setUp(options: Parameters<typeof aSandbox>[0] = {}) {
  const box = aSandbox({ settings: { requestsPerSecond: 100_000 }, ...options });
  const http = sandboxHttp(box);
  return { box, http, venue: aVenue(http) };
}

function accepted(outcome: SubmitOutcome) {
  if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
  return outcome;
}

const kinds = (events: readonly VenueEvent[]): string[] => events.map((event) => event.kind);

describe('the account', () => {
  it('is read with its cash, its margin and where its record stands', async () => {
    const { venue } = setUp();
    expect(await venue.account()).toMatchObject({
      id: ACCOUNT,
      environment: 'practice',
      currency: 'USD',
      cash: 100_000,
      equity: 100_000,
      marginUsed: 0,
      hedging: false,
    });
    expect(venue.clockOffsetMs).toBe(500);
  });

  it.each`
    accountId                | environment
    ${'001-004-1234567-001'} | ${'practice'}
    ${'101-004-1234567-001'} | ${'live'}
  `('$accountId in $environment is refused before anything is sent', async ({ accountId, environment }) => {
    const http = fakeHttp(() => new Error('nothing may be sent'));
    await expect(aVenue(http, { accountId, environment }).account()).rejects.toMatchObject({
      code: 'CONFIG.WRONG_ENVIRONMENT',
    });
    expect(http.seen).toEqual([]);
  });

  it('of another number than ours is refused', async () => {
    const { box } = setUp();
    const http = sandboxHttp(box);
    const other = {
      ...http,
      send: (request: Parameters<typeof http.send>[0]) =>
        http.send({ ...request, url: request.url.replace('101-004-9999999-001', ACCOUNT) }),
    };
    await expect(aVenue(other, { accountId: '101-004-9999999-001' }).account()).rejects.toMatchObject({
      code: 'CONFIG.WRONG_ACCOUNT',
    });
  });

  it('that the token does not open is told in words', async () => {
    const http = fakeHttp(() => ({ status: 401, headers: {}, body: '{"errorMessage":"Insufficient authorization"}' }));
    await expect(aVenue(http).account()).rejects.toMatchObject({ code: 'BROKER.NO_ACCESS' });
  });
});

describe('instruments', () => {
  it('have the grid of the venue and the rest of our own table', async () => {
    const { venue } = setUp();
    const [eur, jpy] = await venue.instruments([EUR, JPY]);
    expect(eur).toMatchObject({ id: 'EUR/USD', tick: 1e-5, pip: 1e-4, lotStep: 1, minUnits: 1, hours: 'fx' });
    expect(jpy).toMatchObject({ id: 'USD/JPY', tick: 0.001, pip: 0.01 });
  });

  it('that it does not trade are named', async () => {
    const { venue } = setUp();
    await expect(venue.instruments([instrumentId('EUR/SEK')])).rejects.toMatchObject({
      code: 'BROKER.UNKNOWN_INSTRUMENT',
      message: expect.stringContaining('EUR/SEK'),
    });
  });
});

describe('an order', () => {
  it('at market is taken and filled, with what the venue booked', async () => {
    const { venue } = setUp();
    const { events, venueId } = accepted(await venue.submit(anOrder(), always));
    expect(kinds(events)).toEqual(['accepted', 'filled']);
    expect(events[1]).toMatchObject({
      venueId,
      clientId: OUR_ID,
      instrument: EUR,
      side: 'buy',
      units: 1_000,
      price: 1.1002,
      last: true,
    });
    expect(await venue.positions()).toMatchObject([{ instrument: EUR, units: 1_000, averagePrice: 1.1002 }]);
  });

  it('to sell is negative there and a positive sell here', async () => {
    const { venue } = setUp();
    const { events } = accepted(await venue.submit(anOrder({ side: 'sell', units: 250 }), always));
    expect(events[1]).toMatchObject({ side: 'sell', units: 250, price: 1.1 });
    expect(await venue.positions()).toMatchObject([{ units: -250 }]);
  });

  it('that the latch stops never leaves', async () => {
    const { venue, box } = setUp();
    expect(await venue.submit(anOrder(), () => false)).toEqual({ kind: 'held' });
    expect(box.truth().accounts).toBeDefined();
    expect(await venue.positions()).toEqual([]);
  });

  it('that the venue does not want is refused with its reason', async () => {
    const { venue } = setUp();
    const outcome = await venue.submit(anOrder({ units: 900_000_000 }), always);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'UNITS_LIMIT_EXCEEDED' });
  });

  it('whose instrument is not traded there is refused, and nothing was sent', async () => {
    const { venue, http } = setUp();
    const outcome = await venue.submit(anOrder({ instrument: instrumentId('EUR/SEK') }), always);
    expect(outcome).toMatchObject({ kind: 'refused', code: 'NOT_SENT' });
    expect(http.seen.filter((request) => request.method !== 'GET')).toEqual([]);
  });

  it('whose id works already is unresolved: the first one is there', async () => {
    const { venue } = setUp();
    const limit = anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' });
    accepted(await venue.submit(limit, always));
    expect(await venue.submit(limit, always)).toMatchObject({ kind: 'unresolved' });
    expect(await venue.openOrders()).toHaveLength(1);
  });

  it('while the market is shut is taken and ended in one answer', async () => {
    const { venue, box } = setUp();
    box.quote('EUR_USD', 1.1, 1.1002, { tradeable: false });
    const { events } = accepted(await venue.submit(anOrder(), always));
    expect(kinds(events)).toEqual(['accepted', 'cancelled']);
    expect(events[1]).toMatchObject({ reason: 'market-halted' });
  });

  const working: readonly (readonly [string, Partial<OrderIntent>, object])[] = [
    ['limit', { type: 'limit', price: 1.05, timeInForce: 'GTC' }, { type: 'limit', price: 1.05, timeInForce: 'GTC' }],
    ['limit of a day', { type: 'limit', price: 1.05, timeInForce: 'DAY' }, { type: 'limit', timeInForce: 'DAY' }],
    [
      'limit with a time limit',
      { type: 'limit', price: 1.05, timeInForce: 'GTD', expiresAt: START + 3_600_000 },
      { type: 'limit', timeInForce: 'GTD' },
    ],
    ['stop', { type: 'stop', stopPrice: 1.2, timeInForce: 'GTC' }, { type: 'stop', stopPrice: 1.2 }],
    [
      'stop-limit',
      { type: 'stop-limit', stopPrice: 1.2, price: 1.201, timeInForce: 'GTC' },
      { type: 'stop-limit', stopPrice: 1.2, price: 1.201 },
    ],
  ];
  it.each(working)('%s works there as it was sent', async (_, intent, shown) => {
    const { venue } = setUp();
    const { venueId, events } = accepted(await venue.submit(anOrder(intent), always));
    expect(kinds(events)).toEqual(['accepted']);
    const orders = await venue.openOrders();
    expect(orders).toMatchObject([
      { venueId, clientId: OUR_ID, instrument: EUR, side: 'buy', units: 1_000, reduceOnly: false, ...shown },
    ]);
  });

  it('with a stop and a target starts both with its fill, under ids known before', async () => {
    const { venue } = setUp();
    const cursor = (await venue.account()).cursor;
    const { venueId } = accepted(await venue.submit(anOrder({ stopLoss: 1.09, takeProfit: 1.12 }), always));
    const orders = await venue.openOrders();
    expect(orders.map((order) => [order.clientId, order.type, order.reduceOnly, order.units, order.side])).toEqual(
      expect.arrayContaining([
        [childClientId(OUR_ID, 'sl'), 'stop', true, 1_000, 'sell'],
        [childClientId(OUR_ID, 'tp'), 'take-profit', true, 1_000, 'sell'],
      ]),
    );
    const { events } = await venue.history(cursor);
    const protection = events.filter((event) => event.kind === 'protected');
    expect(protection).toMatchObject([
      { parentVenueId: venueId, role: expect.any(String) },
      { parentVenueId: venueId, role: expect.any(String) },
    ]);
  });

  it('with a trailing distance starts a trailing stop under the id of its stop', async () => {
    const { venue } = setUp();
    accepted(await venue.submit(anOrder({ stopLoss: 1.095, trailStop: 0.005 }), always));
    expect(await venue.openOrders()).toMatchObject([
      { clientId: childClientId(OUR_ID, 'sl'), type: 'trailing-stop', trailDistance: 0.005 },
    ]);
  });

  it('that trails needs one open trade of its own size', async () => {
    const { venue } = setUp();
    const trailing = (units: number) =>
      anOrder(
        { type: 'trailing-stop', side: 'sell', units, trailDistance: 0.005, reduceOnly: true, timeInForce: 'GTC' },
        'fxsmTRAILTRAILTRAILT',
      );
    expect(await venue.submit(trailing(1_000), always)).toMatchObject({ kind: 'refused', code: 'NOT_SENT' });
    accepted(await venue.submit(anOrder(), always));
    expect(await venue.submit(trailing(500), always)).toMatchObject({ kind: 'refused', code: 'NOT_SENT' });
    accepted(await venue.submit(trailing(1_000), always));
    expect(await venue.openOrders()).toMatchObject([{ type: 'trailing-stop', trailDistance: 0.005, reduceOnly: true }]);
  });

  it('that only reduces ends a position and opens none', async () => {
    const { venue } = setUp();
    accepted(await venue.submit(anOrder(), always));
    accepted(await venue.submit(anOrder({ side: 'sell', reduceOnly: true }, 'fxsmCLOSECLOSECLOSEC'), always));
    expect(await venue.positions()).toEqual([]);
  });

  it('that waited and fills in part goes on under its id, and its cancel finds the rest', async () => {
    const { venue, box } = setUp();
    const { cursor } = await venue.account();
    const first = accepted(await venue.submit(anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' }), always));
    box.sandbox.happen({ kind: 'next-fill-share', share: 0.4 }, box.now());
    box.quote('EUR_USD', 1.0498, 1.05);
    box.quote('EUR_USD', 1.1, 1.1002);
    const { events } = await venue.history(cursor);
    const fill = events.find((event) => event.kind === 'filled');
    expect(fill).toMatchObject({ units: 400, last: false, clientId: OUR_ID });
    const found = await venue.lookUp(OUR_ID, cursor);
    expect(found.kind === 'found' && kinds(found.events)).toEqual(['accepted', 'filled', 'accepted']);
    const rest = await venue.openOrders();
    expect(rest).toMatchObject([{ clientId: OUR_ID, units: 600 }]);
    const cancelled = await venue.cancel({ venueId: first.venueId, clientId: OUR_ID });
    expect(cancelled).toMatchObject({ kind: 'cancelled', events: [{ venueId: rest[0]?.venueId }] });
  });

  it('that ends at once and fills in part is over', async () => {
    const { venue, box } = setUp();
    box.sandbox.happen({ kind: 'next-fill-share', share: 0.4 }, box.now());
    const { events } = accepted(await venue.submit(anOrder({ timeInForce: 'IOC' }), always));
    expect(events[1]).toMatchObject({ kind: 'filled', units: 400, last: true });
    expect(await venue.openOrders()).toEqual([]);
  });
});

describe('the end of an order', () => {
  it('is asked for by either id, and told', async () => {
    const { venue } = setUp();
    const limit = { type: 'limit', price: 1.05, timeInForce: 'GTC' } as const;
    const first = accepted(await venue.submit(anOrder(limit), always));
    accepted(await venue.submit(anOrder(limit, 'fxsmSECONDSECONDSECO'), always));
    expect(await venue.cancel({ venueId: first.venueId })).toMatchObject({
      kind: 'cancelled',
      events: [{ kind: 'cancelled', venueId: first.venueId, clientId: OUR_ID, reason: 'client-request' }],
    });
    expect(await venue.cancel({ clientId: clientId('fxsmSECONDSECONDSECO') })).toMatchObject({ kind: 'cancelled' });
    expect(await venue.openOrders()).toEqual([]);
    expect(await venue.cancel({ venueId: first.venueId })).toMatchObject({ kind: 'gone' });
  });
});

describe('a look-up', () => {
  it.each`
    given                | intent                                                | kind         | events
    ${'a filled order'}  | ${{}}                                                 | ${'found'}   | ${['accepted', 'filled']}
    ${'a working order'} | ${{ type: 'limit', price: 1.05, timeInForce: 'GTC' }} | ${'found'}   | ${['accepted']}
    ${'a refused order'} | ${{ units: 900_000_000 }}                             | ${'refused'} | ${undefined}
  `('of $given is $kind', async ({ intent, kind, events }) => {
    const { venue } = setUp();
    const { cursor } = await venue.account();
    await venue.submit(anOrder(intent), always);
    const found = await venue.lookUp(OUR_ID, cursor);
    expect(found.kind).toBe(kind);
    if (found.kind === 'found') expect(kinds(found.events)).toEqual(events);
  });

  it('of an order that never was is absent', async () => {
    const { venue } = setUp();
    expect(await venue.lookUp(OUR_ID, (await venue.account()).cursor)).toEqual({ kind: 'absent' });
  });

  it('finds a working order although the cursor lies after it', async () => {
    const { venue } = setUp();
    const { venueId } = accepted(
      await venue.submit(anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' }), always),
    );
    expect(await venue.lookUp(OUR_ID, (await venue.account()).cursor)).toMatchObject({ kind: 'found', venueId });
  });

  it('finds the fill of a resting order by its id alone', async () => {
    const { venue, box } = setUp();
    const { venueId } = accepted(
      await venue.submit(anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' }), always),
    );
    const { cursor } = await venue.account();
    box.quote('EUR_USD', 1.0498, 1.05);
    const found = await venue.lookUp(OUR_ID, cursor);
    expect(found).toMatchObject({ kind: 'found', venueId, events: [{ kind: 'filled', units: 1_000 }] });
  });
});

describe('the record', () => {
  it('is read page by page, from any cursor, the same each time', async () => {
    const { venue, box } = setUp();
    const { cursor } = await venue.account();
    for (let i = 0; i < 1_100; i++) box.market('EUR_USD', i % 2 === 0 ? 100 : -100);
    const whole = await venue.history(cursor);
    expect(whole.events.filter((event) => event.kind === 'filled')).toHaveLength(1_100);
    expect(new Set(whole.events.map((event) => event.id)).size).toBe(whole.events.length);
    const tail = await venue.history(whole.events[1_000]?.id ?? '');
    expect(tail.events).toEqual(whole.events.slice(1_001));
    expect(await venue.history(whole.cursor)).toEqual({ events: [], cursor: whole.cursor });
  });

  it('tells interest an instrument, and money that comes in', async () => {
    const { venue, box } = setUp();
    accepted(await venue.submit(anOrder({ units: 100_000 }), always));
    const { cursor } = await venue.account();
    box.sandbox.happen({ kind: 'transfer', amount: 250 }, box.now());
    box.pass(24 * 3_600_000);
    const { events } = await venue.history(cursor);
    expect(events.find((event) => event.kind === 'transfer')).toMatchObject({ amount: 250 });
    const interest = events.find((event) => event.kind === 'financing');
    expect(interest).toMatchObject({ instrument: EUR });
    expect((await venue.account()).cash).toBe(interest?.kind === 'financing' ? interest.cash : undefined);
  });

  it('comes as it happens, with heartbeats that say how far it is', async () => {
    const { venue, box } = setUp();
    const controller = new AbortController();
    const heard: string[] = [];
    for await (const event of venue.events(controller.signal)) {
      if (heard.length === 0) box.market('EUR_USD', 100);
      heard.push(event.kind === 'heartbeat' ? `heartbeat ${event.cursor !== undefined}` : event.kind);
      if (heard.includes('filled')) controller.abort();
    }
    expect(heard).toEqual(['heartbeat true', 'accepted', 'filled']);
  });
});

describe('prices', () => {
  it('are asked for, and come as they change', async () => {
    const { venue, box } = setUp();
    expect(await venue.latestQuotes([EUR, JPY])).toMatchObject([
      { instrument: EUR, bid: 1.1, ask: 1.1002, tradeable: true },
      { instrument: JPY, bid: 145, ask: 145.02 },
    ]);
    const controller = new AbortController();
    const bids: number[] = [];
    for await (const quote of venue.quotes([EUR], controller.signal)) {
      if (quote.kind !== 'quote') continue;
      bids.push(quote.bid);
      if (bids.length === 1) box.quote('EUR_USD', 1.2, 1.2002);
      else controller.abort();
    }
    expect(bids).toEqual([1.1, 1.2]);
  });

  it('of the past are closed bars with both sides, at the time of their close', async () => {
    const history = function* (_: string, ms: number, from: number, to: number) {
      for (let start = Math.ceil(from / ms) * ms; start < to; start += ms) {
        const o = 1 + (start % 1_000_000_000) / 1e10;
        const corners = (more: number) => ({ o: o + more, h: o + 0.001 + more, l: o - 0.001 + more, c: o + more });
        yield { start, bid: corners(0), ask: corners(0.0002), volume: 7 };
      }
    };
    const { venue } = setUp({ history });
    const HOUR = 3_600_000;
    const bars = await venue.bars(EUR, HOUR, START - 10 * HOUR, START);
    expect([...bars.ts]).toEqual(Array.from({ length: 10 }, (_, i) => START - (9 - i) * HOUR));
    expect(bars.ask?.close[0]).toBeCloseTo((bars.bid?.close[0] ?? 0) + 0.0002, 9);
    expect(bars.price.close[3]).toBeCloseTo(((bars.bid?.close[3] ?? 0) + (bars.ask?.close[3] ?? 0)) / 2, 12);
    expect(bars.volume[0]).toBe(7);
  });

  it('of a length that the venue has not are refused', async () => {
    const { venue } = setUp();
    await expect(venue.bars(EUR, 7_000, START - 1e6, START)).rejects.toMatchObject({ code: 'BROKER.TIMEFRAME' });
  });
});

const check = RequestCheck.load();
if (check === undefined) console.log('requests to OANDA are not checked: the shared description is absent');

describe.skipIf(check === undefined)('every request', () => {
  it('is as the venue describes it', async () => {
    const { venue, http } = setUp();
    const { cursor } = await venue.account();
    const forms: Partial<OrderIntent>[] = [];
    for (const timeInForce of ['GTC', 'GTD', 'DAY', 'IOC', 'FOK'] as const) {
      const time = { timeInForce, ...(timeInForce === 'GTD' ? { expiresAt: START + 60_000 } : {}) };
      for (const side of ['buy', 'sell'] as const) {
        for (const reduceOnly of [false, true]) {
          const base = { side, reduceOnly, ...time };
          forms.push(
            { ...base, type: 'market' },
            { ...base, type: 'limit', price: 1.1 },
            { ...base, type: 'stop', stopPrice: 1.1, stopLoss: 1, takeProfit: 1.3 },
            { ...base, type: 'stop-limit', stopPrice: 1.1, price: 1.2, trailStop: 0.01 },
            { ...base, type: 'trailing-stop', trailDistance: 0.01 },
          );
        }
      }
    }
    let n = 0;
    for (const form of forms) {
      await venue.submit(anOrder(form, `fxsmFORM${n++}`), always);
      await venue.submit(anOrder({ ...form, instrument: JPY, price: 145, stopPrice: 146 }, `fxsmYEN${n++}`), always);
    }
    await venue.cancel({ venueId: '5' });
    await venue.cancel({ clientId: OUR_ID });
    await venue.lookUp(OUR_ID, cursor);
    await venue.openOrders();
    await venue.positions();
    await venue.latestQuotes([EUR, JPY]);
    await venue.bars(EUR, 3_600_000, START - 1e7, START).catch(() => undefined);
    const controller = new AbortController();
    for await (const _ of venue.events(controller.signal)) controller.abort();
    const second = new AbortController();
    for await (const _ of venue.quotes([EUR, JPY], second.signal)) second.abort();
    expect(http.seen.length).toBeGreaterThan(150);
    expect([...new Set(http.seen.flatMap((request) => check?.problems(request) ?? []))]).toEqual([]);
  });
});
