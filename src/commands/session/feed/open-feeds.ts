import { FxError } from '../../../core/base/errors.js';
import type { Rng } from '../../../core/base/rng.js';
import type { Clock, Stopwatch, Wait } from '../../../core/ports/clock.js';
import type { PriceFeed } from '../../../core/ports/price-feed.js';
import type { Venue } from '../../../core/ports/venue.js';
import type { FeedInUse } from '../../../feeds/live/live-prices.js';
import type { RefusedQuote } from '../../../feeds/network/client.js';
import { streamNews } from '../../../feeds/news-sources.js';
import { type FeedSurroundings, feedOf, openPriceFeed, requestMs } from '../../../feeds/registry.js';
import { feedSurroundings, type KeySources, openVenueWithKeys } from '../../runtime/venues.js';
import type { HeadlineStream } from './headline-ear.js';

/** The feeds of a session, open, and the time that they live in. */
export interface OpenFeeds {
  readonly main: SessionFeed;
  readonly fallback?: SessionFeed;
  /** Headlines as they are published, where one of them tells any. */
  readonly headlines?: HeadlineStream;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  readonly rng: Rng;
  close(): void;
}

type FeedSources = KeySources & {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told what people should know of a feed. */
  readonly note?: (text: string) => void;
};

/** The one feed with a stream of headlines. */
const TELLS_HEADLINES = 'alpaca';

export type SessionFeed = FeedInUse & { readonly feed: PriceFeed & Partial<Pick<Venue, 'instruments'>> };

/** Opens the feeds of a session by name, with the keys of the environment. Sends nothing yet. Throws `CONFIG.MISSING_SECRET`. */
export async function openFeeds(name: string, fallback: string | undefined, sources: FeedSources): Promise<OpenFeeds> {
  if (fallback === name) {
    throw new FxError('CONFIG.FALLBACK', {
      message: `feeds.fallback is ${name}, which is the feed of the session`,
      next: 'name another feed, or leave it out: --set feeds.fallback=null',
      facts: { path: 'feeds.fallback', value: name },
    });
  }
  const surroundings = await feedSurroundings(sources);
  const refusals: Refusals[] = [];
  const open = (one: string): Promise<SessionFeed> => {
    const counted = new Refusals(one);
    refusals.push(counted);
    return openOne(one, sources, { ...surroundings, onRefused: (refused) => counted.add(refused) });
  };
  const main = await open(name);
  const second = fallback === undefined ? undefined : await open(fallback);
  const { stopwatch, wait, rng } = surroundings;
  const headlines: HeadlineStream = (signal) => streamNews([], surroundings, signal);
  return {
    main,
    ...(second === undefined ? {} : { fallback: second }),
    ...(name === TELLS_HEADLINES || fallback === TELLS_HEADLINES ? { headlines } : {}),
    stopwatch,
    wait,
    rng,
    close() {
      main.feed.close();
      second?.feed.close();
      for (const one of refusals) one.tell(sources.note);
    },
  };
}

/** What a vendor's stream said that is no quote to use. Quotes come by the thousand: it is counted, and told when it is over. */
class Refusals {
  readonly #name: string;
  #count = 0;
  #why = '';

  constructor(name: string) {
    this.#name = name;
  }

  add({ why }: RefusedQuote): void {
    this.#count++;
    this.#why = why;
  }

  tell(note: FeedSources['note']): void {
    if (this.#count === 0) return;
    const [things, last] = this.#count === 1 ? ['thing', ''] : ['things', 'the last '];
    note?.(
      `${this.#name} said ${this.#count} ${things} on its stream that were left out as no quotes, ${last}because ${this.#why}`,
    );
  }
}

/** Opens the vendor that a broker's prices are compared with. Sends nothing yet. Throws `CONFIG.MISSING_SECRET`. */
export async function openSecond(
  name: string,
  sources: FeedSources,
): Promise<{ readonly feed: SessionFeed; readonly wait: Wait; readonly rng: Rng }> {
  const surroundings = await feedSurroundings(sources);
  return { feed: await openOne(name, sources, surroundings), wait: surroundings.wait, rng: surroundings.rng };
}

async function openOne(name: string, sources: FeedSources, surroundings: FeedSurroundings): Promise<SessionFeed> {
  const { dayEnd } = feedOf(name);
  const feed =
    name === 'oanda' ? await openVenueWithKeys(name, sources, sources.clock) : await openPriceFeed(name, surroundings);
  return { feed, dayEnd, requestMs: requestMs(name, surroundings.secrets) };
}

/** Refuses a session that a vendor's plan cannot carry: bars of every instrument, each time one closes. */
export function requirePlan(
  { feed, requestMs: perRequest }: SessionFeed,
  instruments: number,
  timeframeMs: number,
): void {
  if (feed.quotes !== undefined || perRequest * instruments <= timeframeMs) return;
  const minutes = (ms: number): string => `${Math.ceil(ms / 60_000)} min`;
  throw new FxError('USAGE.PLAN', {
    message: `the plan of ${feed.name} allows a request every ${(perRequest / 1000).toFixed(1)} s: bars of ${instruments} instrument(s) take ${minutes(perRequest * instruments)}, and a bar lasts ${minutes(timeframeMs)}`,
    next: 'choose a longer --timeframe or fewer --instruments, run --once from cron, or say what a paid plan allows (docs/feeds.md)',
    facts: { feed: feed.name, requestMs: perRequest, instruments, timeframeMs },
  });
}
