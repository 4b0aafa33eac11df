import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OandaSandbox } from '../../../../src/brokers/oanda/sandbox/account.js';
import { sandboxInstrument } from '../../../../src/brokers/oanda/sandbox/instruments.js';
import type { SandboxBar } from '../../../../src/brokers/oanda/sandbox/message.js';
import { sandboxNetwork } from '../../../../src/brokers/oanda/sandbox/network.js';
import { FaultyVenue } from '../../../../src/brokers/oanda/sandbox/venue.js';
import { oandaVenue } from '../../../../src/brokers/oanda/venue.js';
import { seededRng } from '../../../../src/core/base/rng.js';
import { instrumentOf } from '../../../../src/core/model/instruments.js';
import { type Http, WireError } from '../../../../src/wire/message.js';
import { alertRules, playOnFeed, SleepingTime } from '../../../helpers/feed-session.js';
import { journalOf } from '../../../helpers/live-desk.js';
import { newHome } from '../../../helpers/paper-session.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Tuesday 2026-01-06 10:07 UTC, in the middle of a bar. */
const START = Date.UTC(2026, 0, 6, 10, 7);
const ACCOUNT = '101-004-1234567-001';
const STEP = 5_000;

/** OANDA's stand-in with one price every five seconds, and a network that can be cut. */
function oandaOn(time: SleepingTime, isDown: (now: number) => boolean) {
  const price = walkOf('EUR_USD');
  const sandbox = new OandaSandbox({
    accounts: [{ id: ACCOUNT, currency: 'USD', balance: 100_000 }],
    instruments: [sandboxInstrument(instrumentOf('EUR/USD', {}, 'USD'))],
    seed: 1,
    start: START,
    settings: { requestsPerSecond: 1_000 },
    history: (_, lengthMs, from, to) => historyOf(lengthMs, from, to),
  });
  const venue = new FaultyVenue(sandbox);
  let told = START - STEP;
  const play = (): void => {
    for (const now = time.now(); told + STEP <= now; ) {
      told += STEP;
      venue.price({ instrument: 'EUR_USD', ...price(told) }, told);
    }
  };
  play();
  const network = sandboxNetwork({
    venue,
    now: () => {
      play();
      return time.now();
    },
    wait: time.wait,
    isDown: () => isDown(time.now()),
    pollMs: 5_000,
  });
  const http: Http = {
    send: (request) => network.send(request),
    async *lines(request, signal) {
      for await (const line of network.lines(request, signal)) {
        if (isDown(time.now())) throw new WireError('reset', true);
        yield line;
      }
    },
  };
  const hosts = { rest: 'http://127.0.0.1:1', stream: 'http://127.0.0.1:1' };
  const feed = oandaVenue({
    http,
    token: 'sandbox-token',
    accountId: ACCOUNT,
    environment: 'practice',
    hosts,
    clock: time,
  });
  return { main: { feed, dayEnd: 'new-york', requestMs: 10 } as const, price, sandbox };
}

function walkOf(seed: string) {
  const rng = seededRng(seed);
  const steps: number[] = [];
  return (at: number): { readonly bid: number; readonly ask: number } => {
    const step = Math.round((at - START) / STEP);
    while (steps.length <= step) steps.push(Math.round(rng.next() * 8 - 4) + (steps.at(-1) ?? 110_000));
    const ticks = steps[step] ?? 0;
    return { bid: ticks / 100_000, ask: (ticks + 10) / 100_000 };
  };
}

function* historyOf(lengthMs: number, from: number, to: number): Generator<SandboxBar> {
  for (let start = Math.ceil(from / lengthMs) * lengthMs; start < to; start += lengthMs) {
    const mid = 1.1 + Math.sin(start / HOUR) / 500;
    const point = (price: number) => ({ o: price, h: price, l: price, c: price });
    yield { start, bid: point(Number(mid.toFixed(5))), ask: point(Number((mid + 0.0001).toFixed(5))), volume: 1 };
  }
}

/** Bid and ask of the prices in a stretch: open, high, low, close of each. */
function cornersOf(price: ReturnType<typeof walkOf>, from: number, to: number): readonly number[] {
  const prices: { readonly bid: number; readonly ask: number }[] = [];
  const first = START + Math.ceil((from - START) / STEP) * STEP;
  for (let at = first; at < to; at += STEP) prices.push(price(at));
  const corners = (of: (one: (typeof prices)[number]) => number) => {
    const list = prices.map(of);
    return [list[0] ?? 0, Math.max(...list), Math.min(...list), list.at(-1) ?? 0];
  };
  return [...corners(({ bid }) => bid), ...corners(({ ask }) => ask)];
}

interface BarsRecord {
  readonly until: number;
  readonly decideFrom: number;
  readonly missed: number;
  readonly marks?: readonly { readonly ts: number; readonly from: string }[];
  readonly bars: readonly (readonly (readonly number[])[])[];
}

describe('a day on a stream that is cut in the middle', () => {
  it('ends with every bar of the day, each once, and none of a price that was not there', async () => {
    const home = newHome();
    const time = new SleepingTime(START);
    time.slow = 5;
    const cut = [START + 12 * HOUR + 4 * MINUTE, START + 13 * HOUR + 4 * MINUTE] as const;
    const rules = alertRules(START);
    const alerts: string[] = [];
    const oanda = oandaOn(time, (now) => now >= cut[0] && now < cut[1]);
    const played = await playOnFeed({
      ...{ home, time, feed: 'oanda', main: oanda.main, durationMs: 24 * HOUR },
      onEvent({ kind, fields }) {
        const said = [
          ...rules.tick(time.now()),
          ...rules.happened(kind, fields, time.now()),
          ...rules.tick(time.now() + 5_000),
        ];
        alerts.push(...said.map((alert) => `${alert.kind} ${alert.subject}`));
      },
      request: { timeframe: '15m' },
    });
    const records = journalOf(join(home, 'books', 'paper-default'));
    const inputs = records.filter(({ type }) => type === 'bars').map(({ input }) => input as BarsRecord);
    const at = (one: number): string => new Date(one).toISOString().slice(11, 16);
    // Every quarter of an hour of the day, once; what the cut hid came from the venue, and only that.
    const bars = inputs.flatMap(({ bars: [list = []] }) => list).filter(([ts = 0]) => ts > START);
    const closes = Array.from({ length: 96 }, (_, i) => START + 8 * MINUTE + i * 15 * MINUTE);
    expect(bars.map(([ts]) => ts)).toEqual(closes);
    const marks = inputs.flatMap((input) => input.marks ?? []);
    expect(marks.map(({ ts, from }) => `${at(ts)} ${from}`)).toEqual(
      ['10:15', '22:15', '22:30', '22:45', '23:00', '23:15'].map((close) => `${close} bars`),
    );
    for (const [ts = 0, , ...corners] of bars.slice(1)) {
      expect([at(ts), ...corners.slice(4)]).toEqual([at(ts), ...cornersOf(oanda.price, ts - 15 * MINUTE, ts)]);
    }
    const told = played.told
      .filter(({ kind }) => kind === 'feed' || kind === 'missed')
      .map(({ kind, fields }) => [kind, fields['state'] ?? fields['closes']]);
    expect(told).toEqual([
      ['feed', 'stale'],
      ['missed', 3],
      ['feed', 'back'],
    ]);
    expect(records.filter(({ type }) => type === 'feed').map(({ state }) => state)).toEqual(['stale', 'back']);
    expect(played.missed).toBe(3);
    expect(alerts.filter((alert) => alert.startsWith('feed'))).toEqual(['feed-stale oanda', 'feed-back oanda']);
  });
});
