import type { EpochMs } from '../../core/model/ids.js';
import type { AssetClass } from '../../core/model/instrument.js';

/** What a column of a file means to us. `SKIP` is 0; prices of the two sides are four in a row. */
export const Role = {
  skip: 0,
  time: 1,
  timeOfDay: 2,
  open: 3,
  high: 4,
  low: 5,
  close: 6,
  volume: 7,
  bid: 8,
  ask: 12,
  symbol: 16,
  dividend: 17,
  split: 18,
  legOfBase: 19,
  legOfQuote: 20,
} as const;

/** Close of the side whose open has this role: `Role.bid + CLOSE` is the one price of a tick. */
export const CLOSE = 3;

/** `--format` names. */
export const FORMATS = [
  'generic',
  'ticks',
  'ecb',
  'bis',
  'fred',
  'oecd',
  'histdata',
  'histdata-ticks',
  'dukascopy',
  'lean',
  'alphavantage',
  'metatrader',
  'ccxt',
] as const;
export type FormatName = (typeof FORMATS)[number];

/** How the rows of one file are read. Made from its first rows by `recognize`; the user's flags overrule it. */
export interface Layout {
  readonly format: FormatName;
  /** A byte: `,` `;` tab or `|`. */
  readonly delimiter: number;
  /** Lines before the first row of data. */
  readonly headerLines: number;
  /** Meaning of each column, by place; trailing columns may be absent. */
  readonly roles: readonly number[];
  /** Names of the header for messages; empty without one. */
  readonly names: readonly string[];
  /** `bar` four prices, `single` one price, `quotes` four prices of both sides, `tick` one of both. */
  readonly kind: 'bar' | 'single' | 'quotes' | 'tick';
  readonly side: 'mid' | 'bid' | 'both';
  /** The clock of times without a zone. */
  readonly zone: string;
  readonly label: 'open' | 'close';
  /** Rows carry a date and no time: they are stamped with the market's close on that date. */
  readonly dateOnly: boolean;
  /** Midnight of the date in the file's name, where the time column counts ms of that day; else undefined. */
  readonly dayStart?: EpochMs;
  /** 0 for ticks; undefined when the sample is too short to tell. */
  readonly timeframeMs?: number;
  readonly newestFirst: boolean;
  /** Prices are divided by this. */
  readonly scale: number;
  /** Empty cells, `N/A` and `.` are missing values, not bad ones. */
  readonly missing: boolean;
  /** Currencies of a wide file by column; each cell is that currency per one EUR. */
  readonly currencies?: ReadonlyMap<string, number>;
  /** First time of the sample on the file's clock; undefined when it has none. */
  readonly firstTime?: number;
  /** First prices, unscaled, for the check of points. */
  readonly firstPrices: readonly number[];
  /** Texts of the symbol column in the sample. */
  readonly symbols: readonly string[];
}

/** Close of the market of an asset class on a date (`dateUtcMs` is its 00:00 UTC). */
export type CloseOfDate = (dateUtcMs: number, assetClass: AssetClass) => EpochMs;

/** What the user said about a file; each overrules recognition. */
export interface Overrides {
  readonly format?: string;
  /** Points in one unit of price: prices are divided by it; below 1 they are multiplied. */
  readonly priceScale?: number;
  readonly timeLabel?: 'open' | 'close';
  readonly timeZone?: string;
  /** Length of a bar, where the file is too short to show it. */
  readonly timeframeMs?: number;
}

/** Names of one side's columns: `bid_open`, `openBid`, `bid_o` and so on; the bare side is its one price. */
function sideNames(side: string, first: number): Record<string, number> {
  const names: Record<string, number> = { [side]: first + CLOSE, [`${side}price`]: first + CLOSE };
  for (const [i, corner] of ['open', 'high', 'low', 'close'].entries()) {
    for (const name of [`${side}${corner}`, `${corner}${side}`, `${side}${corner[0]}`]) names[name] = first + i;
  }
  return names;
}

const NAMES: ReadonlyMap<string, number> = new Map(
  Object.entries({
    open: Role.open,
    o: Role.open,
    openprice: Role.open,
    high: Role.high,
    h: Role.high,
    highprice: Role.high,
    low: Role.low,
    l: Role.low,
    lowprice: Role.low,
    close: Role.close,
    c: Role.close,
    closeprice: Role.close,
    price: Role.close,
    value: Role.close,
    last: Role.close,
    mid: Role.close,
    rate: Role.close,
    ...sideNames('bid', Role.bid),
    ...sideNames('ask', Role.ask),
    offer: Role.ask + CLOSE,
    symbol: Role.symbol,
    ticker: Role.symbol,
    instrument: Role.symbol,
    pair: Role.symbol,
    dividendamount: Role.dividend,
    splitcoefficient: Role.split,
  }),
);

/** Heads the times of a file of the simulated market: the mark that such prices carry wherever the file goes. */
export const SIMULATED_TIME = 'simulated_time';

/** Names of time columns, the better first: an epoch beats a text, a bar's open time beats its close time. */
const TIMES = [
  'opentime',
  'unix',
  'unixtime',
  'timestamp',
  'timestampms',
  'datetime',
  'gmttime',
  'utc',
  bareName(SIMULATED_TIME),
  'time',
  'ts',
  'localtime',
  'date',
  'dateutc',
  'observationdate',
  'closetime',
];
const VOLUMES = ['tickvolume', 'tickvol', 'volume', 'vol', 'v', 'vol.', 'qty'];

/** `<TICKVOL>`, `"Volume BTC"`, `bid_open` as bare lower-case letters. */
export function bareName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/**
 * Meaning of each column of a header; undefined when it is no header of prices. A column that is not known is skipped.
 * `closeTime` tells that the only time is a bar's close.
 */
export function rolesOfHeader(names: readonly string[]): { roles: number[]; closeTime: boolean } | undefined {
  const bare = names.map(bareName);
  const roles = bare.map((name) => NAMES.get(name) ?? Role.skip);
  const seen = new Set<number>();
  for (const [i, role] of roles.entries()) {
    if (role !== Role.skip && seen.has(role)) roles[i] = Role.skip;
    seen.add(role);
  }
  const time = TIMES.map((name) => bare.indexOf(name)).find((i) => i >= 0);
  if (time === undefined) return undefined;
  roles[time] = Role.time;
  const clock = bare.indexOf('time');
  if (bare[time] === 'time' && bare.includes('date')) {
    roles[bare.indexOf('date')] = Role.time;
    roles[clock] = Role.timeOfDay;
  }
  const volume = VOLUMES.map((name) => bare.indexOf(name)).find((i) => i >= 0);
  const anyVolume = volume ?? bare.findIndex((name) => name.startsWith('volume'));
  if (anyVolume >= 0) roles[anyVolume] = Role.volume;
  return { roles, closeTime: bare[time] === 'closetime' };
}

/** Which prices the columns hold: the most that is complete; undefined when none are. */
export function kindOf(roles: readonly number[]): Layout['kind'] | undefined {
  const has = (...wanted: number[]): boolean => wanted.every((role) => roles.includes(role));
  const { bid, ask } = Role;
  if (has(bid, bid + 1, bid + 2, bid + 3, ask, ask + 1, ask + 2, ask + 3)) return 'quotes';
  if (has(Role.open, Role.high, Role.low, Role.close)) return 'bar';
  if (has(bid + CLOSE, ask + CLOSE)) return 'tick';
  if (has(Role.close) || has(Role.legOfBase) || has(Role.legOfQuote)) return 'single';
  return undefined;
}

/** The roles that rows of a kind need; the rest of the priced columns is skipped. */
export function neededRoles(kind: Layout['kind']): ReadonlySet<number> {
  const always = [Role.time, Role.timeOfDay, Role.symbol, Role.volume, Role.dividend, Role.split];
  const { bid, ask } = Role;
  switch (kind) {
    case 'quotes':
      return new Set([...always, bid, bid + 1, bid + 2, bid + 3, ask, ask + 1, ask + 2, ask + 3]);
    case 'bar':
      return new Set([...always, Role.open, Role.high, Role.low, Role.close]);
    case 'tick':
      return new Set([...always, bid + CLOSE, ask + CLOSE]);
    case 'single':
      return new Set([...always, Role.close, Role.legOfBase, Role.legOfQuote]);
  }
}
