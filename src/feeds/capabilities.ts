import type { Allowance } from './network/pace.js';

/** Variables that say how many requests a minute a paid plan allows. */
export type FeedPlan = 'ALPHAVANTAGE_PLAN' | 'POLYGON_PLAN' | 'TIINGO_PLAN' | 'ALPACA_DATA_PLAN';

/** What a feed is and has, so that nobody asks for its name elsewhere. */
export interface FeedCapabilities {
  readonly name: string;
  /** How people call it. */
  readonly title: string;
  /** What it has, the usual first. */
  readonly holds: readonly ('fixings' | 'rates' | 'bars' | 'news')[];
  /** Quotes come by themselves as they change. */
  readonly streams: boolean;
  /** Variables without which it cannot be opened. */
  readonly needs: readonly string[];
  /** What the free plan allows, and what we keep to. */
  readonly plan: readonly Allowance[];
  /** The variable that says what a paid plan allows. */
  readonly paid?: FeedPlan;
  /** When its values are of and known. */
  readonly alignment: string;
  /** Where its days of currencies end, and with them its bars of four hours. */
  readonly dayEnd: 'utc' | 'new-york';
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Public servers without a stated limit: a person with a browser is not slower. */
const POLITE: readonly Allowance[] = [{ requests: 5, perMs: 1_000 }];

/** Every vendor. */
export const FEEDS: readonly FeedCapabilities[] = [
  {
    name: 'ecb',
    title: 'ECB reference rates',
    holds: ['fixings'],
    streams: false,
    needs: [],
    plan: POLITE,
    alignment: 'measured 14:10, published about 16:00 Frankfurt; known at 17:00 New York of the date',
    dayEnd: 'utc',
  },
  {
    name: 'bis',
    title: 'BIS policy rates',
    holds: ['rates'],
    streams: false,
    needs: [],
    plan: POLITE,
    alignment: 'value of the end of a month, known at the close of its last weekday; with --timeframe 1d of each day',
    dayEnd: 'utc',
  },
  {
    name: 'fred',
    title: 'FRED (Federal Reserve Bank of St. Louis)',
    holds: ['rates'],
    streams: false,
    needs: [],
    plan: [{ requests: 100, perMs: MINUTE_MS }],
    alignment:
      'a month’s average known from the first of the next, a day’s value at the close of the next weekday; with FRED_API_KEY each value from the day it was published',
    dayEnd: 'utc',
  },
  {
    name: 'alphavantage',
    title: 'Alpha Vantage',
    holds: ['bars', 'rates', 'news'],
    streams: false,
    needs: ['ALPHAVANTAGE_API_KEY'],
    plan: [
      { requests: 1, perMs: 1_100 },
      { requests: 25, perMs: DAY_MS },
    ],
    paid: 'ALPHAVANTAGE_PLAN',
    alignment: 'UTC; a day ends at 00:00, intraday rows count as stamped at their beginning',
    dayEnd: 'utc',
  },
  {
    name: 'polygon',
    title: 'Massive (Polygon)',
    holds: ['bars'],
    streams: true,
    needs: ['POLYGON_API_KEY'],
    plan: [{ requests: 5, perMs: MINUTE_MS }],
    paid: 'POLYGON_PLAN',
    alignment: 'UTC; a day of currencies and coins ends at 00:00, of stocks at the exchange’s close',
    dayEnd: 'utc',
  },
  {
    name: 'tiingo',
    title: 'Tiingo',
    holds: ['bars'],
    streams: true,
    needs: ['TIINGO_API_KEY'],
    plan: [
      { requests: 50, perMs: HOUR_MS },
      { requests: 1_000, perMs: DAY_MS },
    ],
    paid: 'TIINGO_PLAN',
    alignment: 'UTC; a day ends at 00:00',
    dayEnd: 'utc',
  },
  {
    name: 'alpaca',
    title: 'Alpaca market data',
    holds: ['bars', 'news'],
    streams: true,
    needs: ['ALPACA_API_KEY', 'ALPACA_SECRET_KEY'],
    plan: [{ requests: 190, perMs: MINUTE_MS }],
    paid: 'ALPACA_DATA_PLAN',
    alignment: 'a day of stocks ends at the exchange’s close, of coins a day after its beginning; stocks of IEX only',
    dayEnd: 'utc',
  },
  {
    name: 'oanda',
    title: 'OANDA candles',
    holds: ['bars'],
    streams: true,
    needs: ['OANDA_TOKEN', 'OANDA_ACCOUNT_ID', 'OANDA_ENV'],
    plan: [{ requests: 100, perMs: 1_000 }],
    alignment: 'a day ends at 17:00 New York; bid and ask',
    dayEnd: 'new-york',
  },
];

/** Addresses that people name; no vendor, so there is nothing to test before one is named. */
export const RSS: FeedCapabilities = {
  name: 'rss',
  title: 'RSS and Atom',
  holds: ['news'],
  streams: false,
  needs: [],
  plan: POLITE,
  alignment: 'as each entry says; one without an exact time, or dated back, when it was first seen',
  dayEnd: 'utc',
};
