/**
 * A paper session on a stream of 28 pairs, 200 messages a second, for so many simulated hours, as fast as it goes: the real
 * adapter of OANDA reads the lines, the feed layer makes the bars, the session journals and decides. Prints one object:
 * memory after the first hour and at the end, time from the tick that completes a minute to its decision, and whether every
 * update is in the bar that it belongs to. `node bench/live-day.js HOURS`.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dist = process.env.BENCH_DIST ?? new URL('../dist/', import.meta.url).href;
const load = (path) => import(new URL(path, dist).href);
const [
  { realtime },
  { oandaVenue },
  { loadSettings },
  { majorPairs, instrumentOf },
  { sandboxInstrument },
  { seededRng },
] = await Promise.all(
  [
    'commands/session/realtime/realtime.js',
    'brokers/oanda/venue.js',
    'core/config/settings.js',
    'core/model/instruments.js',
    'brokers/oanda/sandbox/instruments.js',
    'core/base/rng.js',
  ].map(load),
);

const HOURS = Number(process.argv[2] ?? 24);
const MINUTE = 60_000;
const GAP_MS = 5;
/** Tuesday 2026-01-06 10:00 UTC. */
const START = Date.UTC(2026, 0, 6, 10);
const END = START + HOURS * 60 * MINUTE;
/** Messages between two turns of the event loop: on a real line they come one by one. */
const BURST = 10;

const STRATEGY = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'turner',
  params: {},
  create: ({ instruments: [{ id: instrument }] }) => ({
    onSlice: (view) => {
      globalThis.benchDecides(view.now);
      return { kind: 'target', instrument, weight: view.units(instrument) === 0 ? 0.05 : 0, reason: 'turn' };
    },
    save: () => null,
    load: () => undefined,
  }),
});
`;

const home = mkdtempSync(join(tmpdir(), 'fxtrade-live-day-'));
const strategy = join(home, 'turner.mjs');
writeFileSync(strategy, STRATEGY);

const pairs = majorPairs.map((symbol) => {
  const instrument = instrumentOf(symbol, {}, 'USD');
  const digits = Math.round(-Math.log10(instrument.tick));
  const level = symbol.endsWith('JPY') ? 150_000 : 110_000;
  return {
    symbol,
    wire: symbol.replace('/', '_'),
    digits,
    ticks: level,
    made: undefined,
    grid: sandboxInstrument(instrument),
  };
});

let now = START;
let sent = 0;
let tick = 0;
const expected = [];
const expectedFile = join(home, 'expected.ndjson');
writeFileSync(expectedFile, '');
const ticksAt = new Map();
const latencies = [];
/** From the same tick until the decision and its orders are safe on disk and told. */
const told = [];
globalThis.benchDecides = (ts) => {
  const at = ticksAt.get(ts);
  if (at === undefined) return;
  latencies.push(performance.now() - at.wall);
  works.push(workMs() - at.work);
};
/** The same in time of the processor: what other programs on the machine took is not in it. */
const works = [];
const workMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const memory = [];
const heap = [];

/** The line of one price, and what the bar that it belongs to must hold. */
function nextLine(rng) {
  const pair = pairs[sent % pairs.length];
  pair.ticks += Math.round(rng.next() * 4 - 2);
  const text = (ticks) => {
    const digits = String(ticks);
    return `${digits.slice(0, -pair.digits)}.${digits.slice(-pair.digits)}`;
  };
  const [bid, ask] = [text(pair.ticks), text(pair.ticks + 12)];
  remember(pair, Number(bid), Number(ask));
  sent++;
  return `{"type":"PRICE","time":"${new Date(now).toISOString()}","bids":[{"price":"${bid}","liquidity":10000000}],"asks":[{"price":"${ask}","liquidity":10000000}],"closeoutBid":"${bid}","closeoutAsk":"${ask}","status":"tradeable","tradeable":true,"instrument":"${pair.wire}"}`;
}

function remember(pair, bid, ask) {
  const close = (Math.floor(now / MINUTE) + 1) * MINUTE;
  if (pair.made?.close !== close) {
    if (pair.made !== undefined) expected.push(JSON.stringify(pair.made));
    pair.made = { pair: pair.symbol, close, count: 0, bid: [bid, bid, bid, bid], ask: [ask, ask, ask, ask] };
    tick++;
    // The last of all pairs to enter a minute completes the one before.
    if (tick % pairs.length === 0) ticksAt.set(close - MINUTE, { wall: performance.now(), work: workMs() });
  }
  const { made } = pair;
  made.count++;
  for (const [side, price] of [
    [made.bid, bid],
    [made.ask, ask],
  ]) {
    side[1] = Math.max(side[1], price);
    side[2] = Math.min(side[2], price);
    side[3] = price;
  }
}

async function* lines() {
  const rng = seededRng('live day');
  for (; now < END + 2_000; now += GAP_MS) {
    if (sent % BURST === 0) await new Promise(setImmediate);
    // In the middle of a minute: collecting garbage takes longer than a decision.
    if ((now - START) % (60 * MINUTE) === MINUTE / 2 && now > START + MINUTE) measureMemory();
    yield nextLine(rng);
  }
}

function measureMemory() {
  // What the bench remembers is not the program's.
  appendFileSync(expectedFile, expected.splice(0).join('\n').concat('\n'));
  globalThis.gc?.();
  memory.push(process.memoryUsage.rss() / 1e6);
  heap.push(process.memoryUsage().heapUsed / 1e6);
}

const body = (value) => ({ status: 200, headers: {}, body: JSON.stringify(value) });
const http = {
  async send({ url }) {
    if (url.includes('/candles')) return body({ instrument: 'EUR_USD', granularity: 'M1', candles: past() });
    return body({
      lastTransactionID: '1',
      instruments: pairs.map(({ grid }) => ({
        name: grid.name,
        type: 'CURRENCY',
        pipLocation: -4,
        displayPrecision: grid.displayPrecision,
        tradeUnitsPrecision: 0,
        minimumTradeSize: '1',
        marginRate: '0.0333',
      })),
    });
  },
  lines,
};

function past() {
  const side = (price) => ({ o: price, h: price, l: price, c: price });
  const time = new Date(START - MINUTE).toISOString();
  return [{ complete: true, volume: 1, time, bid: side('1.10000'), ask: side('1.10012') }];
}

const clock = { now: () => now, observe: () => undefined };
const stop = new AbortController();
const venue = oandaVenue({
  ...{ http, token: 'bench', accountId: '101-004-1000001-001', environment: 'practice', clock },
  hosts: { rest: 'http://127.0.0.1:1', stream: 'http://127.0.0.1:1' },
});
/** A second of the session's time, which is the stream's. */
const pause = async (ms, signal) => {
  const until = now + ms;
  while (now < until && !signal.aborted) await new Promise(setImmediate);
};
const options = {
  ...{ book: 'default', once: false, durationMs: END - START + 1_000, clock, pause },
  feeds: {
    main: { feed: venue, dayEnd: 'new-york', requestMs: 10 },
    stopwatch: { mono: () => now - START },
    wait: pause,
    rng: seededRng('bench'),
    close: () => undefined,
  },
  onRecord: (ts, what) => {
    const at = what.kind === 'decided' ? ticksAt.get(ts) : undefined;
    if (at === undefined) return;
    told.push(performance.now() - at.wall);
    ticksAt.delete(ts);
  },
  onEvent: () => undefined,
};
const sets = ['risk.maxNewPositionsPerDay=null', 'risk.maxConsecutiveLosses=null', 'risk.maxRepeatedExecutions=null'];
const host = {
  settings: loadSettings({ home, cwd: home, env: {}, sets }),
  ...{ version: 'bench', startedAt: START, signal: stop.signal, note: () => undefined },
};
const request = {
  ...{ mode: 'paper', home, cwd: home, strategy, params: {}, data: [], feed: 'oanda', instruments: majorPairs },
  ...{ timeframe: '1m', costs: 'default', fill: 'next-open', intrabar: 'pessimistic', seed: 1, equity: 'bar' },
};
const began = performance.now();
await realtime(request, options, host);
const seconds = (performance.now() - began) / 1_000;
const at = (list, share) => list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
console.log(
  JSON.stringify({
    hours: HOURS,
    messages: sent,
    microseconds: (seconds * 1e6) / sent,
    rssFirst: memory.at(0),
    rssLast: memory.at(-1),
    heapFirst: heap.at(0),
    heapLast: heap.at(-1),
    decisions: latencies.length,
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    toldP50: at(told, 0.5),
    toldP99: at(told, 0.99),
    workP50: at(works, 0.5),
    workP99: at(works, 0.99),
    wrong: wrongBars(),
  }),
);
rmSync(home, { recursive: true, force: true });
process.exit(0);

/** Bars that are not what was sent: every update in its own minute, in order, once. The first minute began before the session. */
function wrongBars() {
  const folder = join(home, 'books', 'paper-default');
  const files = readdirSync(folder).filter((name) => /^journal.*\.ndjson$/.test(name));
  const recorded = new Map();
  let doubled = 0;
  for (const file of files) {
    for (const line of readFileSync(join(folder, file), 'utf8').trim().split('\n')) {
      const { r } = JSON.parse(line);
      if (r.type !== 'bars') continue;
      r.input.bars.forEach((rows, index) => {
        for (const [ts, count, , , , , ...sides] of rows) {
          const key = `${majorPairs[index]} ${ts}`;
          if (recorded.has(key)) doubled++;
          recorded.set(key, JSON.stringify([count, ...sides]));
        }
      });
    }
  }
  const written = readFileSync(expectedFile, 'utf8').split('\n').filter(Boolean);
  const made = [...written, ...expected].map((line) => JSON.parse(line));
  const due = made.filter(({ close }) => close > START + MINUTE && close <= END);
  const wrong = due.filter(
    ({ pair, close, count, bid, ask }) => recorded.get(`${pair} ${close}`) !== JSON.stringify([count, ...bid, ...ask]),
  );
  return wrong.length + doubled;
}
