import { FxError } from '../../core/base/errors.js';
import { seededRng } from '../../core/base/rng.js';
import { redact } from '../../core/config/secrets.js';
import { isOpen } from '../../core/model/calendar/sessions.js';
import type { InstrumentId } from '../../core/model/ids.js';
import { instrumentOf } from '../../core/model/instruments.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import type { Heartbeat, VenueQuote } from '../../core/ports/venue.js';
import { randomBits } from '../../core/state/random-bits.js';
import type { FeedCapabilities } from '../../feeds/capabilities.js';
import { ageMs, type FeedProbe, feedProbe, type Newest, notCovered } from '../../feeds/probes.js';
import { type FeedSurroundings, feeds, openPriceFeed } from '../../feeds/registry.js';
import type { Http } from '../../wire/message.js';
import { isUnused, type KeyNeeds, keyCheck } from './keys.js';
import { limitsSeen, recordingLimits } from './limits.js';
import {
  type Bench,
  type Check,
  type Finding,
  fail,
  lengthText,
  pass,
  type Subject,
  type Surroundings,
  universeOf,
  warn,
} from './subject.js';

/** A quote of an open market is waited for this long once the stream stands, ms: the test of a quiet stream must not be slow. */
const FIRST_QUOTE_MS = 2_000;

/** Every feed that is not a broker too. */
export function feedSubjects(surroundings: Surroundings): readonly Subject[] {
  return feeds().flatMap((feed) => {
    const probe = feedProbe(feed.name);
    return probe === undefined ? [] : [subjectOf(feed, probe, surroundings)];
  });
}

function subjectOf(feed: FeedCapabilities, probe: FeedProbe, surroundings: Surroundings): Subject {
  const needs: KeyNeeds = {
    name: feed.name,
    title: feed.title,
    needs: feed.needs,
    facts: probe.keys,
    from: probe.keyUrl ?? feed.title,
    isUsed: ({ stored }) => stored.some(({ pulled }) => pulled?.feed === feed.name),
  };
  const subject = { name: feed.name, group: 'feeds' as const };
  if (isUnused(needs, surroundings)) return { ...subject, origins: [], checks: [keyCheck(needs)] };
  const origin = probe.origin(surroundings.secrets);
  return {
    ...subject,
    origins: [origin],
    checks: [
      keyCheck(needs),
      reachCheck([origin]),
      ...dataChecks(feed, probe, needs),
      ...(probe.streamed === undefined ? [] : [streamCheck(feed.name, probe.streamed)]),
    ],
  };
}

/** The stream of a feed that is no broker, as a session would open it. */
function streamCheck(name: string, id: InstrumentId): Check {
  return {
    name: 'stream',
    async run(bench) {
      const feed = await openPriceFeed(name, surroundingsOf(bench, bench.http));
      return streamFinding(feed, id, bench)
        .catch(inPlan)
        .finally(() => feed.close());
    },
  };
}

/** What a plan does not have, or another program holds, is no fault of the connection: bars work without a stream. */
function inPlan(error: unknown): Finding {
  if (error instanceof FxError && (error.code === 'FEED.PLAN' || error.code === 'FEED.CONNECTIONS')) {
    return warn(error.message, error.next);
  }
  throw error;
}

/** Opens a stream, waits until it stands, and a moment for the first quote. */
export async function streamFinding(
  feed: Pick<PriceFeed, 'quotes'>,
  id: InstrumentId,
  { stopwatch, clock, signal, wait }: Bench,
): Promise<Finding | undefined> {
  if (feed.quotes === undefined) return undefined;
  const stop = new AbortController();
  const begun = stopwatch.mono();
  const quotes = feed.quotes([id], AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  try {
    const first = await quotes.next();
    if (first.done === true) return fail('its stream ended as soon as it began', 'see the vendor’s status page');
    const stands = `stands after ${lengthText(stopwatch.mono() - begun)}`;
    if (!isOpen(instrumentOf(id, {}, 'USD').hours, clock.now())) {
      return pass(`${stands}; the market of ${id} is shut: no quote is expected`);
    }
    void wait(FIRST_QUOTE_MS, stop.signal).then(() => stop.abort());
    if ((await quoteFrom(first, quotes)) !== undefined) return pass(`${stands}; a quote of ${id} came`);
    return warn(
      `${stands}; no quote of ${id} within ${lengthText(FIRST_QUOTE_MS)} although its market is open`,
      'test it again: a quiet moment is no trouble; if it stays, see the vendor’s status page',
    );
  } finally {
    stop.abort();
    await quotes.return?.();
  }
}

/** The next quote; undefined when the stream ends first. */
async function quoteFrom(
  first: IteratorResult<VenueQuote | Heartbeat>,
  quotes: AsyncIterator<VenueQuote | Heartbeat>,
): Promise<VenueQuote | undefined> {
  let next = first;
  while (next.done !== true) {
    if (next.value.kind === 'quote') return next.value;
    next = await quotes.next();
  }
  return undefined;
}

/** Name, connection and certificate of every host. */
export function reachCheck(origins: readonly string[]): Check {
  return {
    name: 'network',
    async run({ reach }) {
      const found = await Promise.all(origins.map((origin) => reach(origin)));
      const slowest = Math.max(...found.map(({ ms }) => ms));
      return pass(`${origins.join(' and ')} answered in ${lengthText(slowest)}`);
    },
  };
}

/** One read with the key; what it says of access, age, coverage and limits are lines of their own. */
function dataChecks(feed: FeedCapabilities, probe: FeedProbe, needs: KeyNeeds): readonly Check[] {
  let newest: Newest = { what: '', at: undefined };
  let http: Http | undefined;
  return [
    {
      name: 'access',
      async run(bench) {
        http = recordingLimits(bench.http);
        newest = await probe.newest(surroundingsOf(bench, http), bench.clock.now());
        const with_ = feed.needs.length > 0 ? 'the key is taken' : 'no key needed';
        return pass(`${with_}; ${newest.what} read`);
      },
    },
    { name: 'freshness', run: async ({ clock }) => freshness(newest, probe, clock.now()) },
    { name: 'coverage', run: async (bench) => coverage(newest, probe, bench) },
    { name: 'limit', run: async () => (http === undefined ? undefined : limitsSeen(http, needs.title)) },
  ];
}

function freshness({ what, at }: Newest, { freshMs }: FeedProbe, now: number): Finding {
  if (at === undefined)
    return fail(`${what}: nothing of the last days`, 'see the vendor’s status page, then try again');
  const age = ageMs(at, now);
  const detail = `newest of ${what}: ${new Date(at).toISOString().slice(0, 10)}, ${lengthText(age)} old (weekends not counted)`;
  if (age <= freshMs) return pass(detail);
  return fail(
    `${detail}, limit is ${lengthText(freshMs)}`,
    'see the vendor’s status page; do not trade on it until it is back',
  );
}

function coverage(newest: Newest, probe: FeedProbe, bench: Bench): Finding | undefined {
  const universe = universeOf(bench);
  if (universe.length === 0 || probe.prices.length === 0) return undefined;
  const lacking = notCovered(probe, newest, universe);
  if (lacking.length === 0) return pass(`has all ${universe.length} instruments of the settings`);
  const names = lacking.slice(0, 10).join(', ');
  return warn(
    `has ${universe.length - lacking.length} of ${universe.length} instruments of the settings, not: ${names}`,
    'take prices of these from another feed (docs/feeds.md)',
  );
}

function surroundingsOf(bench: Bench, http: Http): FeedSurroundings {
  const { secrets, clock, stopwatch, wait, signal } = bench;
  return {
    secrets: {
      get: (name) => secrets.get(name),
      plain: (name) => secrets.plain(name),
      hide: (text) => redact(text, secrets),
    },
    clock,
    stopwatch,
    wait,
    rng: seededRng(Buffer.from(randomBits()).toString('hex')),
    signal,
    http,
  };
}
