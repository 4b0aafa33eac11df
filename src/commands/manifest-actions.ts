/** What `audit`, `data` and `config` can be told to do. */
import { FILE_FLAGS, FROM, SEED, STORED_INSTRUMENT, TIMEFRAME, TO } from './manifest-flags.js';
import type { ActionSpec } from './runtime/spec.js';

export const AUDIT_ACTIONS: readonly ActionSpec[] = [
  {
    name: 'verify',
    summary: 'is every record as it was written, and is none missing',
    flags: [{ name: 'head', value: 'HASH', summary: 'a head printed before: nothing up to it may have changed' }],
  },
  {
    name: 'export',
    summary: 'write every record to one file',
    flags: [
      { name: 'format', value: 'F', choices: ['ndjson', 'csv'], summary: 'form of the file', default: 'ndjson' },
      { name: 'out', value: 'PATH', summary: 'the file (required)' },
    ],
  },
  {
    name: 'explain',
    summary: 'why an order happened: decision, inputs, sizing, gate, fills',
    args: [{ name: 'id', summary: 'order id, client id, execution id, or number of a record', required: true }],
  },
];

export const DATA_ACTIONS: readonly ActionSpec[] = [
  { name: 'list', summary: 'what is stored' },
  {
    name: 'pull',
    summary: 'read what is new at a vendor and store it under a name',
    args: [
      { name: 'feed', summary: 'ecb, bis, fred, alphavantage, polygon, tiingo, alpaca, oanda, rss', required: true },
    ],
    flags: [
      { ...FROM, summary: 'first day, UTC', default: 'all there is, then what is new' },
      { ...TO, default: 'the newest' },
      {
        name: 'instruments',
        value: 'LIST',
        list: true,
        summary: 'of a feed of bars: EUR/USD,AAPL',
        default: 'EUR/USD',
      },
      { ...TIMEFRAME, summary: 'length of a bar; bis: 1d for daily rates', default: '1d; bis: a month' },
      { name: 'series', value: 'LIST', list: true, summary: 'names of the vendor: DFF,DGS2 (fred), US,XM (bis)' },
      { name: 'news', summary: 'headlines instead of prices: alphavantage, alpaca' },
      { name: 'url', value: 'URL', repeat: true, summary: 'rss: address of an RSS or Atom feed; repeatable' },
      { name: 'as', value: 'NAME', summary: 'the name to store it under', default: 'the name of the feed; FEED-news' },
    ],
  },
  {
    name: 'import',
    summary: 'check a file and store it under a name',
    args: [{ name: 'path', summary: 'the file', required: true }],
    flags: [
      { name: 'as', value: 'NAME', summary: 'the name to store it under (required)' },
      STORED_INSTRUMENT,
      TIMEFRAME,
      ...FILE_FLAGS,
    ],
  },
  {
    name: 'check',
    summary: 'rows, span, gaps, duplicates and bad rows of a file',
    args: [{ name: 'path|name', summary: 'a file, or stored data', required: true }],
    flags: [STORED_INSTRUMENT, TIMEFRAME, ...FILE_FLAGS],
  },
  {
    name: 'simulate',
    summary: 'write the simulated market to files',
    flags: [
      SEED,
      { ...FROM, summary: 'first day, UTC', default: '2023-01-01' },
      { ...TO, default: '2025-01-01' },
      { ...TIMEFRAME, summary: 'length of a bar', default: '1h' },
      { name: 'instruments', value: 'LIST', list: true, summary: 'which pairs', default: 'all 30' },
      { name: 'out', value: 'DIR', summary: 'a new or empty folder (required)' },
    ],
  },
];

export const CONFIG_ACTIONS: readonly ActionSpec[] = [
  {
    name: 'show',
    summary: 'every setting, its value and its source',
    args: [{ name: 'key', summary: 'only this key, or what is under it' }],
  },
  { name: 'check', summary: 'is every setting usable' },
  { name: 'path', summary: 'where the settings file is' },
  {
    name: 'set',
    summary: 'write a setting to the settings file',
    args: [
      { name: 'key', summary: 'risk.maxPositionBps', required: true },
      { name: 'value', summary: 'JSON, else text', required: true },
    ],
  },
];
