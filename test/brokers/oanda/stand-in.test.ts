import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultPlan, faultKinds, parseFaultScript } from '../../../src/brokers/oanda/sandbox/faults.js';
import { serveSandbox } from '../../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../../src/brokers/oanda/sandbox/venue.js';
import { openVenue } from '../../../src/brokers/registry.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { loadSecrets } from '../../../src/core/config/secrets.js';
import { clientId, instrumentId } from '../../../src/core/model/ids.js';
import { systemClock, systemStopwatch } from '../../../src/core/ports/clock.js';
import type { Venue } from '../../../src/core/ports/venue.js';
import { HeldError, type Http, type HttpRequest, WireError } from '../../../src/wire/message.js';
import { ACCOUNT, aSandbox, START } from '../../helpers/oanda-sandbox.js';
import { anOrder, aVenue, OUR_ID } from '../../helpers/oanda-wire.js';

const always = () => true;
const OTHER = clientId('fxsmOTHEROTHEROTHERO');

/** The stand-in behind a network that a script breaks; whatever never ends ends as a deadline would end it. */
function broken(rules: readonly object[]) {
  const { sandbox } = aSandbox({ settings: { requestsPerSecond: 100_000 } });
  const faulty = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules }), 1));
  let now = START;
  const http: Http = {
    async send(request) {
      if (request.mayLeave?.() === false) throw new HeldError();
      const delivery = faulty.request(heard(request), now);
      if (delivery.kind === 'reset') throw new WireError('reset', true);
      if (delivery.kind === 'silence') throw new WireError('timeout', true);
      if (delivery.kind === 'endless') throw new WireError('too-large', true);
      if (delivery.afterMs > 15_000 || delivery.bytesPerSecond !== undefined) throw new WireError('timeout', true);
      return delivery.reply;
    },
    async *lines() {
      yield* [];
    },
  };
  return {
    venue: aVenue(http),
    pass: (ms: number) => {
      now += ms;
      faulty.advance(now);
    },
    /** Whether the venue has, or had, an order of ours. */
    has: (id: string) => sandbox.truth().orders.some((order) => order.clientId === id),
  };
}

const heard = ({ method, url, headers, body }: HttpRequest) => ({
  method,
  path: url.replace(/^https?:\/\/[^/]+/, ''),
  headers,
  ...(body === undefined ? {} : { body }),
});

const MORE: Readonly<Record<string, object>> = {
  late: { ms: 20_000 },
  slow: { ms: 20_000 },
  hidden: { ms: 500 },
  stall: { ms: 1 },
  'drop-stream': { ms: 1 },
  halt: { instrument: 'EUR_USD' },
  'trade-by-hand': { instrument: 'EUR_USD', units: 100 },
  transfer: { amount: 1 },
  'clock-skew': { ms: 3_000 },
};

describe('an order into each fault of the stand-in', () => {
  it.each(faultKinds)('%s: what the adapter says is what happened, or that it does not know', async (kind) => {
    const { venue, has, pass } = broken([{ on: 'submit', call: 1, fault: { kind, ...MORE[kind] } }]);
    const { cursor } = await venue.account();
    const outcome = await venue.submit(anOrder(), always);
    if (outcome.kind === 'accepted') expect(has(OUR_ID)).toBe(true);
    if (outcome.kind === 'refused') {
      pass(60_000);
      expect(has(OUR_ID)).toBe(false);
    }
    if (outcome.kind !== 'unresolved') return;
    pass(60_000);
    const found = await venue.lookUp(OUR_ID, cursor).catch(() => undefined);
    if (kind !== 'revoked') expect(found?.kind).toBe(has(OUR_ID) ? 'found' : 'absent');
  });

  it.each([
    'drop-before',
    'drop-after',
    'silence-after',
    'late',
    'error-before',
    'error-after',
    'html',
    'empty',
    'malformed',
    'endless-body',
    'slow-body',
    'wrong-id',
    'error-in-200',
  ])('%s: it is unresolved', async (kind) => {
    const { venue } = broken([{ on: 'submit', call: 1, fault: { kind, ...MORE[kind] } }]);
    expect((await venue.submit(anOrder(), always)).kind).toBe('unresolved');
  });
});

describe('an answer that was damaged', () => {
  it('is taken for what it says or is unresolved, and nothing is thrown', async () => {
    const order = { type: 'MARKET', instrument: 'EUR_USD', units: '1000', clientExtensions: { id: OUR_ID } };
    const whole = JSON.stringify(aSandbox().order(order).body);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(8),
        fc.string({ maxLength: 6 }),
        fc.constantFrom(200, 201, 400, 404, 500),
        async (at, cut, text, status) => {
          const body = whole.slice(0, at) + text + whole.slice(at + cut);
          const { sandbox } = aSandbox();
          const http: Http = {
            send: async (request) =>
              request.method === 'GET' ? sandbox.handle(heard(request), START) : { status, headers: {}, body },
            async *lines() {
              yield body;
            },
          };
          const venue = aVenue(http);
          const outcome = await venue.submit(anOrder(), always);
          expect(['accepted', 'unresolved']).toContain(outcome.kind);
          expect(['gone', 'unresolved']).toContain((await venue.cancel({ venueId: '1' })).kind);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a cancel and a read into each fault', () => {
  it.each(faultKinds)('%s: a cancel says no more than is known', async (kind) => {
    const { venue } = broken([{ on: 'cancel', call: 1, fault: { kind, ...MORE[kind] } }]);
    const limit = anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' });
    await venue.submit(limit, always);
    const outcome = await venue.cancel({ clientId: OUR_ID });
    const working = await venue.openOrders().catch(() => undefined);
    if (outcome.kind === 'cancelled' && working !== undefined) expect(working).toEqual([]);
  });

  it.each(faultKinds)('%s: a read gives the positions or an error, never none by mistake', async (kind) => {
    const { venue } = broken([{ on: 'positions', call: 1, fault: { kind, ...MORE[kind] } }]);
    await venue.submit(anOrder({}, OTHER), always);
    const positions = await venue.positions().catch((error: unknown) => error);
    if (Array.isArray(positions)) expect(positions).toHaveLength(kind === 'close-out' ? 0 : 1);
    else expect(positions).toMatchObject({ code: expect.stringMatching(/^BROKER\./) });
  });
});

describe('over a real connection', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function opened(rules: readonly object[] = []): Promise<Venue> {
    const { sandbox } = aSandbox();
    const faulty = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules }), 1));
    const server = await serveSandbox({ venue: faulty, clock: { now: () => START, observe: () => undefined } });
    const secrets = loadSecrets({
      home: '/nonexistent',
      cwd: '/nonexistent',
      env: {
        OANDA_TOKEN: 'sandbox-token',
        OANDA_ACCOUNT_ID: ACCOUNT,
        OANDA_ENV: 'practice',
        OANDA_BASE_URL: server.url,
      },
    });
    const venue = await openVenue('oanda', {
      secrets,
      clock: systemClock(),
      stopwatch: systemStopwatch(),
      wait: async () => undefined,
      rng: seededRng(1),
    });
    closers.push(
      () => venue.close(),
      () => server.close(),
    );
    return venue;
  }

  it('the venue trades, looks, cancels and listens', async () => {
    const venue = await opened();
    const { cursor } = await venue.account();
    expect(await venue.submit(anOrder(), always)).toMatchObject({ kind: 'accepted' });
    expect(await venue.submit(anOrder({}, OTHER), () => false)).toEqual({ kind: 'held' });
    expect(await venue.positions()).toMatchObject([{ units: 1_000 }]);
    expect(await venue.lookUp(OUR_ID, cursor)).toMatchObject({ kind: 'found' });
    expect(await venue.lookUp(OTHER, cursor)).toEqual({ kind: 'absent' });
    const limit = anOrder({ type: 'limit', price: 1.05, timeInForce: 'GTC' }, OTHER);
    expect(await venue.submit(limit, always)).toMatchObject({ kind: 'accepted' });
    expect(await venue.cancel({ clientId: OTHER })).toMatchObject({ kind: 'cancelled' });
    for await (const quote of venue.quotes([instrumentId('EUR/USD')], new AbortController().signal)) {
      if (quote.kind === 'quote') {
        expect(quote).toMatchObject({ bid: 1.1, ask: 1.1002 });
        break;
      }
    }
  });

  it('an order whose answer is lost is unresolved, and found', async () => {
    const venue = await opened([{ on: 'submit', call: 1, fault: { kind: 'drop-after' } }]);
    const { cursor } = await venue.account();
    expect(await venue.submit(anOrder(), always)).toEqual({ kind: 'unresolved', why: 'reset' });
    expect(await venue.lookUp(OUR_ID, cursor)).toMatchObject({ kind: 'found' });
  });

  it('a read that met a page instead of an answer is repeated', async () => {
    const venue = await opened([{ on: 'positions', call: 1, fault: { kind: 'html' } }]);
    expect(await venue.positions()).toEqual([]);
  });
});
