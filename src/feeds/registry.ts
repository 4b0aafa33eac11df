import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import type { Rng } from '../core/base/rng.js';
import { didYouMean } from '../core/base/suggest.js';
import type { Clock, Stopwatch, Wait } from '../core/ports/clock.js';
import type { PriceFeed, SeriesFeed } from '../core/ports/price-feed.js';
import { originOf } from '../wire/address.js';
import { type Http, WireError } from '../wire/message.js';
import type { Resolve } from '../wire/public-address.js';
import type { EcbFeed } from './ecb/ecb.js';
import type { PageStore, VendorParts } from './network/client.js';
import type { Allowance } from './network/pace.js';

/** Keys and plain values as `core/config/secrets.ts` offers them. */
export interface FeedSecrets {
  get(name: FeedKey): { reveal(): string } | undefined;
  plain(name: `${string}_BASE_URL` | FeedPlan): string | undefined;
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

/** Variables that say how many requests a minute a paid plan allows. */
export type FeedPlan = 'ALPHAVANTAGE_PLAN' | 'POLYGON_PLAN' | 'TIINGO_PLAN' | 'ALPACA_DATA_PLAN';

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
  /** What it has, the usual first. */
  readonly holds: readonly ('fixings' | 'rates' | 'bars')[];
  /** Variables without which it cannot be opened. */
  readonly needs: readonly string[];
  /** What the free plan allows, and what we keep to. */
  readonly plan: readonly Allowance[];
  /** The variable that says what a paid plan allows. */
  readonly paid?: FeedPlan;
  /** When its values are of and known. */
  readonly alignment: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Public servers without a stated limit: a person with a browser is not slower. */
const POLITE: readonly Allowance[] = [{ requests: 5, perMs: 1_000 }];
/** Longest answer that is read at once, bytes. */
const BODY_CAP = 32 * 1024 * 1024;

const FEEDS: readonly FeedCapabilities[] = [
  {
    name: 'ecb',
    title: 'ECB reference rates',
    holds: ['fixings'],
    needs: [],
    plan: POLITE,
    alignment: 'measured 14:10, published about 16:00 Frankfurt; known at 17:00 New York of the date',
  },
  {
    name: 'bis',
    title: 'BIS policy rates',
    holds: ['rates'],
    needs: [],
    plan: POLITE,
    alignment: 'value of the end of a month, known at the close of its last weekday; with --timeframe 1d of each day',
  },
  {
    name: 'fred',
    title: 'FRED (Federal Reserve Bank of St. Louis)',
    holds: ['rates'],
    needs: [],
    plan: [{ requests: 100, perMs: MINUTE_MS }],
    alignment:
      'a month’s average known from the first of the next, a day’s value at the close of the next weekday; with FRED_API_KEY each value from the day it was published',
  },
  {
    name: 'alphavantage',
    title: 'Alpha Vantage',
    holds: ['bars', 'rates'],
    needs: ['ALPHAVANTAGE_API_KEY'],
    plan: [
      { requests: 1, perMs: 1_100 },
      { requests: 25, perMs: DAY_MS },
    ],
    paid: 'ALPHAVANTAGE_PLAN',
    alignment: 'UTC; a day ends at 00:00, intraday rows count as stamped at their beginning',
  },
  {
    name: 'polygon',
    title: 'Massive (Polygon)',
    holds: ['bars'],
    needs: ['POLYGON_API_KEY'],
    plan: [{ requests: 5, perMs: MINUTE_MS }],
    paid: 'POLYGON_PLAN',
    alignment: 'UTC; a day of currencies and coins ends at 00:00, of stocks at the exchange’s close',
  },
  {
    name: 'tiingo',
    title: 'Tiingo',
    holds: ['bars'],
    needs: ['TIINGO_API_KEY'],
    plan: [
      { requests: 50, perMs: HOUR_MS },
      { requests: 1_000, perMs: DAY_MS },
    ],
    paid: 'TIINGO_PLAN',
    alignment: 'UTC; a day ends at 00:00',
  },
  {
    name: 'alpaca',
    title: 'Alpaca market data',
    holds: ['bars'],
    needs: ['ALPACA_API_KEY', 'ALPACA_SECRET_KEY'],
    plan: [{ requests: 190, perMs: MINUTE_MS }],
    paid: 'ALPACA_DATA_PLAN',
    alignment: 'a day of stocks ends at the exchange’s close, of coins a day after its beginning; stocks of IEX only',
  },
  {
    name: 'oanda',
    title: 'OANDA candles',
    holds: ['bars'],
    needs: ['OANDA_TOKEN', 'OANDA_ACCOUNT_ID', 'OANDA_ENV'],
    plan: [{ requests: 100, perMs: 1_000 }],
    alignment: 'a day ends at 17:00 New York; bid and ask',
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

/** Opens a feed of bars. Venues are opened by `brokers/registry.ts`. Sends nothing yet. */
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

async function openAlphaVantage(surroundings: FeedSurroundings) {
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

function keyOf(feed: string, name: FeedKey, secrets: FeedSecrets): string {
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

function closingPrices(feed: PriceFeed, close: () => void): PriceFeed {
  const latestQuotes = feed.latestQuotes?.bind(feed);
  return {
    name: feed.name,
    ...(latestQuotes === undefined ? {} : { latestQuotes }),
    bars: (id, timeframeMs, after, until) => feed.bars(id, timeframeMs, after, until),
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
): Promise<{ readonly parts: VendorParts; readonly pause: Wait; close(): void }> {
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
  const paced = inPlan(door, planOf(feedOf(name), secrets), { mono: () => stopwatch.mono(), wait: pause });
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
    pause,
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
