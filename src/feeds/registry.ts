import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import type { Rng } from '../core/base/rng.js';
import { didYouMean } from '../core/base/suggest.js';
import type { Clock, Stopwatch, Wait } from '../core/ports/clock.js';
import type { PriceFeed, SeriesFeed } from '../core/ports/price-feed.js';
import { originOf } from '../wire/address.js';
import { type Http, WireError } from '../wire/message.js';
import type { Resolve } from '../wire/public-address.js';
import type { Sockets } from '../wire/socket.js';
import { FEEDS, type FeedCapabilities, type FeedPlan, RSS } from './capabilities.js';
import type { EcbFeed } from './ecb/ecb.js';
import type { PageStore, RefusedQuote, VendorParts } from './network/client.js';
import type { Allowance } from './network/pace.js';

/** Keys and plain values as `core/config/secrets.ts` offers them. */
export interface FeedSecrets {
  get(name: FeedKey | 'OANDA_TOKEN'): { reveal(): string } | undefined;
  plain(
    name: `${string}_BASE_URL` | `${string}_STREAM_URL` | FeedPlan | 'OANDA_ACCOUNT_ID' | 'OANDA_ENV',
  ): string | undefined;
  /** The text with every secret hidden. */
  hide(text: string): string;
}

/** Variables that hold a vendor's key. */
export type FeedKey =
  | 'ALPHAVANTAGE_API_KEY'
  | 'FRED_API_KEY'
  | 'POLYGON_API_KEY'
  | 'TIINGO_API_KEY'
  | 'ALPACA_API_KEY'
  | 'ALPACA_SECRET_KEY';

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
  /** Streams; left out, real ones. */
  readonly sockets?: Sockets;
  /** Told of what a stream said that is no quote to use: crossed, without a side, garbage. */
  readonly onRefused?: (refused: RefusedQuote) => void;
}

const MINUTE_MS = 60_000;
/** Longest answer that is read at once, bytes. */
const BODY_CAP = 32 * 1024 * 1024;

/** Every vendor that history can be pulled from. */
export const feeds = (): readonly FeedCapabilities[] => FEEDS;

/** What a feed is and has. Throws `USAGE.UNKNOWN_FEED` for a name that is none. */
export function feedOf(name: string): FeedCapabilities {
  const known = [...FEEDS, RSS];
  const found = known.find((feed) => feed.name === name);
  if (found !== undefined) return found;
  const names = known.map((feed) => feed.name);
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
  if (name === 'alphavantage') {
    const { alphaVantageRates } = await import('./alphavantage/rates.js');
    const { client, close } = await openAlphaVantage(surroundings);
    return closing(alphaVantageRates(client, series), close);
  }
  assert(name === 'fred', 'feedOf was asked for the name');
  const { fredFeed } = await import('./fred/series.js');
  const key = surroundings.secrets.get('FRED_API_KEY')?.reveal();
  if (key !== undefined) {
    const { fredApi, FRED_HOST } = await import('./fred/api.js');
    const { parts, close } = await partsOf(name, 'FRED_BASE_URL', FRED_HOST, surroundings);
    return closing(fredFeed(fredApi(parts, key), currencyOfFred, series), close);
  }
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

/** Opens a feed of prices, also one that is a venue: bars, and a stream of quotes where `streams` says so. Sends nothing yet. */
export async function openPriceFeed(name: string, surroundings: FeedSurroundings): Promise<PriceFeed> {
  const { secrets } = surroundings;
  switch (name) {
    case 'alphavantage': {
      const { alphaVantagePrices } = await import('./alphavantage/prices.js');
      const { client, close } = await openAlphaVantage(surroundings);
      return closingPrices(
        alphaVantagePrices(client, () => surroundings.clock.now()),
        close,
      );
    }
    case 'polygon': {
      const { polygonFeed, POLYGON_HOST } = await import('./polygon/polygon.js');
      const key = keyOf(name, 'POLYGON_API_KEY', secrets);
      const { parts, close } = await partsOf(name, 'POLYGON_BASE_URL', POLYGON_HOST, surroundings);
      return closingPrices(polygonFeed(parts, key), close);
    }
    case 'tiingo': {
      const { tiingoFeed, TIINGO_HOST } = await import('./tiingo/tiingo.js');
      const key = keyOf(name, 'TIINGO_API_KEY', secrets);
      const { parts, close } = await partsOf(name, 'TIINGO_BASE_URL', TIINGO_HOST, surroundings);
      return closingPrices(tiingoFeed(parts, key), close);
    }
    case 'oanda': {
      const { openVenue } = await import('../brokers/registry.js');
      // Whoever stops reading the feed does not wait for a turn of the venue either.
      const wait: Wait = (ms, also) => surroundings.wait(ms, also ?? surroundings.signal);
      return openVenue(name, { ...surroundings, wait });
    }
    default: {
      assert(name === 'alpaca', 'feedOf was asked for the name');
      const { alpacaFeed, ALPACA_DATA_HOST } = await import('./alpaca/alpaca.js');
      const id = keyOf(name, 'ALPACA_API_KEY', secrets);
      const key = { id, secret: keyOf(name, 'ALPACA_SECRET_KEY', secrets) };
      const { parts, close } = await partsOf(name, 'ALPACA_DATA_BASE_URL', ALPACA_DATA_HOST, surroundings);
      return closingPrices(alpacaFeed(parts, key), close);
    }
  }
}

/** The client of Alpha Vantage, for whatever is asked of it. Sends nothing yet. */
export async function openAlphaVantage(surroundings: FeedSurroundings) {
  const { AlphaVantageClient, ALPHAVANTAGE_HOST } = await import('./alphavantage/client.js');
  const key = keyOf('alphavantage', 'ALPHAVANTAGE_API_KEY', surroundings.secrets);
  const { parts, pause, close } = await partsOf(
    'alphavantage',
    'ALPHAVANTAGE_BASE_URL',
    ALPHAVANTAGE_HOST,
    surroundings,
  );
  return { client: new AlphaVantageClient(parts, key, pause), close };
}

/** A vendor's key. Throws `CONFIG.MISSING_SECRET`. */
export function keyOf(feed: string, name: FeedKey, secrets: FeedSecrets): string {
  const value = secrets.get(name)?.reveal();
  if (value !== undefined && value !== '') return value;
  throw new FxError('CONFIG.MISSING_SECRET', {
    message: `${feed} needs ${name}, which is not set`,
    next: `set ${name} in the environment or in .env (mode 0600); docs/feeds.md says where to get one`,
    facts: { feed, name },
  });
}

/** What a paid plan allows, else what the free one does. */
function planOf({ plan, paid }: FeedCapabilities, secrets: FeedSecrets): readonly Allowance[] {
  const text = paid === undefined ? undefined : secrets.plain(paid);
  if (paid === undefined || text === undefined) return plan;
  const requests = Number(text);
  if (Number.isInteger(requests) && requests >= 1 && requests <= 100_000) return [{ requests, perMs: MINUTE_MS }];
  throw new FxError('CONFIG.BAD_PLAN', {
    message: `${paid} is ${JSON.stringify(text)}, must be the requests a minute that your plan allows (1 to 100000)`,
    next: `set ${paid}=75, for example, or leave it out for the free plan`,
    facts: { name: paid },
  });
}

/** How much time one request costs on a feed's plan, ms: the longest stretch that the plan makes of it. */
export function requestMs(name: string, secrets: FeedSecrets): number {
  return Math.max(...planOf(feedOf(name), secrets).map(({ requests, perMs }) => perMs / requests));
}

function closingPrices(feed: PriceFeed, close: () => void): PriceFeed {
  const { latestQuotes, quotes } = feed;
  return {
    name: feed.name,
    ...(latestQuotes === undefined ? {} : { latestQuotes }),
    ...(quotes === undefined ? {} : { quotes }),
    bars: (id, timeframeMs, after, until) => feed.bars(id, timeframeMs, after, until),
    get clockOffsetMs() {
      return feed.clockOffsetMs;
    },
    close,
  };
}

/** The network within a vendor's plan; every request is a read and may be repeated. */
export async function partsOf(
  name: string,
  baseUrl: `${string}_BASE_URL` | undefined,
  usual: string,
  surroundings: FeedSurroundings,
): Promise<{ readonly parts: VendorParts; readonly pause: Wait; close(): void }> {
  const { http, secrets, clock, stopwatch, wait, rng, pages, resolve, sockets, onRefused } = surroundings;
  const [{ inPlan }, { retrying }] = await Promise.all([import('./network/pace.js'), import('../wire/retry.js')]);
  const base = baseUrl === undefined ? undefined : hostOf(baseUrl, secrets.plain(baseUrl));
  const streamHost = baseUrl === undefined ? undefined : (streamHostOf(baseUrl, secrets) ?? base);
  const closed = new AbortController();
  const signal = AbortSignal.any([surroundings.signal, closed.signal]);
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
  const paced = inPlan(door, planOf(feedOf(name), secrets), { mono: () => stopwatch.mono(), wait: pause });
  return {
    parts: {
      http: retrying(paced, { clock, wait: pause, rng }),
      host: base ?? usual,
      ...(streamHost === undefined ? {} : { streamHost }),
      clock,
      signal,
      hide: (text) => secrets.hide(text),
      ...(sockets === undefined ? {} : { sockets }),
      ...(onRefused === undefined ? {} : { onRefused }),
      ...(pages === undefined ? {} : { pages }),
      ...(resolve === undefined ? {} : { resolve }),
    },
    pause,
    close() {
      closed.abort();
      own?.close();
    },
  };
}

/** The replaced host of streams; `wss` is what people know them by. */
function streamHostOf(baseUrl: `${string}_BASE_URL`, secrets: FeedSecrets): string | undefined {
  const name: `${string}_STREAM_URL` = `${baseUrl.slice(0, -'_BASE_URL'.length)}_STREAM_URL`;
  return hostOf(name, secrets.plain(name)?.replace(/^ws(s?):/, 'http$1:'));
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
