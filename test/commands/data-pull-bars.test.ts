import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { replayClock } from '../../src/core/ports/clock.js';
import { openColumnFile } from '../../src/feeds/cache/cached-source.js';
import { runCli } from '../helpers/run-cli.js';
import {
  alpacaStandIn,
  alphaVantageStandIn,
  fredApiStandIn,
  KEY,
  madeBars,
  polygonStandIn,
  tiingoStandIn,
} from '../helpers/vendors/keyed.js';
import { requestTrouble, specOf } from '../helpers/vendors/specs.js';
import { type VendorStandIn, vendorStandIn } from '../helpers/vendors/stand-in.js';

const HOUR = 3_600_000;
const NOW = Date.parse('2024-01-19T12:30:00Z');
const SPECS = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'specs');
if (!existsSync(SPECS)) console.log(`requests are not checked against specifications: ${SPECS} is not there`);

const open: VendorStandIn[] = [];
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.close();
});
const opened = <T extends VendorStandIn>(stand: T): T => {
  open.push(stand);
  return stand;
};

type Data = Record<string, unknown>;
const pulledOf = (result: { json(): Record<string, unknown> }) =>
  ((result.json()['data'] as Data)['pulled'] as Data[])[0] ?? {};
const errorOf = (result: { json(): Record<string, unknown> }) => result.json()['error'] as Data;
const home = () => mkdtempSync(join(tmpdir(), 'fxtrade-bars-'));

async function rowsOf(folder: string, name: string): Promise<[number, number][]> {
  const file = await openColumnFile(join(folder, 'data', `${name}.fxc`));
  const rows: [number, number][] = [];
  for await (const chunk of file?.source.chunks(new AbortController().signal) ?? []) {
    for (let i = 0; i < chunk.length; i++) rows.push([chunk.ts[i] ?? 0, chunk.price.close[i] ?? 0]);
  }
  return rows;
}

const VENDORS = {
  polygon: { start: polygonStandIn, base: 'POLYGON_BASE_URL', keys: { POLYGON_API_KEY: KEY, POLYGON_PLAN: '6000' } },
  tiingo: { start: tiingoStandIn, base: 'TIINGO_BASE_URL', keys: { TIINGO_API_KEY: KEY } },
  alpaca: {
    start: alpacaStandIn,
    base: 'ALPACA_DATA_BASE_URL',
    keys: { ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY },
  },
  alphavantage: {
    start: () => alphaVantageStandIn(NOW),
    base: 'ALPHAVANTAGE_BASE_URL',
    keys: { ALPHAVANTAGE_API_KEY: KEY, ALPHAVANTAGE_PLAN: '6000' },
  },
} as const;
type Vendor = keyof typeof VENDORS;

async function desk(vendor: Vendor) {
  const { start, base, keys } = VENDORS[vendor];
  const stand = opened<VendorStandIn>(await start());
  const folder = home();
  const pull = (flags: string, at = NOW, more: Readonly<Record<string, string>> = {}) =>
    runCli(`data pull ${vendor} ${flags} --json`, {
      home: folder,
      env: { ...keys, [base]: stand.url, ...more },
      clock: replayClock(at),
    });
  return { stand, folder, pull };
}

describe('bars of a vendor', () => {
  it.each<[Vendor, string, string]>([
    ['polygon', 'EUR/USD', 'eurusd'],
    ['tiingo', 'EUR/USD', 'eurusd'],
    ['alpaca', 'BTC/USD', 'btcusd'],
    ['alphavantage', 'EUR/USD', 'eurusd'],
  ])(
    '%s: closed hours of %s, each once, stamped at their close, and only what is new the next time',
    async (vendor, id, word) => {
      const { stand, folder, pull } = await desk(vendor);
      const first = await pull(`--instruments ${id} --timeframe 1h --from 2024-01-15`);
      expect(first.code, first.stdout).toBe(0);
      const name = `${vendor}-${word}-1h`;
      const wanted = (to: number) =>
        madeBars(Date.parse('2024-01-15') - HOUR, to, HOUR)
          .map(({ begin, c }) => [begin + HOUR, c])
          .filter(([ts = 0]) => ts > Date.parse('2024-01-15') && ts <= to);
      expect(await rowsOf(folder, name)).toEqual(wanted(NOW));
      expect(pulledOf(first)).toMatchObject({
        name,
        kind: 'prices',
        added: wanted(NOW).length,
        to: '2024-01-19T12:00:00.000Z',
      });
      if (vendor === 'alphavantage') return;
      const before = stand.seen.length;
      const next = await pull(`--instruments ${id} --timeframe 1h`, NOW + 3 * HOUR);
      expect(pulledOf(next)).toMatchObject({ added: 3, revised: 0 });
      expect(await rowsOf(folder, name)).toEqual(wanted(NOW + 3 * HOUR));
      expect(stand.seen.length - before).toBe(1);
      expect((await runCli(`data check ${name} --json`, { home: folder })).code).toBe(0);
      const run = await runCli(['backtest', 'sma-cross', '--data', name, '--json'], { home: folder });
      expect(run.code, run.stdout.slice(0, 300)).toBe(0);
    },
  );

  it.each<[Vendor, string, string, string]>([
    ['polygon', 'EUR/USD', 'eurusd', '2024-01-19T00:00:00.000Z'],
    ['polygon', 'AAPL', 'aapl', '2024-01-18T21:00:00.000Z'],
    ['tiingo', 'EUR/USD', 'eurusd', '2024-01-19T00:00:00.000Z'],
    ['alpaca', 'AAPL', 'aapl', '2024-01-18T21:00:00.000Z'],
    ['alphavantage', 'EUR/USD', 'eurusd', '2024-01-19T00:00:00.000Z'],
  ])('%s: the day of %s is known when it is over', async (vendor, id, word, last) => {
    const { folder, pull } = await desk(vendor);
    const result = await pull(`--instruments ${id} --timeframe 1d --from 2024-01-02`);
    expect(result.code, result.stdout).toBe(0);
    const rows = await rowsOf(folder, `${vendor}-${word}-1d`);
    expect(new Date(rows.at(-1)?.[0] ?? 0).toISOString()).toBe(last);
  });

  it.each<Vendor>(['polygon', 'tiingo', 'alpaca', 'alphavantage'])(
    '%s: a bad key is said without the key',
    async (vendor) => {
      const { pull } = await desk(vendor);
      const keys = Object.keys(VENDORS[vendor].keys).filter((name) => name.endsWith('KEY'));
      const wrong = Object.fromEntries(keys.map((name) => [name, 'WRONG-KEY-ABCDEF']));
      const id = vendor === 'alpaca' ? 'AAPL' : 'EUR/USD';
      const result = await pull(`--instruments ${id} --timeframe 1d`, NOW, wrong);
      expect(errorOf(result)['code']).toBe('FEED.BAD_KEY');
      expect(result.stdout + result.stderr).not.toContain('WRONG-KEY');
    },
  );

  it.each<Vendor>(['polygon', 'tiingo', 'alpaca', 'alphavantage'])(
    '%s: without a key nothing is sent',
    async (vendor) => {
      const { stand, folder } = await desk(vendor);
      const env = { [VENDORS[vendor].base]: stand.url };
      const result = await runCli(`data pull ${vendor} --json`, { home: folder, env });
      expect(errorOf(result)['code']).toBe('CONFIG.MISSING_SECRET');
      expect(stand.seen).toEqual([]);
    },
  );

  it.skipIf(!existsSync(SPECS)).each<[Vendor, string]>([
    ['polygon', 'EUR/USD'],
    ['tiingo', 'EUR/USD'],
    ['alpaca', 'AAPL'],
    ['alpaca', 'BTC/USD'],
    ['alphavantage', 'EUR/USD'],
  ])('%s: requests for %s are valid against its specification', async (vendor, id) => {
    const { stand, pull } = await desk(vendor);
    await pull(`--instruments ${id} --timeframe 1h --from 2024-01-10`);
    await pull(`--instruments ${id} --timeframe 1d --from 2024-01-10`);
    if (vendor === 'alphavantage') await pull('--series FEDERAL_FUNDS_RATE --as ff');
    expect(stand.seen.length).toBeGreaterThan(1);
    expect(stand.seen.flatMap((seen) => requestTrouble(specOf(SPECS, vendor), seen))).toEqual([]);
  });

  it('leaves out bars that cannot be, and says which', async () => {
    const { stand, folder, pull } = await desk('tiingo');
    const bars = madeBars(Date.parse('2024-01-15'), NOW, HOUR).map(({ begin, o, h, l, c }) => ({
      date: new Date(begin).toISOString(),
      ticker: 'eurusd',
      ...{ open: o, high: h, low: l, close: c },
    }));
    const [first, second, third] = bars;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no bars');
    second.high = 0.9;
    bars.splice(3, 0, { ...third, close: third.close + 0.1 });
    stand.answer = () => ({ body: JSON.stringify(bars) });
    const result = await pull('--instruments EUR/USD --timeframe 1h --from 2024-01-15');
    expect(pulledOf(result)['added']).toBe(bars.length - 1 - 2);
    expect(JSON.stringify(pulledOf(result)['notes'])).toContain('2 bars left out');
    expect((await runCli('data check tiingo-eurusd-1h --json', { home: folder })).code).toBe(4);
  });

  it.each([
    ['a zero', { open: 0 }],
    ['text for a number', { open: '1.1' }],
    ['nothing', { open: null }],
    ['a time that is none', { date: 'yesterday' }],
    ['another pair', { ticker: 'gbpusd' }],
  ])('refuses an answer with %s', async (_, change) => {
    const { stand, pull } = await desk('tiingo');
    const bar = { date: '2024-01-15T00:00:00Z', ticker: 'eurusd', open: 1, high: 1, low: 1, close: 1, ...change };
    stand.answer = () => ({ body: JSON.stringify([bar]) });
    const result = await pull('--instruments EUR/USD --timeframe 1h --from 2024-01-15');
    expect(errorOf(result)['code']).toBe('FEED.MALFORMED');
  });
});

describe('candles of OANDA', () => {
  it('are stored with both sides, a day ending at 17:00 New York', async () => {
    const corners = (base: number) => ({
      o: base.toFixed(5),
      h: (base + 0.001).toFixed(5),
      l: (base - 0.001).toFixed(5),
      c: base.toFixed(5),
    });
    const grid = {
      ...{ name: 'EUR_USD', type: 'CURRENCY', pipLocation: -4, displayPrecision: 5, tradeUnitsPrecision: 0 },
      ...{ minimumTradeSize: '1', marginRate: '0.03' },
    };
    const stand = opened(
      await vendorStandIn(({ path, query }) => {
        if (path.endsWith('/101-1/instruments')) return { body: JSON.stringify({ instruments: [grid] }) };
        const from = Date.parse(query.get('from') ?? '');
        // Evenings of New York in winter; the last one has not ended.
        const candles = ['2024-01-15', '2024-01-16', '2024-01-17', '2024-01-18']
          .map((day) => `${day}T22:00:00.000000000Z`)
          .filter((time) => Date.parse(time) >= from)
          .map((time, i) => ({ time, volume: 9, complete: i < 3, bid: corners(1.1), ask: corners(1.1002) }));
        return { body: JSON.stringify({ instrument: 'EUR_USD', granularity: 'D', candles }) };
      }),
    );
    const folder = home();
    const result = await runCli('data pull oanda --timeframe 1d --from 2024-01-14 --json', {
      home: folder,
      env: { OANDA_TOKEN: KEY, OANDA_ACCOUNT_ID: '101-1', OANDA_ENV: 'practice', OANDA_BASE_URL: stand.url },
      clock: replayClock(NOW),
    });
    expect(result.code, result.stdout).toBe(0);
    const file = await openColumnFile(join(folder, 'data', 'oanda-eurusd-1d.fxc'));
    expect(file?.trailer.info).toMatchObject({ side: 'both', instrument: 'EUR/USD' });
    const rows = await rowsOf(folder, 'oanda-eurusd-1d');
    expect(rows.map(([ts, close]) => [new Date(ts).toISOString(), close])).toEqual([
      ['2024-01-16T22:00:00.000Z', 1.1001],
      ['2024-01-17T22:00:00.000Z', 1.1001],
      ['2024-01-18T22:00:00.000Z', 1.1001],
    ]);
  });
});

describe('Alpha Vantage, where everything has status 200', () => {
  const texts = {
    burst:
      'Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (1 request per second). You may subscribe to a premium plan to lift the free key rate limit (25 requests per day).',
    quota: `We have detected your API key as ${KEY} and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans.`,
    premium:
      'Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any of the premium plans.',
  };

  it('waits and asks again when it was asked too often', { timeout: 20_000 }, async () => {
    const { stand, pull } = await desk('alphavantage');
    (stand as Awaited<ReturnType<typeof alphaVantageStandIn>>).complaints.push(texts.burst);
    const result = await pull('--instruments EUR/USD --timeframe 1d --from 2024-01-02');
    expect(result.code, result.stdout).toBe(0);
    expect(stand.seen).toHaveLength(2);
  });

  it.each([
    ['quota', 'FEED.QUOTA'],
    ['premium', 'FEED.PLAN'],
  ] as const)('does not ask again when it says %s, and hides the key', async (kind, code) => {
    const { stand, pull } = await desk('alphavantage');
    (stand as Awaited<ReturnType<typeof alphaVantageStandIn>>).complaints.push(texts[kind]);
    const result = await pull('--instruments EUR/USD --timeframe 1d');
    expect(errorOf(result)['code']).toBe(code);
    expect(result.stdout).not.toContain(KEY);
    expect(stand.seen).toHaveLength(1);
  });

  it('gives the rate of the Federal Reserve, published the day after', async () => {
    const { folder, pull } = await desk('alphavantage');
    const result = await pull('--series FEDERAL_FUNDS_RATE');
    expect(result.code, result.stdout).toBe(0);
    expect(
      readFileSync(join(folder, 'data', 'alphavantage.rates'), 'utf8')
        .trim()
        .split('\n')
        .slice(1),
    ).toEqual([
      'USD,FEDERAL_FUNDS_RATE,2024-01-02,5.33,2024-01-03T22:00:00.000Z',
      'USD,FEDERAL_FUNDS_RATE,2024-01-04,5.33,2024-01-05T22:00:00.000Z',
    ]);
  });
});

describe('FRED with a key', () => {
  const archive = [
    { date: '2024-01-01', value: '5.33', realtime_start: '2024-02-01' },
    { date: '2024-02-01', value: '5.30', realtime_start: '2024-03-04' },
    { date: '2024-02-01', value: '5.33', realtime_start: '2024-03-20' },
    { date: '2024-03-01', value: '.', realtime_start: '2024-04-01' },
  ];

  it('knows each value, revisions too, from the day it was published', async () => {
    const stand = opened(await fredApiStandIn(archive, 3));
    const folder = home();
    const env = { FRED_API_KEY: KEY, FRED_BASE_URL: stand.url };
    const pull = () =>
      runCli('data pull fred --series FEDFUNDS --json', {
        home: folder,
        env,
        clock: replayClock(Date.parse('2024-06-01')),
      });
    const result = await pull();
    expect(result.code, result.stdout).toBe(0);
    const rows = () =>
      readFileSync(join(folder, 'data', 'fred.rates'), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
    const wanted = [
      'USD,FEDFUNDS,2024-01-01,5.33,2024-02-01T00:00:00.000Z',
      'USD,FEDFUNDS,2024-02-01,5.30,2024-03-04T22:00:00.000Z',
      'USD,FEDFUNDS,2024-02-01,5.33,2024-03-20T21:00:00.000Z',
    ];
    expect(rows()).toEqual(wanted);
    expect(stand.seen).toHaveLength(2);
    expect(pulledOf(await pull())).toMatchObject({ added: 0, revised: 0 });
    expect(rows()).toEqual(wanted);
    if (existsSync(SPECS)) {
      expect(stand.seen.flatMap((seen) => requestTrouble(specOf(SPECS, 'fred'), seen))).toEqual([]);
    }
  });

  it('says a bad key without it', async () => {
    const stand = opened(await fredApiStandIn(archive));
    const env = { FRED_API_KEY: 'WRONG-KEY-ABCDEF', FRED_BASE_URL: stand.url };
    const result = await runCli('data pull fred --series FEDFUNDS --json', { env });
    expect(errorOf(result)['code']).toBe('FEED.REFUSED');
    expect(result.stdout).not.toContain('WRONG-KEY');
  });
});
