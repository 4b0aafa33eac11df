import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  FaultPlan,
  type FaultRule,
  faultKinds,
  parseFaultScript,
} from '../../../../src/brokers/oanda/sandbox/faults.js';
import type { SandboxRequest } from '../../../../src/brokers/oanda/sandbox/message.js';
import { type Delivery, FaultyVenue } from '../../../../src/brokers/oanda/sandbox/venue.js';
import { ACCOUNT, aSandbox, START } from '../../../helpers/oanda-sandbox.js';

const HEADERS = { authorization: 'Bearer sandbox-token' };
const AT = `/v3/accounts/${ACCOUNT}`;

function request(method: string, path: string, body?: object): SandboxRequest {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  return { method, path: `${AT}/${path}`, headers: HEADERS, ...text };
}

const order = (id: string, units = '1000') =>
  request('POST', 'orders', { order: { type: 'MARKET', instrument: 'EUR_USD', units, clientExtensions: { id } } });

/** A venue on which these faults hit. */
function broken(rules: unknown[], events: unknown[] = []) {
  const { sandbox } = aSandbox();
  const venue = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules, events }), 1));
  return { venue, truth: () => sandbox.truth() };
}

function bodyOf(delivery: Delivery): string {
  if (delivery.kind !== 'reply') throw new Error(`no reply but ${delivery.kind}`);
  return delivery.reply.body;
}

const statusOf = (delivery: Delivery): number | string =>
  delivery.kind === 'reply' ? delivery.reply.status : delivery.kind;

describe('what a fault does to an order: what the client sees, and how many orders the venue has', () => {
  it.each<[string, object, number | string, number]>([
    ['the connection dies before', { kind: 'drop-before' }, 'reset', 0],
    ['the connection dies after', { kind: 'drop-after' }, 'reset', 1],
    ['silence after', { kind: 'silence-after' }, 'silence', 1],
    ['the request is delivered twice', { kind: 'duplicate' }, 201, 2],
    ['a 503 before', { kind: 'error-before', status: 503 }, 503, 0],
    ['a 504 after', { kind: 'error-after', status: 504 }, 504, 1],
    ['a page of a proxy', { kind: 'html' }, 502, 0],
    ['a page of a proxy after', { kind: 'html', after: true }, 502, 1],
    ['an empty answer after', { kind: 'empty' }, 200, 1],
    ['an empty answer before', { kind: 'empty', after: false }, 200, 0],
    ['an error in a 200', { kind: 'error-in-200' }, 200, 0],
    ['too many requests', { kind: 'too-many', retryAfter: '5' }, 429, 0],
    ['a revoked key', { kind: 'revoked' }, 401, 0],
    ['half a JSON', { kind: 'malformed' }, 201, 1],
    ['a body without end', { kind: 'endless-body' }, 'endless', 1],
    ['a slow body', { kind: 'slow-body', bytesPerSecond: 1 }, 201, 1],
    ['a slow answer', { kind: 'slow', ms: 3000 }, 201, 1],
    ['an answer about another order', { kind: 'wrong-id' }, 201, 1],
  ])('%s', (_, fault, seen, there) => {
    const { venue, truth } = broken([{ on: 'submit', call: 1, fault }]);
    expect(statusOf(venue.request(order('fxAAAA'), START))).toBe(seen);
    expect(truth().orders.filter((one) => one.clientId === 'fxAAAA')).toHaveLength(there);
    expect(truth().fills).toHaveLength(there);
    expect(statusOf(venue.request(order('fxBBBB'), START + 1))).toBe(201);
  });

  it('arrives late: nothing is there until its moment, then it is', () => {
    const { venue, truth } = broken([{ on: 'submit', call: 1, fault: { kind: 'late', ms: 20_000 } }]);
    expect(venue.request(order('fxAAAA'), START)).toEqual({ kind: 'reset' });
    expect(venue.nextAt).toBe(START + 20_000);
    venue.advance(START + 19_999);
    expect(truth().orders).toHaveLength(0);
    venue.advance(START + 25_000);
    expect(truth().orders).toMatchObject([{ clientId: 'fxAAAA', arrivedAt: START + 20_000, state: 'FILLED' }]);
  });

  it.each(['3', 'Wed, 10 Jan 2024 15:00:30 GMT', '-7', '99999999999'])(
    'Retry-After is sent as written: %s',
    (value) => {
      const { venue } = broken([{ on: 'any', call: 1, fault: { kind: 'too-many', retryAfter: value } }]);
      const seen = venue.request(request('GET', 'summary'), START);
      expect(seen).toMatchObject({ reply: { status: 429, headers: { 'retry-after': value } } });
    },
  );

  it('the answer about another order names neither ours nor nothing', () => {
    const { venue } = broken([{ on: 'submit', fault: { kind: 'wrong-id' } }]);
    const body = bodyOf(venue.request(order('fxAAAB'), START));
    expect(body).not.toContain('fxAAAB');
    expect(body).toContain('BAAAxf');
  });

  it('the key is revoked from the third call on, for good', () => {
    const { venue } = broken([{ on: 'any', from: 3, fault: { kind: 'revoked' } }]);
    const seen = [0, 1, 2, 3, 4].map((i) => statusOf(venue.request(request('GET', 'summary'), START + i)));
    expect(seen).toEqual([200, 200, 401, 401, 401]);
  });

  it('an order is hidden from look-ups by name for a while, though not from the records', () => {
    const { venue, truth } = broken([{ on: 'submit', call: 1, fault: { kind: 'hidden', ms: 500 } }]);
    venue.request(order('fxAAAA'), START);
    const look = (at: number) => statusOf(venue.request(request('GET', 'orders/3'), at));
    expect([look(START + 1), look(START + 499), look(START + 500)]).toEqual([404, 404, 200]);
    expect(truth().fills).toHaveLength(1);
  });

  it('positions answer 503 while orders work', () => {
    const { venue } = broken([{ on: 'positions', fault: { kind: 'error-before', status: 503 } }]);
    expect(statusOf(venue.request(request('GET', 'openPositions'), START))).toBe(503);
    expect(statusOf(venue.request(order('fxAAAA'), START))).toBe(201);
    expect(statusOf(venue.request(request('GET', 'openPositions'), START))).toBe(503);
  });

  it('half of an order is filled', () => {
    const { venue, truth } = broken([{ on: 'submit', call: 1, fault: { kind: 'partial-fill', share: 0.5 } }]);
    expect(JSON.parse(bodyOf(venue.request(order('fxAAAA'), START)))).toMatchObject({
      orderFillTransaction: { units: '500', requestedUnits: '1000' },
    });
    expect(truth().positions).toMatchObject([{ units: 500 }]);
  });

  it('an instrument is halted: accepted, and cancelled for it', () => {
    const { venue, truth } = broken([{ on: 'submit', call: 1, fault: { kind: 'halt', instrument: 'EUR_USD' } }]);
    const answer = JSON.parse(bodyOf(venue.request(order('fxAAAA'), START)));
    expect(answer).toMatchObject({ orderCancelTransaction: { reason: 'MARKET_HALTED', clientOrderID: 'fxAAAA' } });
    expect(answer.orderFillTransaction).toBeUndefined();
    expect(truth().orders).toMatchObject([{ state: 'CANCELLED' }]);
  });

  it('somebody trades by hand, money leaves, and the broker closes what is open', () => {
    const { venue, truth } = broken(
      [],
      [
        { atMs: 1000, event: { kind: 'trade-by-hand', instrument: 'EUR_USD', units: -300 } },
        { atMs: 2000, event: { kind: 'transfer', amount: -500 } },
        { atMs: 3000, event: { kind: 'close-out' } },
      ],
    );
    venue.request(order('fxAAAA'), START);
    venue.advance(START + 1500);
    expect(truth().positions).toMatchObject([{ units: 700 }]);
    venue.advance(START + 2500);
    expect(truth().cash.at(-1)).toMatchObject({ amount: -500, why: 'transfer' });
    venue.advance(START + 3500);
    expect(truth().positions).toEqual([]);
    expect(truth().fills.at(-1)?.reason).toBe('MARKET_ORDER_MARGIN_CLOSEOUT');
  });

  it('the clock of the venue runs ahead', () => {
    const { venue } = broken([{ on: 'account', call: 1, fault: { kind: 'clock-skew', ms: 5000 } }]);
    expect(venue.request(request('GET', 'summary'), START)).toMatchObject({
      reply: { headers: { date: new Date(START + 5000).toUTCString() } },
    });
  });
});

describe('what a fault does to a stream', () => {
  function streaming(path: string, rules: unknown[]) {
    const { venue } = broken(rules);
    const lines: string[] = [];
    let dropped = false;
    const opened = venue.stream(request('GET', path), START, {
      line: (text) => lines.push(text),
      drop: () => {
        dropped = true;
      },
    });
    return { venue, lines, opened, dropped: () => dropped };
  }

  it('without one, a heartbeat comes every five seconds', () => {
    const { venue, lines } = streaming('transactions/stream', []);
    venue.advance(START + 30_000);
    expect(lines).toHaveLength(7);
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ type: 'HEARTBEAT', lastTransactionID: '2' });
  });

  it('it stalls: nothing comes any more, and nothing ends', () => {
    const { venue, lines, dropped } = streaming('transactions/stream', [
      { on: 'transaction-stream', fault: { kind: 'stall', ms: 12_000 } },
    ]);
    venue.advance(START + 60_000);
    expect(lines).toHaveLength(3);
    expect(dropped()).toBe(false);
  });

  it('it is dropped at its moment, and can be opened again', () => {
    const { venue, lines, dropped } = streaming('pricing/stream?instruments=EUR_USD', [
      { on: 'price-stream', call: 1, fault: { kind: 'drop-stream', ms: 7000 } },
    ]);
    venue.advance(START + 60_000);
    expect(dropped()).toBe(true);
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['PRICE', 'HEARTBEAT']);
    const again = venue.stream(request('GET', 'pricing/stream?instruments=EUR_USD'), START + 60_000, {
      line: () => undefined,
      drop: () => undefined,
    });
    expect(again.kind).toBe('open');
  });

  it('it is refused', () => {
    const { opened } = streaming('transactions/stream', [{ on: 'transaction-stream', fault: { kind: 'revoked' } }]);
    expect(opened).toMatchObject({ kind: 'refused', delivery: { reply: { status: 401 } } });
  });
});

describe('a fault script', () => {
  it('is described in docs/stand-in.md with every fault, and its example is one', () => {
    const page = readFileSync('docs/stand-in.md', 'utf8');
    expect([...page.matchAll(/^\| `([a-z0-9-]+)`/gm)].map((row) => row[1])).toEqual(faultKinds);
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    expect(parseFaultScript(JSON.parse(example)).rules).toHaveLength(3);
  });

  it('decides by chance the same way for the same seed, and about as often as it says', () => {
    const rules = [{ on: 'submit', chance: 0.3, fault: { kind: 'drop-after' } }];
    const hits = (seed: number): number[] => {
      const plan = new FaultPlan(parseFaultScript({ rules }), seed);
      return Array.from({ length: 1000 }, () => plan.next('submit').length);
    };
    const sum = hits(1).reduce((a, b) => a + b, 0);
    expect(hits(1)).toEqual(hits(1));
    expect(hits(1)).not.toEqual(hits(2));
    expect(sum).toBeGreaterThan(240);
    expect(sum).toBeLessThan(360);
  });

  it('counts calls of its operation, and stops after so many times', () => {
    const rule = (more: Partial<FaultRule>): unknown => ({ on: 'submit', fault: { kind: 'drop-after' }, ...more });
    const hits = (more: Partial<FaultRule>): number[] => {
      const plan = new FaultPlan(parseFaultScript({ rules: [rule(more)] }), 1);
      return Array.from({ length: 6 }, (_, i) => {
        plan.next('cancel');
        return plan.next('submit').length > 0 ? i + 1 : 0;
      }).filter((at) => at > 0);
    };
    expect(hits({ call: 2 })).toEqual([2]);
    expect(hits({ from: 3, to: 4 })).toEqual([3, 4]);
    expect(hits({ times: 2 })).toEqual([1, 2]);
  });

  it.each([
    ['a list', [], ''],
    ['an unknown key', { rule: [] }, ''],
    ['an unknown fault', { rules: [{ on: 'submit', fault: { kind: 'meteor' } }] }, 'rules.0.fault.kind'],
    ['a chance of 2', { rules: [{ on: 'submit', chance: 2, fault: { kind: 'revoked' } }] }, 'rules.0.chance'],
  ])('that is %s is refused with its place', (_, script, at) => {
    expect(() => parseFaultScript(script)).toThrowError(
      expect.objectContaining({ code: 'CONFIG.FAULTS', facts: { at } }),
    );
  });
});
