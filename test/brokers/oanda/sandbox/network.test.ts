import { describe, expect, it } from 'vitest';
import { FaultPlan, parseFaultScript } from '../../../../src/brokers/oanda/sandbox/faults.js';
import { sandboxNetwork } from '../../../../src/brokers/oanda/sandbox/network.js';
import { insideBar, played, walk } from '../../../../src/brokers/oanda/sandbox/prices.js';
import { FaultyVenue } from '../../../../src/brokers/oanda/sandbox/venue.js';
import type { HttpRequest } from '../../../../src/wire/message.js';
import { ACCOUNT, aSandbox, instruments, START } from '../../../helpers/oanda-sandbox.js';

const request = (method: HttpRequest['method'], path: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method,
  url: `https://api-fxpractice.oanda.com/v3/accounts/${ACCOUNT}/${path}`,
  headers: { authorization: 'Bearer sandbox-token' },
  deadlineMs: 10_000,
  ...more,
});
const order = (more: Partial<HttpRequest> = {}): HttpRequest =>
  request('POST', 'orders', {
    body: JSON.stringify({ order: { type: 'MARKET', instrument: 'EUR_USD', units: '100' } }),
    ...more,
  });

/** A network in a time that passes only while somebody waits. */
function network(rules: unknown[], more: object = {}) {
  const { sandbox } = aSandbox();
  const venue = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules }), 1));
  let now = START;
  const wait = async (ms: number): Promise<void> => {
    now += ms;
  };
  return {
    http: sandboxNetwork({ venue, now: () => now, wait, ...more }),
    venue,
    truth: () => sandbox.truth(),
    now: () => now,
  };
}

describe('a network without sockets', () => {
  it('carries requests there and back, and takes its time', async () => {
    const { http, truth, now } = network([], { delay: () => ({ out: 40, back: 30 }) });
    expect((await http.send(order())).status).toBe(201);
    expect(now() - START).toBe(70);
    expect(truth().orders).toMatchObject([{ arrivedAt: START + 40 }]);
  });

  it.each([
    ['drop-before', 'reset', 0, 0],
    ['drop-after', 'reset', 1, 0],
    ['silence-after', 'timeout', 1, 10_000],
    ['endless-body', 'too-large', 1, 0],
    ['slow-body', 'timeout', 1, 10_000],
  ])('%s is no answer: %s', async (kind, why, there, took) => {
    const { http, truth, now } = network([{ on: 'submit', fault: { kind } }]);
    await expect(http.send(order())).rejects.toMatchObject({ name: 'WireError', why, sent: true });
    expect(truth().orders).toHaveLength(there);
    expect(now() - START).toBe(took);
  });

  it('what left arrives although the client has given up', async () => {
    const { http, venue, truth } = network([], { delay: () => ({ out: 15_000, back: 0 }) });
    await expect(http.send(order())).rejects.toMatchObject({ why: 'timeout', sent: true });
    expect(truth().orders).toHaveLength(0);
    venue.advance(START + 15_000);
    expect(truth().orders).toMatchObject([{ arrivedAt: START + 15_000, state: 'FILLED' }]);
  });

  it('nothing leaves when the latch says no, or the network is down', async () => {
    const { http, truth } = network([]);
    await expect(http.send(order({ mayLeave: () => false }))).rejects.toMatchObject({ name: 'HeldError' });
    const { http: down } = network([], { isDown: () => true });
    await expect(down.send(order())).rejects.toMatchObject({ why: 'refused', sent: false });
    expect(truth().requests).toHaveLength(0);
  });

  it('streams until it is stopped, stalls or is dropped', async () => {
    const read = async (rules: unknown[], most: number): Promise<string[]> => {
      const { http } = network(rules);
      const stop = new AbortController();
      const seen: string[] = [];
      try {
        for await (const line of http.lines(request('GET', 'transactions/stream'), stop.signal)) {
          seen.push(JSON.parse(line).type);
          if (seen.length === most) stop.abort();
        }
      } catch (error) {
        seen.push((error as { why: string }).why);
      }
      return seen;
    };
    expect(await read([], 3)).toEqual(['HEARTBEAT', 'HEARTBEAT', 'HEARTBEAT']);
    const on = 'transaction-stream';
    expect(await read([{ on, fault: { kind: 'stall', ms: 7000 } }], 9)).toEqual(['HEARTBEAT', 'HEARTBEAT', 'timeout']);
    expect(await read([{ on, fault: { kind: 'drop-stream', ms: 7000 } }], 9)).toEqual([
      'HEARTBEAT',
      'HEARTBEAT',
      'closed',
    ]);
    expect(await read([{ on, fault: { kind: 'revoked' } }], 9)).toEqual(['status-401']);
  });
});

describe('prices for the stand-in', () => {
  it('a recording is played up to now, of every instrument the newest', () => {
    const next = played([
      { at: 1, instrument: 'EUR_USD', bid: 1, ask: 1.1 },
      { at: 2, instrument: 'EUR_USD', bid: 2, ask: 2.1 },
      { at: 2, instrument: 'USD_JPY', bid: 3, ask: 3.1 },
      { at: 5, instrument: 'EUR_USD', bid: 4, ask: 4.1 },
    ]);
    expect(next(0)).toEqual([]);
    expect(next(4)).toEqual([
      { instrument: 'EUR_USD', bid: 2, ask: 2.1 },
      { instrument: 'USD_JPY', bid: 3, ask: 3.1 },
    ]);
    expect(next(9)).toMatchObject([{ bid: 4 }]);
    expect(next(10)).toEqual([]);
  });

  it('a walk is the same for the same seed, on the grid, with its spread', () => {
    const start = instruments.map((one) => ({ ...one, mid: 1.1, spread: 0.0002 }));
    const steps = (seed: number) => {
      const prices = walk(start.slice(0, 1), START, 500, seed);
      return Array.from({ length: 200 }, () => prices.next().value);
    };
    expect(steps(1)).toEqual(steps(1));
    expect(steps(1)).not.toEqual(steps(2));
    for (const { bid, ask } of steps(3)) {
      expect(ask - bid).toBeCloseTo(0.0002, 9);
      expect(Number(bid.toFixed(5))).toBe(bid);
    }
    expect(steps(1).at(-1)?.at).toBe(START + 199 * 500);
  });

  it.each([
    [0, 1],
    [1 / 6, 0.95],
    [1 / 3, 0.9],
    [2 / 3, 1.2],
    [1, 1.1],
    [7, 1.1],
  ])('inside a rising bar, after %d of its time, the bid is %d', (share, bid) => {
    const corners = { o: 1, h: 1.2, l: 0.9, c: 1.1 };
    expect(insideBar({ start: 0, bid: corners, ask: corners, volume: 1 }, share, 0.00001).bid).toBeCloseTo(bid, 9);
  });
});
