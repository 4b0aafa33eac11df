/** Flags that several commands share. */
import type { ArgSpec, FlagSpec } from './runtime/spec.js';

export const BOOK_FLAG: FlagSpec = { name: 'book', value: 'NAME', summary: 'which book', default: 'default' };

export const TIMEFRAME: FlagSpec = {
  name: 'timeframe',
  value: 'T',
  choices: ['1m', '5m', '15m', '1h', '4h', '1d'],
  summary: 'length of a bar; a coarser one is built from finer bars',
  default: 'the file’s own',
};
export const FROM: FlagSpec = {
  name: 'from',
  value: 'DATE',
  type: 'date',
  summary: 'first day, UTC; earlier bars only warm up',
};
export const TO: FlagSpec = { name: 'to', value: 'DATE', type: 'date', summary: 'day after the last, UTC' };
export const SEED: FlagSpec = {
  name: 'seed',
  value: 'N',
  type: 'integer',
  summary: 'seed of the simulated market and of every chance; may be negative',
  default: '1',
};

export const FILE_FLAGS: readonly FlagSpec[] = [
  { name: 'format', value: 'NAME', summary: 'how to read the file, when recognition is wrong' },
  { name: 'time-label', value: 'L', choices: ['open', 'close'], summary: 'what a row’s time marks', default: 'open' },
  { name: 'time-zone', value: 'ZONE', summary: 'zone of times without one', default: 'UTC' },
  {
    name: 'price-scale',
    value: 'N',
    type: 'number',
    summary: 'points in one unit of price: 100000 (or 0.00001)',
    default: 'as the format says',
  },
];

export const STORED_INSTRUMENT: FlagSpec = {
  name: 'instrument',
  value: 'SYMBOL',
  summary: 'what the file holds',
  default: 'as its column or name says',
};

const STRATEGIES = 'carry, mean-reversion, sentiment, sma-cross, trend, or your own .ts, .mjs or .js file';

/** What `backtest` and `paper` both take. */
export const STRATEGY_FLAG: FlagSpec = { name: 'strategy', value: 'NAME|FILE', summary: STRATEGIES };
export const RATES: FlagSpec = {
  name: 'rates',
  value: 'PATH|NAME',
  summary: 'interest rates: a file, or the name of stored data',
};
export const NEWS: FlagSpec = {
  name: 'news',
  value: 'PATH|NAME',
  summary: 'headlines, for sentiment and news.filter: a file, or the name of stored data',
};
export const INSTRUMENTS: FlagSpec = {
  name: 'instruments',
  value: 'LIST',
  list: true,
  summary: 'what to trade: EUR/USD,USD/JPY',
};
export const PARAM: FlagSpec = {
  name: 'param',
  value: 'K=V',
  type: 'pair',
  repeat: true,
  summary: 'a parameter of the strategy; STRATEGY --help lists them',
};
export const FEED: FlagSpec = {
  name: 'feed',
  value: 'NAME',
  choices: ['simulated', 'csv'],
  summary: 'where prices come from when no file is given',
  default: 'simulated',
};
/** A session trades on what vendors tell now, too. */
export const LIVE_FEED: FlagSpec = {
  ...FEED,
  choices: ['simulated', 'csv', 'alphavantage', 'polygon', 'tiingo', 'alpaca', 'oanda'],
  summary: 'where prices come from when no file is given: the simulated market, or a vendor’s newest prices',
};
/** But for the feed, which differs. */
export const RUN_FLAGS: readonly FlagSpec[] = [
  STRATEGY_FLAG,
  RATES,
  NEWS,
  INSTRUMENTS,
  FROM,
  TO,
  TIMEFRAME,
  ...FILE_FLAGS,
  PARAM,
  { name: 'capital', value: 'N', type: 'number', summary: 'money to start with', default: '100000' },
  { name: 'currency', value: 'CCY', summary: 'currency of the account', default: 'USD' },
  { name: 'costs', value: 'MODEL', summary: 'default, none, or a JSON file', default: 'default' },
  {
    name: 'fill',
    value: 'WHEN',
    choices: ['next-open', 'close'],
    summary: 'where market orders fill',
    default: 'next-open',
  },
  {
    name: 'intrabar',
    value: 'HOW',
    choices: ['pessimistic', 'optimistic'],
    summary: 'which of two stops inside one bar comes first',
    default: 'pessimistic',
  },
  {
    name: 'benchmark',
    value: 'PATH|NAME',
    summary: 'compare with this series of prices: a file, or the name of stored data',
  },
  SEED,
  { name: 'out', value: 'DIR', summary: 'write the run’s files there' },
  {
    name: 'equity',
    value: 'ROWS',
    choices: ['bar', 'day'],
    summary: 'a row of equity.csv a bar or a day',
    default: 'bar',
  },
];

export const STRATEGY_ARG: ArgSpec = { name: 'strategy', summary: STRATEGIES, flag: 'strategy' };
export const DATA: FlagSpec = {
  name: 'data',
  value: 'PATH,…',
  list: true,
  summary: 'price files (csv, csv.gz) or names of stored data; repeatable',
  default: 'the simulated market',
};

export const AMOUNT: FlagSpec = {
  name: 'amount',
  value: 'UNITS',
  type: 'number',
  summary: 'the order’s units, typed: needed above 5 times the usual size',
};

/** Emergencies that can be rehearsed, in the order in which they are. */
export const DRILL_NAMES = ['halt', 'close-all', 'broker-outage', 'stale-feed', 'full-disk', 'crash'] as const;
