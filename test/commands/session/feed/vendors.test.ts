import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRng } from '../../../../src/core/base/rng.js';
import { feedOf } from '../../../../src/feeds/registry.js';
import { alertRules, playOnFeed, SleepingTime } from '../../../helpers/feed-session.js';
import { journalOf } from '../../../helpers/live-desk.js';
import { newHome, type Told } from '../../../helpers/paper-session.js';
import {
  ownBars,
  TROUBLES,
  VENDORS,
  type VendorName,
  vendorWorld,
  type Weather,
} from '../../../helpers/vendors/vendor-world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BAR = 5 * MINUTE;
/** Tuesday 2026-01-06 10:07 UTC, in the middle of a bar. */
const START = Date.UTC(2026, 0, 6, 10, 7);
const STEP = 5_000;
/** A quote is so long on its way. */
const DELAY = 40;
/** The session reads real files: time must stand until they are read, however busy the machine is. */
const TURNS = 100_000;
const LENGTH = 4 * HOUR;

/** What goes wrong, and when, in minutes after the start; at other times some of the requests meet trouble. */
const PHASES: readonly (readonly [from: number, to: number, weather: Weather])[] = [
  [0, 5, {}],
  // 10:27: away for twenty minutes. 11:17: mute. 11:40: the stream is refused, its bars are not. 12:20: away for an hour.
  [20, 40, { isGone: true }],
  [40, 55, {}],
  [70, 74, { isMute: true }],
  [93, 113, { refuses: ['outage', 'throttle', 'redirect'] }],
  [133, 193, { isGone: true }],
  [193, 300, {}],
];
const OUTAGES = 4;
/** The connection breaks and can be made again at once. */
const DROP = 55.5;
/** By then everything that an outage left to be asked for has come, whatever the plan: bars are decided on as they close. */
const CALM = [
  [48, 55],
  [210, 240],
] as const;

const minuteOf = (now: number): number => (now - START) / MINUTE;
const clockOf = (now: number): string => new Date(now).toISOString().slice(11, 16);

function weatherAt(now: number): Weather {
  const phase = PHASES.find(([from, to]) => minuteOf(now) >= from && minuteOf(now) < to);
  return phase?.[2] ?? { troubleEvery: 2 };
}

interface Good {
  readonly ts: number;
  readonly bid: number;
  readonly ask: number;
}

type World = Awaited<ReturnType<typeof vendorWorld>>;

/** Quotes of a walk every five seconds, with everything among them that must not be believed. What was good and was told is kept. */
async function tell(name: VendorName, world: World, time: SleepingTime, good: readonly Good[][]): Promise<void> {
  const rng = seededRng(`${name} quotes`);
  const { ids, scale } = VENDORS[name];
  const mids = ids.map(() => 110_000);
  const price = (ticks: number): number => (ticks * scale) / 100_000;
  let dropped = false;
  for (let at = START; at < START + LENGTH + HOUR; at += STEP) {
    await time.wait(at - time.now());
    if (!dropped && minuteOf(at) >= DROP) {
      dropped = true;
      world.stand.each((socket) => socket.terminate());
    }
    const tells = world.look();
    ids.forEach((id, index) => {
      const mid = (mids[index] ?? 0) + Math.round(rng.next() * 8 - 4);
      mids[index] = mid;
      const quote = { ts: at - DELAY, bid: price(mid - 5), ask: price(mid + 5) };
      const bad = [
        { id, ts: at - DELAY, bid: quote.ask, ask: quote.bid },
        { id, ts: at - DELAY, bid: 0, ask: quote.ask },
        { id, ts: at - DELAY, bid: price(mid * 1.02 - 5), ask: price(mid * 1.02 + 5) },
        { id, ts: at - 2 * STEP, bid: price(mid * 0.998 - 5), ask: price(mid * 0.998 + 5) },
        { id, ts: at + HOUR, bid: price(mid + 105), ask: price(mid + 115) },
      ];
      if (!tells) return;
      world.quote({ id, ...quote });
      good[index]?.push(quote);
      const [which, garbage] = [Math.floor(rng.next() * 10), Math.floor(rng.next() * 20)];
      const wrong = bad[which];
      if (wrong !== undefined) world.quote(wrong);
      // The same once more is no second quote.
      if (which === 7) world.quote({ id, ...quote });
      const text = ['{', 'null', '[[]]', '"half', '{"ev":"C","T":"q","messageType":"A","data":["Q"]}'][garbage];
      if (text !== undefined) world.stand.send(text);
    });
  }
}

interface BarsInput {
  readonly until: number;
  readonly heardAt?: number;
  readonly marks?: readonly { readonly instrument: string; readonly ts: number; readonly from: string }[];
  readonly bars: readonly (readonly (readonly number[])[])[];
}

function cornersOf(list: readonly number[]): readonly number[] {
  return [list[0] ?? 0, Math.max(...list), Math.min(...list), list.at(-1) ?? 0];
}

/** The bar that closes at `ts` as it must be: of the quotes where all were told, else the vendor's own. */
function barOf(name: VendorName, world: World, good: readonly Good[], ts: number): string {
  if (!isTold(world, ts)) {
    const [own] = ownBars(name, ts - BAR, ts - BAR, BAR);
    return [clockOf(ts), 'bars', own?.o, own?.h, own?.l, own?.c].join(' ');
  }
  const quotes = good.filter((quote) => quote.ts >= ts - BAR && quote.ts < ts);
  const [bids, asks] = [quotes.map(({ bid }) => bid), quotes.map(({ ask }) => ask)];
  // What is traded at an exchange has a volume, which quotes do not tell.
  const volume = name === 'alpaca' ? '' : quotes.length;
  return [clockOf(ts), volume, ...cornersOf(bids), ...cornersOf(asks)].join(' ');
}

const isTold = ({ told }: World, ts: number): boolean => told.some(({ from, to }) => from <= ts - BAR && to >= ts);

/** Bars of a journal in the same words. */
function journalled(inputs: readonly BarsInput[], index: number, id: string): readonly string[] {
  const marks = new Map(
    inputs.flatMap(({ marks = [] }) => marks.map((mark) => [`${mark.instrument} ${mark.ts}`, mark.from])),
  );
  return inputs
    .flatMap(({ bars }) => bars[index] ?? [])
    .filter(([ts = 0]) => ts > START)
    .map(([ts = 0, volume, ...corners]) => {
      const mark = marks.get(`${id} ${ts}`);
      return (mark === undefined ? [clockOf(ts), volume, ...corners.slice(4)] : [clockOf(ts), mark, ...corners]).join(
        ' ',
      );
    });
}

const busiest = (times: readonly number[], perMs: number): number =>
  Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + perMs).length));

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** What people would be told of the events of a session. */
function alertsOf(time: SleepingTime) {
  const rules = alertRules(START);
  const alerts: string[] = [];
  return {
    alerts,
    hear({ kind, fields }: Told) {
      const said = [
        ...rules.tick(time.now()),
        ...rules.happened(kind, fields, time.now()),
        ...rules.tick(time.now() + 5_000),
      ];
      alerts.push(...said.map((alert) => alert.kind).filter((one) => one.startsWith('feed')));
    },
  };
}

/** A session that turns its position at every bar, through the whole day of a vendor. */
async function dayOf(name: VendorName) {
  const home = newHome();
  const time = new SleepingTime(START, TURNS);
  time.slow = STEP / 1_000;
  const world = await vendorWorld(name, time, weatherAt);
  closers.push(world.close);
  const good: Good[][] = VENDORS[name].ids.map(() => []);
  void tell(name, world, time, good);
  const { alerts, hear } = alertsOf(time);
  const orders: { readonly minute: number; readonly what: string }[] = [];
  const { plan } = feedOf(name);
  const requestMs = Math.max(...plan.map(({ requests, perMs }) => perMs / requests));
  const { told } = await playOnFeed({
    ...{ home, time, feed: name, durationMs: LENGTH, onEvent: hear },
    main: { feed: world.feed, dayEnd: 'utc', requestMs },
    sets: ['risk.maxQuoteAge.limit=10s', 'risk.maxOrdersPerMinute=null', 'risk.maxRepeatedExecutions=null'],
    request: { timeframe: '5m', instruments: [...VENDORS[name].ids], strategy: join(home, 'forgetful.mjs') },
    onRecord(what) {
      const minute = minuteOf(time.now());
      if (what.kind === 'submit') orders.push({ minute, what: what.order.intent.reduceOnly ? 'exit' : 'entry' });
      if (what.kind === 'refused') orders.push(...what.failures.map(({ limit }) => ({ minute, what: limit })));
    },
  });
  const journal = journalOf(join(home, 'books', 'paper-default'));
  const inputs = journal.filter(({ type }) => type === 'bars').map(({ input }) => input as BarsInput);
  return { world, good, alerts, orders, plan, told, journal, inputs };
}

describe.each(['polygon', 'tiingo', 'alpaca'] as const)('a paper session on the stream of %s on a bad day', (name) => {
  it('trades on good prices only, loses and doubles nothing, keeps to the plan and tells each outage once', async () => {
    const { world, good, alerts, orders, plan, told, journal, inputs } = await dayOf(name);
    const closes = Array.from({ length: LENGTH / BAR }, (_, i) => START + 3 * MINUTE + i * BAR);
    VENDORS[name].ids.forEach((id, index) => {
      const wanted = closes.map((ts) => barOf(name, world, good[index] ?? [], ts));
      expect(journalled(inputs, index, id)).toEqual(wanted);
    });
    // Nearly half of the day was heard whole, and what went wrong went wrong in many ways.
    expect(closes.filter((ts) => isTold(world, ts)).length).toBeGreaterThan(18);
    expect(new Set(world.met)).toEqual(new Set(TROUBLES));

    for (const { requests, perMs } of plan) expect(busiest(world.requests, perMs)).toBeLessThanOrEqual(requests);
    expect(world.mostAtOnce()).toBe(1);
    expect(busiest(world.connects, MINUTE)).toBeLessThanOrEqual(8);

    const states = Array.from({ length: OUTAGES }, () => ['stale', 'back']).flat();
    expect(told.filter(({ kind }) => kind === 'feed').map(({ fields }) => fields['state'])).toEqual(states);
    expect(journal.filter(({ type }) => type === 'feed').map(({ state }) => state)).toEqual(states);
    expect(alerts).toEqual(states.map((state) => `feed-${state}`));

    // The bars of the vendor come while its stream is refused: exits may leave then, entries may not.
    const away = orders.filter(({ minute }) => minute > 94 && minute < 113).map(({ what }) => what);
    expect(away).toContain('maxQuoteAge.limit');
    expect(away).not.toContain('entry');
    for (const [from, to] of CALM) {
      const calm = inputs.filter(({ until }) => minuteOf(until) > from && minuteOf(until) < to);
      const due = closes.filter((ts) => minuteOf(ts) > from && minuteOf(ts) < to);
      expect(calm.map(({ until }) => clockOf(until))).toEqual(due.map(clockOf));
      for (const { until, heardAt = 0 } of calm) expect(heardAt - until).toBeLessThanOrEqual(STEP);
      const made = orders.filter(({ minute }) => minute > from && minute < to + 1).map(({ what }) => what);
      expect(new Set(made)).toEqual(new Set(['entry', 'exit']));
    }
  }, 300_000);
});
