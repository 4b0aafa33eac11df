import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { replayClock } from '../../src/core/ports/clock.js';
import { madeUpPrices, madeUpRates } from '../helpers/made-up-fx.js';
import { runCli } from '../helpers/run-cli.js';
import { bisStandIn, ecbStandIn, fredStandIn } from '../helpers/vendors/free.js';
import type { VendorStandIn } from '../helpers/vendors/stand-in.js';

const SHARED = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/market');
const ECB = join(SHARED, 'fx/ecb_eurofxref_hist_to_2018.csv.gz');
const BIS = join(SHARED, 'rates/bis_cbpol_monthly_to_2018.csv.gz');
const FRED = join(SHARED, 'rates/fred_ir3tib');
const absent = [ECB, BIS, FRED].filter((path) => !existsSync(path));
if (absent.length > 0) console.log(`pulls are not compared with real files: ${absent.join(', ')} is not there`);

const open: VendorStandIn[] = [];
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.close();
});

const opened = <T extends VendorStandIn>(stand: T): T => {
  open.push(stand);
  return stand;
};
const home = () => mkdtempSync(join(tmpdir(), 'fxtrade-pull-'));
const at = (iso: string) => replayClock(Date.parse(iso));
type Data = Record<string, unknown>;
const dataOf = (result: { json(): Record<string, unknown> }) => {
  const data = result.json()['data'] as Data;
  const [first] = (data['pulled'] ?? []) as Data[];
  return { ...first, ...data };
};
const errorOf = (result: { json(): Record<string, unknown> }) => result.json()['error'] as Data;

async function pullEcb(folder: string, url: string, now: string, more = '') {
  const options = { home: folder, env: { ECB_BASE_URL: url }, clock: at(now) };
  return runCli(`data pull ecb --json ${more}`, options);
}

const FIXINGS = 'Date,USD,JPY,\n2024-01-03,1.0919,155.31,\n2024-01-02,1.0956,155.68,\n';

describe('data pull ecb', () => {
  it('keeps the history under its name, where list, check and a run find it', async () => {
    const ecb = opened(await ecbStandIn(FIXINGS));
    const folder = home();
    const pulled = await pullEcb(folder, ecb.url, '2024-01-03T20:00:00Z');
    expect(pulled.code, pulled.stdout).toBe(0);
    expect(dataOf(pulled)).toMatchObject({
      kind: 'prices',
      rows: 2,
      added: 2,
      revised: 0,
      holds: ['EUR', 'USD', 'JPY'],
    });
    expect(readFileSync(join(folder, 'data', 'ecb.csv'), 'utf8')).toBe(FIXINGS);
    const listed = dataOf(await runCli('data list --json', { home: folder }))['stored'];
    expect(listed).toMatchObject([
      { name: 'ecb', kind: 'prices', rows: 2, usable: true, to: '2024-01-03T22:00:00.000Z', pulled: { feed: 'ecb' } },
    ]);
    const checked = await runCli('data check ecb --instrument USD/JPY --json', { home: folder });
    expect(dataOf(checked)).toMatchObject({ report: { instrument: 'USD/JPY', rowsKept: 2 } });
  });

  it('asks for the newest day alone when only that is missing, and for all when more is', async () => {
    const ecb = opened(await ecbStandIn(FIXINGS));
    const folder = home();
    await pullEcb(folder, ecb.url, '2024-01-03T20:00:00Z');
    ecb.bank.history = FIXINGS.replace('JPY,\n', 'JPY,\n2024-01-04,1.0953,157.9,\n');
    const next = dataOf(await pullEcb(folder, ecb.url, '2024-01-04T20:00:00Z'));
    expect(next).toMatchObject({ rows: 3, added: 1, to: '2024-01-04' });
    expect(ecb.seen.map(({ path }) => path.split('/').at(-1))).toEqual(['eurofxref-hist.zip', 'eurofxref.zip']);
    ecb.bank.history = ecb.bank.history.replace('JPY,\n', 'JPY,\n2024-01-08,1.0946,158.1,\n2024-01-05,1.0921,158.2,\n');
    expect(dataOf(await pullEcb(folder, ecb.url, '2024-01-08T20:00:00Z'))).toMatchObject({ rows: 5, added: 2 });
    expect(ecb.seen.at(-1)?.path).toContain('eurofxref-hist.zip');
  });

  it('keeps the value that was known first and says since when the other one is known', async () => {
    const ecb = opened(await ecbStandIn(FIXINGS));
    const folder = home();
    await pullEcb(folder, ecb.url, '2024-01-03T20:00:00Z');
    ecb.bank.history = FIXINGS.replace('1.0956', '1.0965');
    const again = dataOf(await pullEcb(folder, ecb.url, '2024-01-20T20:00:00Z'));
    expect(again).toMatchObject({ added: 0, revised: 1 });
    expect(readFileSync(join(folder, 'data', 'ecb.csv'), 'utf8')).toBe(FIXINGS);
    const record = JSON.parse(readFileSync(join(folder, 'data', 'ecb.pull.json'), 'utf8'));
    expect(record.revisions).toEqual([
      {
        series: 'USD',
        period: '2024-01-02',
        was: '1.0956',
        wasKnownAt: '2024-01-02T22:00:00.000Z',
        now: '1.0965',
        knownAt: '2024-01-20T20:00:00.000Z',
      },
    ]);
    expect(dataOf(await pullEcb(folder, ecb.url, '2024-02-20T20:00:00Z'))).toMatchObject({ revised: 0 });
  });

  it('goes on with the pieces it has after it was cut off', async () => {
    const ecb = opened(await ecbStandIn(madeUpPrices(1)));
    const folder = home();
    ecb.bank.history = `${ecb.bank.history}${bulk(6)}`;
    ecb.mood = (request) => (request === 0 ? 'well' : 'no-key');
    expect((await pullEcb(folder, ecb.url, '2024-01-03T20:00:00Z')).code).toBe(6);
    expect(existsSync(join(folder, 'data', 'ecb.csv'))).toBe(false);
    ecb.mood = () => 'well';
    const before = ecb.seen.length;
    const done = dataOf(await pullEcb(folder, ecb.url, '2024-01-03T21:00:00Z'));
    expect(done['resumed']).toBeGreaterThan(0);
    expect(ecb.seen[before]?.headers['range']).toBe('bytes=1048576-2097151');
    expect(readdirSync(join(folder, 'data', 'cache', 'pull', 'ecb'))).toEqual([]);
  });
});

/** Rows before 1999 whose digits do not pack: a zip of some megabytes. */
function bulk(megabytes: number): string {
  let state = 1;
  const digits = () => {
    state = (state * 48_271) % 2_147_483_647;
    return `1.${state}`;
  };
  const columns = madeUpPrices(1).split('\n')[0]?.split(',').length ?? 2;
  const rows: string[] = [];
  const wanted = (megabytes * 1_000_000) / (12 * columns);
  for (let day = 0; day < wanted; day++) {
    const date = new Date(Date.UTC(1990, 0, 1) - day * 86_400_000).toISOString().slice(0, 10);
    if (!/^\d{4}-/.test(date)) break;
    rows.push([date, ...Array.from({ length: columns - 1 }, digits)].join(','));
  }
  return `${rows.join('\n')}\n`;
}

describe('data pull bis', () => {
  const lines = 'XM,2024-01,4.5\nXM,2024-02,4.5\nUS,2024-01,5.375\nUS,2024-02,5.375\n';
  const pull = (folder: string, url: string, now: string) =>
    runCli('data pull bis --series US,XM --json', { home: folder, env: { BIS_BASE_URL: url }, clock: at(now) });
  const rowsOf = (folder: string) =>
    readFileSync(join(folder, 'data', 'bis.rates'), 'utf8')
      .trim()
      .split('\n')
      .slice(1);

  it('counts a month as known at the close of its last weekday, and one that came late when it was first seen', async () => {
    const bis = opened(await bisStandIn(lines));
    const folder = home();
    const first = await pull(folder, bis.url, '2024-03-20T12:00:00Z');
    expect(dataOf(first)).toMatchObject({ kind: 'rates', holds: ['EUR', 'USD'], rows: 4, added: 4 });
    expect(rowsOf(folder)).toEqual([
      'USD,US,2024-01,5.375,2024-01-31T22:00:00.000Z',
      'USD,US,2024-02,5.375,2024-02-29T22:00:00.000Z',
      'EUR,XM,2024-01,4.5,2024-01-31T22:00:00.000Z',
      'EUR,XM,2024-02,4.5,2024-02-29T22:00:00.000Z',
    ]);
    await pull(folder, bis.url, '2024-04-05T12:00:00Z');
    bis.bank.lines = `${lines}US,2024-03,5.25\n`;
    await pull(folder, bis.url, '2024-04-09T12:00:00Z');
    bis.bank.lines = `${bis.bank.lines}US,2024-04,5\n`;
    await pull(folder, bis.url, '2024-05-02T12:00:00Z');
    expect(rowsOf(folder).filter((row) => /US,2024-0[34]/.test(row))).toEqual([
      'USD,US,2024-03,5.25,2024-04-09T12:00:00.000Z',
      'USD,US,2024-04,5,2024-04-30T21:00:00.000Z',
    ]);
  });

  it('keeps both values of a month that was revised, each with its time', async () => {
    const bis = opened(await bisStandIn(lines));
    const folder = home();
    await pull(folder, bis.url, '2024-03-20T12:00:00Z');
    bis.bank.lines = lines.replace('US,2024-02,5.375', 'US,2024-02,5.25');
    expect(dataOf(await pull(folder, bis.url, '2024-03-25T12:00:00Z'))).toMatchObject({ added: 0, revised: 1 });
    expect(rowsOf(folder).filter((row) => row.includes('US,2024-02'))).toEqual([
      'USD,US,2024-02,5.375,2024-02-29T22:00:00.000Z',
      'USD,US,2024-02,5.25,2024-03-25T12:00:00.000Z',
    ]);
    expect(bis.seen.at(-1)?.query.get('startPeriod')).toBe('2022-02');
  });

  it('goes on with the areas it has when one of them fails', async () => {
    const bis = opened(await bisStandIn(lines));
    const folder = home();
    bis.mood = (_, { path }) => (path.endsWith('.XM') ? 'no-key' : 'well');
    const failed = await pull(folder, bis.url, '2024-03-20T12:00:00Z');
    expect(failed.code).toBe(6);
    bis.mood = () => 'well';
    await pull(folder, bis.url, '2024-03-20T12:10:00Z');
    expect(bis.seen.map(({ path }) => path.slice(-2))).toEqual(['US', 'XM', 'XM']);
  });
});

describe('data pull fred', () => {
  it('keeps monthly averages from the first of the next month, and days from the next weekday', async () => {
    const csv = 'DATE,X\n2024-01-05,5.33\n2024-01-08,.\n2024-01-09,5.32\n';
    const fred = opened(await fredStandIn({ DFF: csv, IR3TIB01DEM156N: 'DATE,X\n1998-12-01,3.4\n1999-01-01,3.1\n' }));
    const folder = home();
    const options = { home: folder, env: { FRED_BASE_URL: fred.url }, clock: at('2024-02-01T12:00:00Z') };
    const pulled = await runCli('data pull fred --series DFF,IR3TIB01DEM156N --json', options);
    expect(pulled.code, pulled.stdout).toBe(0);
    expect(
      readFileSync(join(folder, 'data', 'fred.rates'), 'utf8')
        .trim()
        .split('\n')
        .slice(1),
    ).toEqual([
      'USD,DFF,2024-01-05,5.33,2024-01-08T22:00:00.000Z',
      'USD,DFF,2024-01-09,5.32,2024-01-10T22:00:00.000Z',
      'DEM,IR3TIB01DEM156N,1998-12-01,3.4,1999-01-01T00:00:00.000Z',
      'EUR,IR3TIB01DEM156N,1999-01-01,3.1,1999-02-01T00:00:00.000Z',
    ]);
    expect((await runCli('data check fred --json', { home: folder })).code).toBe(0);
  });

  it('does not mix two series of one currency', async () => {
    const csv = 'DATE,X\n2024-01-05,5.33\n';
    const fred = opened(await fredStandIn({ DFF: csv, DGS2: csv }));
    const options = { env: { FRED_BASE_URL: fred.url } };
    const pulled = await runCli('data pull fred --series DFF,DGS2 --json', options);
    expect(errorOf(pulled)).toMatchObject({ code: 'DATA.DUPLICATE' });
  });
});

const CARRY = [
  '--instruments',
  'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,USD/NOK,NZD/USD,USD/SEK',
  ...['--param', 'legs=3', '--param', 'weighting=equal', '--param', 'rebalance=month-end', '--fill', 'close'],
  ...['--costs', 'none', '--set', 'risk.preset=none', '--json'],
];

async function sameAsFiles(ecbText: string, bisText: string, ecbFile: string, bisFile: string): Promise<Data> {
  const ecb = opened(await ecbStandIn(ecbText));
  const bis = opened(await bisStandIn(bisText));
  const folder = home();
  const options = { home: folder, env: { ECB_BASE_URL: ecb.url, BIS_BASE_URL: bis.url } };
  for (const feed of ['ecb', 'bis']) {
    const pulled = await runCli(`data pull ${feed} --json`, options);
    expect(pulled.code, pulled.stdout).toBe(0);
  }
  // As the vendor counts: never more than the five a second that we allow ourselves.
  expect(bis.busiest(1_000)).toBeLessThanOrEqual(5);
  const pulled = await runCli(['backtest', 'carry', '--data', 'ecb', '--rates', 'bis', ...CARRY], { home: folder });
  const direct = await runCli(['backtest', 'carry', '--data', ecbFile, '--rates', bisFile, ...CARRY]);
  expect(pulled.code, pulled.stdout.slice(0, 500)).toBe(0);
  expect(dataOf(pulled)['metrics']).toEqual(dataOf(direct)['metrics']);
  expect(dataOf(pulled)['attribution']).toEqual(dataOf(direct)['attribution']);
  return dataOf(pulled);
}

describe('the textbook carry trade on pulled data', () => {
  it.skipIf(absent.length > 0)('is the one on the files, number for number', { timeout: 120_000 }, async () => {
    const text = (path: string) => gunzipSync(readFileSync(path)).toString();
    const bank = text(ECB);
    const { metrics } = await sameAsFiles(bank, text(BIS), ECB, BIS);
    expect(JSON.stringify(metrics)).toContain('sharpe');
  });

  it('is the one on made-up files too', { timeout: 60_000 }, async () => {
    const folder = home();
    const [ecb, bis] = [join(folder, 'eurofxref-hist.csv'), join(folder, 'bis_cbpol.csv')];
    writeFileSync(ecb, madeUpPrices(3));
    writeFileSync(bis, madeUpRates(3));
    await sameAsFiles(madeUpPrices(3), madeUpRates(3), ecb, bis);
  });

  it.skipIf(absent.length > 0)('reads the rates of FRED as from its files', async () => {
    const name = 'IR3TIB01NOM156N';
    const file = join(FRED, `${name}.csv`);
    const fred = opened(await fredStandIn({ [name]: readFileSync(file, 'utf8') }));
    const folder = home();
    const options = { home: folder, env: { FRED_BASE_URL: fred.url }, clock: at('2026-06-01T12:00:00Z') };
    await runCli(`data pull fred --series ${name} --json`, options);
    const { openRates } = await import('../../src/feeds/rates/open-rates.js');
    const { closeOfDate } = await import('../../src/core/model/calendar/sessions.js');
    const [pulled, direct] = [
      await openRates([join(folder, 'data', 'fred.rates')], { closeOfDate }),
      await openRates([file], { closeOfDate }),
    ];
    expect(pulled.series).toEqual(direct.series);
  });
});
