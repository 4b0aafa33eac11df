import { DAY_MS, isWeekend } from '../core/model/calendar/calendar.js';
import { type EpochMs, type InstrumentId, instrumentId } from '../core/model/ids.js';
import type { KeyFacts } from '../core/ports/key-facts.js';
import { originOf } from '../wire/address.js';
import { ALPACA_DATA_HOST } from './alpaca/alpaca.js';
import { ALPHAVANTAGE_HOST } from './alphavantage/client.js';
import { BIS_HOST } from './bis/bis.js';
import { ECB_HOST } from './ecb/ecb.js';
import { FRED_HOST } from './fred/api.js';
import { FRED_DOWNLOAD_HOST } from './fred/downloads.js';
import { type Kind, partsOf } from './network/names.js';
import { POLYGON_HOST } from './polygon/polygon.js';
import { type FeedSecrets, type FeedSurroundings, openEcb, openPriceFeed, openSeries } from './registry.js';
import { TIINGO_HOST } from './tiingo/tiingo.js';

/** The newest value that a vendor has of one thing that everybody may ask for. */
export interface Newest {
  /** What was asked for, for people. */
  readonly what: string;
  /** Undefined when there was none. */
  readonly at: EpochMs | undefined;
  /** Currencies that it has, where one answer tells. */
  readonly currencies?: readonly string[];
}

/** What testing a feed needs to know of it, besides what it has. */
export interface FeedProbe {
  /** Where a person gets its keys; undefined when it has none. */
  readonly keyUrl?: string;
  readonly keys: readonly KeyFacts[];
  /** What its stream is tested with: something that is quoted all the time while its market is open. */
  readonly streamed?: InstrumentId;
  /** Kinds of instruments that it has prices of; empty for one of rates alone. */
  readonly prices: readonly Kind[];
  /** Its newest value may be this old, weekends not counted: its own delay and a holiday or two, ms. */
  readonly freshMs: number;
  origin(secrets: Pick<FeedSecrets, 'get' | 'plain'>): string;
  /** One cheap read with the key. Throws as the feed does. */
  newest(surroundings: FeedSurroundings, now: EpochMs): Promise<Newest>;
}

type Host = `${string}_BASE_URL`;
const at = (name: Host, own: string) => (secrets: Pick<FeedSecrets, 'plain'>) =>
  originOf(secrets.plain(name) ?? '') ?? own;

const FRED_KEY: KeyFacts = { name: 'FRED_API_KEY', shape: /^[0-9a-z]{32}$/, looks: '32 small letters and digits' };
/** Names that vendors could know; people may call their own instruments what they like. */
const VENDOR_NAME = /^[A-Z0-9.]{1,12}(\/[A-Z0-9.]{1,12})?$/;
const EURUSD = instrumentId('EUR/USD');
const BTCUSD = instrumentId('BTC/USD');
/** Alpaca says in the first letters of an id whether it is of a paper account. */
const ALPACA_KINDS: Readonly<Record<string, string>> = { PK: 'paper', AK: 'live', CK: 'broker' };

const PROBES: Readonly<Record<string, FeedProbe>> = {
  ecb: {
    keys: [],
    prices: ['fx'],
    freshMs: 4 * DAY_MS,
    origin: at('ECB_BASE_URL', ECB_HOST),
    async newest(surroundings) {
      const feed = await openEcb(surroundings);
      const { days, currencies } = await feed.latest().finally(() => feed.close());
      const [date] = [...days.keys()].sort().reverse();
      const what = 'reference rates';
      return { what, at: date === undefined ? undefined : Date.parse(date), currencies: ['EUR', ...currencies] };
    },
  },
  bis: {
    keys: [],
    prices: [],
    // A month is published in the middle of the next one, or later.
    freshMs: 60 * DAY_MS,
    origin: at('BIS_BASE_URL', BIS_HOST),
    newest: (surroundings, now) => newestOfSeries('bis', 'US', 200, surroundings, now),
  },
  fred: {
    keyUrl: 'https://fredaccount.stlouisfed.org/apikeys (free)',
    keys: [FRED_KEY],
    prices: [],
    freshMs: 7 * DAY_MS,
    origin: (secrets) =>
      at('FRED_BASE_URL', secrets.get('FRED_API_KEY') === undefined ? FRED_DOWNLOAD_HOST : FRED_HOST)(secrets),
    newest: (surroundings, now) => newestOfSeries('fred', 'DFF', 30, surroundings, now),
  },
  alphavantage: {
    keyUrl: 'https://www.alphavantage.co/support/#api-key (free: 25 requests a day)',
    keys: [{ name: 'ALPHAVANTAGE_API_KEY', shape: /^[A-Z0-9]{16}$/, looks: '16 capital letters and digits' }],
    prices: ['fx'],
    freshMs: 3 * DAY_MS,
    origin: at('ALPHAVANTAGE_BASE_URL', ALPHAVANTAGE_HOST),
    newest: (surroundings, now) => newestBar('alphavantage', EURUSD, surroundings, now),
  },
  polygon: {
    keyUrl: 'https://massive.com/dashboard/keys (free: end of day, 5 requests a minute)',
    keys: [{ name: 'POLYGON_API_KEY', shape: /^[A-Za-z0-9_]{32}$/, looks: '32 letters, digits and underscores' }],
    streamed: EURUSD,
    prices: ['fx', 'crypto', 'stock'],
    freshMs: 3 * DAY_MS,
    origin: at('POLYGON_BASE_URL', POLYGON_HOST),
    newest: (surroundings, now) => newestBar('polygon', EURUSD, surroundings, now),
  },
  tiingo: {
    keyUrl: 'https://www.tiingo.com/account/api/token (free)',
    keys: [{ name: 'TIINGO_API_KEY', shape: /^[0-9a-f]{40}$/, looks: '40 hexadecimal digits' }],
    streamed: EURUSD,
    prices: ['fx'],
    freshMs: 3 * DAY_MS,
    origin: at('TIINGO_BASE_URL', TIINGO_HOST),
    newest: (surroundings, now) => newestBar('tiingo', EURUSD, surroundings, now),
  },
  alpaca: {
    keyUrl: 'https://app.alpaca.markets (free; a paper account is enough for data)',
    keys: [
      {
        name: 'ALPACA_API_KEY',
        shape: /^(PK|AK|CK)[A-Z0-9]{18,30}$/,
        looks: 'PK (paper) or AK (live) and at least 18 capital letters and digits',
        opens: (value) => ALPACA_KINDS[value.slice(0, 2)],
      },
      { name: 'ALPACA_SECRET_KEY', shape: /^[A-Za-z0-9/+]{40,64}$/, looks: 'at least 40 letters and digits' },
    ],
    streamed: BTCUSD,
    prices: ['stock', 'crypto'],
    freshMs: 3 * DAY_MS,
    origin: at('ALPACA_DATA_BASE_URL', ALPACA_DATA_HOST),
    newest: (surroundings, now) => newestBar('alpaca', BTCUSD, surroundings, now),
  },
};

/** How a feed is tested; undefined for what is tested as a broker. */
export const feedProbe = (name: string): FeedProbe | undefined => PROBES[name];

/** Instruments of which a feed has no prices, as far as it says: by currency where `newest` told them, else by kind. */
export function notCovered(
  { prices }: Pick<FeedProbe, 'prices'>,
  { currencies }: Newest,
  universe: readonly InstrumentId[],
): readonly InstrumentId[] {
  const has = currencies === undefined ? undefined : new Set(currencies);
  return universe.filter((id) => {
    if (!VENDOR_NAME.test(id)) return true;
    const { kind, base, quote } = partsOf(id);
    return !prices.includes(kind) || (has !== undefined && !(has.has(base) && has.has(quote)));
  });
}

/** How old something is, weekends not counted: nobody publishes then. */
export function ageMs(at: EpochMs, now: EpochMs): number {
  let age = now - at;
  for (let day = Math.floor(at / DAY_MS) + 1; day * DAY_MS <= now; day++) {
    if (isWeekend(day)) age -= Math.min(DAY_MS, now - day * DAY_MS);
  }
  return Math.max(0, age);
}

async function newestBar(
  name: string,
  id: InstrumentId,
  surroundings: FeedSurroundings,
  now: EpochMs,
): Promise<Newest> {
  const feed = await openPriceFeed(name, surroundings);
  const { ts } = await feed.bars(id, DAY_MS, now - 10 * DAY_MS, now).finally(() => feed.close());
  return { what: `daily bars of ${id}`, at: ts.at(-1) };
}

async function newestOfSeries(
  name: string,
  series: string,
  days: number,
  surroundings: FeedSurroundings,
  now: EpochMs,
): Promise<Newest> {
  const feed = await openSeries(name, { series: [series], daily: false }, surroundings);
  const from = new Date(now - days * DAY_MS).toISOString().slice(0, 10);
  const values = await feed.read(series, from, undefined).finally(() => feed.close());
  return { what: `series ${series}`, at: endOf(values.at(-1)?.period) };
}

/** The last day of a month, or the day itself. */
function endOf(period: string | undefined): EpochMs | undefined {
  if (period === undefined) return undefined;
  if (period.length > 7) return Date.parse(period);
  return Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5, 7)), 0);
}
