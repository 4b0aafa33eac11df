import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import type { Rng } from '../core/base/rng.js';
import { didYouMean } from '../core/base/suggest.js';
import type { Clock, Stopwatch, Wait } from '../core/ports/clock.js';
import type { SeriesFeed } from '../core/ports/price-feed.js';
import { originOf } from '../wire/address.js';
import { type Http, WireError } from '../wire/message.js';
import type { Resolve } from '../wire/public-address.js';
import type { EcbFeed } from './ecb/ecb.js';
import type { PageStore, VendorParts } from './network/client.js';
import type { Allowance } from './network/pace.js';

/** Keys and plain values as `core/config/secrets.ts` offers them. */
export interface FeedSecrets {
  get(name: FeedKey): { reveal(): string } | undefined;
  plain(name: `${string}_BASE_URL`): string | undefined;
  /** The text with every secret hidden. */
  hide(text: string): string;
}

/** Variables that hold a vendor's key. */
export type FeedKey = 'FRED_API_KEY';

/** What every feed is opened with. */
export interface FeedSurroundings {
  readonly secrets: FeedSecrets;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  /** Spreads repeated reads. */
  readonly rng: Rng;
  /** Ends what is read. */
  readonly signal: AbortSignal;
  readonly pages?: PageStore;
  /** The network; left out, the real one. */
  readonly http?: Http;
  readonly resolve?: Resolve;
}

/** What a feed is and has, so that nobody asks for its name elsewhere. */
export interface FeedCapabilities {
  readonly name: string;
  /** How people call it. */
  readonly title: string;
  readonly holds: 'fixings' | 'rates' | 'bars';
  /** Variables without which it cannot be opened. */
  readonly needs: readonly FeedKey[];
  /** What the free plan allows, and what we keep to. */
  readonly plan: readonly Allowance[];
  /** When its values are of and known. */
  readonly alignment: string;
}

const MINUTE_MS = 60_000;
/** Public servers without a stated limit: a person with a browser is not slower. */
const POLITE: readonly Allowance[] = [{ requests: 5, perMs: 1_000 }];
/** Longest answer that is read at once, bytes. */
const BODY_CAP = 32 * 1024 * 1024;

const FEEDS: readonly FeedCapabilities[] = [
  {
    name: 'ecb',
    title: 'ECB reference rates',
    holds: 'fixings',
    needs: [],
    plan: POLITE,
    alignment: 'measured 14:10, published about 16:00 Frankfurt; known at 17:00 New York of the date',
  },
  {
    name: 'bis',
    title: 'BIS policy rates',
    holds: 'rates',
    needs: [],
    plan: POLITE,
    alignment: 'value of the end of a month, known at the close of its last weekday; with --timeframe 1d of each day',
  },
  {
    name: 'fred',
    title: 'FRED (Federal Reserve Bank of St. Louis)',
    holds: 'rates',
    needs: [],
    plan: [{ requests: 100, perMs: MINUTE_MS }],
    alignment: 'a month’s average known from the first of the next, a day’s value at the close of the next weekday',
  },
];

/** Every vendor that history can be pulled from. */
export const feeds = (): readonly FeedCapabilities[] => FEEDS;

/** What a feed is and has. Throws `USAGE.UNKNOWN_FEED` for a name that is none. */
export function feedOf(name: string): FeedCapabilities {
  const found = FEEDS.find((feed) => feed.name === name);
  if (found !== undefined) return found;
  const names = FEEDS.map((feed) => feed.name);
  throw new FxError('USAGE.UNKNOWN_FEED', {
    message: `there is no feed ${JSON.stringify(name)}`,
    next: `${didYouMean(name, names)}choose one of: ${names.join(', ')}`,
    facts: { feed: name },
  });
}

/** Opens the reference rates of the ECB. Sends nothing yet. */
export async function openEcb(surroundings: FeedSurroundings): Promise<EcbFeed & { close(): void }> {
  const { ecbFeed, ECB_HOST } = await import('./ecb/ecb.js');
  const { parts, close } = await partsOf('ecb', 'ECB_BASE_URL', ECB_HOST, surroundings);
  const feed = ecbFeed(parts);
  return {
    history: (onProgress) => feed.history(onProgress),
    latest: () => feed.latest(),
    get clockOffsetMs() {
      return feed.clockOffsetMs;
    },
    close,
  };
}

export interface SeriesChoice {
  /** Names of the vendor; left out, those of the currencies that a carry trade ranks. */
  readonly series?: readonly string[];
  readonly daily: boolean;
}

/** Opens a feed of published interest rates. Sends nothing yet. */
export async function openSeries(
  name: string,
  choice: SeriesChoice,
  surroundings: FeedSurroundings,
): Promise<SeriesFeed> {
  const { currencyOfArea, currencyOfFred } = await import('./rates/area.js');
  const { series } = choice;
  if (name === 'bis') {
    const { bisFeed, BIS_HOST } = await import('./bis/bis.js');
    const { parts, close } = await partsOf(name, 'BIS_BASE_URL', BIS_HOST, surroundings);
    return closing(bisFeed(parts, choice.daily ? 'daily' : 'monthly', currencyOfArea, series), close);
  }
  assert(name === 'fred', 'feedOf was asked for the name');
  const { fredFeed } = await import('./fred/series.js');
  const { fredDownloads, FRED_DOWNLOAD_HOST } = await import('./fred/downloads.js');
  const { parts, close } = await partsOf(name, 'FRED_BASE_URL', FRED_DOWNLOAD_HOST, surroundings);
  return closing(fredFeed(fredDownloads(parts), currencyOfFred, series), close);
}

function closing(feed: SeriesFeed, close: () => void): SeriesFeed {
  return {
    name: feed.name,
    series: feed.series,
    read: (series, from, to) => feed.read(series, from, to),
    currencyOf: (series, period) => feed.currencyOf(series, period),
    knownBy: (series, period) => feed.knownBy(series, period),
    get clockOffsetMs() {
      return feed.clockOffsetMs;
    },
    close,
  };
}

/** The network within a vendor's plan; every request is a read and may be repeated. */
async function partsOf(
  name: string,
  baseUrl: `${string}_BASE_URL`,
  usual: string,
  { http, secrets, clock, stopwatch, wait, rng, signal, pages, resolve }: FeedSurroundings,
): Promise<{ readonly parts: VendorParts; close(): void }> {
  const [{ inPlan }, { retrying }] = await Promise.all([import('./network/pace.js'), import('../wire/retry.js')]);
  const host = hostOf(baseUrl, secrets.plain(baseUrl)) ?? usual;
  const own =
    http === undefined
      ? (await import('../wire/http.js')).httpClient({ bodyCap: BODY_CAP, connections: 4 })
      : undefined;
  const door = own ?? http;
  assert(door !== undefined, 'there is a network');
  const pause: Wait = async (ms) => {
    await wait(ms, signal);
    if (signal.aborted) throw new WireError('aborted', false);
  };
  const paced = inPlan(door, feedOf(name).plan, { mono: () => stopwatch.mono(), wait: pause });
  return {
    parts: {
      http: retrying(paced, { clock, wait: pause, rng }),
      host,
      clock,
      signal,
      hide: (text) => secrets.hide(text),
      ...(pages === undefined ? {} : { pages }),
      ...(resolve === undefined ? {} : { resolve }),
    },
    close: () => own?.close(),
  };
}

/** Scheme, host and port of an override; the paths are the adapter's. */
function hostOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const origin = originOf(value);
  if (origin !== undefined) return origin;
  throw new FxError('CONFIG.BAD_URL', {
    message: `${name} must be https://host:port, or http://127.0.0.1:port for a server on this machine`,
    next: `leave out path, query and password in ${name}`,
    facts: { name },
  });
}
