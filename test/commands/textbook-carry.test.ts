import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { madeUpPrices, madeUpRates } from '../helpers/made-up-fx.js';
import { runCli } from '../helpers/run-cli.js';
import {
  type MonthlyReturns,
  monthlyFigures,
  monthlyReturnsOf,
  readTextbookFiles,
  textbookCarry,
} from '../helpers/textbook-carry.js';

const SHARED = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/market');
const ECB = join(SHARED, 'fx/ecb_eurofxref_hist_to_2018.csv.gz');
const BIS = join(SHARED, 'rates/bis_cbpol_monthly_to_2018.csv.gz');
const missing = [ECB, BIS].filter((path) => !existsSync(path));
if (missing.length > 0) console.log(`the textbook carry trade is not compared: ${missing.join(', ')} is not there`);

const ALL = 'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,USD/NOK,NZD/USD,USD/SEK';
const currenciesOf = (instruments: string) => instruments.split(',').map((id) => id.replace(/USD|\//g, ''));
const text = (path: string) =>
  path.endsWith('.gz') ? gunzipSync(readFileSync(path)).toString() : readFileSync(path, 'utf8');

interface Played {
  readonly returns: MonthlyReturns;
  readonly attribution: readonly { month: string; carry: number; spot: number; equity: number }[];
}

async function textbook(ecb: string, bis: string, instruments: string, legs: number, more: string[]): Promise<Played> {
  const out = mkdtempSync(join(tmpdir(), 'fxtrade-carry-'));
  const flags = ['--data', ecb, '--rates', bis, '--instruments', instruments, '--param', `legs=${legs}`];
  const rule = ['--param', 'weighting=equal', '--param', 'rebalance=month-end', '--fill', 'close', '--costs', 'none'];
  const rest = ['--set', 'risk.preset=none', '--json', '--out', out, ...more];
  const result = await runCli(['backtest', 'carry', ...flags, ...rule, ...rest]);
  expect(result.code, result.stdout.slice(0, 500)).toBe(0);
  const { attribution } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'));
  return { returns: monthlyReturnsOf(readFileSync(join(out, 'equity.csv'), 'utf8')), attribution };
}

/**
 * Yearly figures within a tenth of a point, where the rates are of the usual size. A drawdown adds up the months on the way
 * down: the engine counts interest by actual days and each currency's own year, the rule by twelfths, so it may be a quarter
 * of a point apart, as may a single month of a book with all its equity in one leg.
 */
function expectSame(found: MonthlyReturns, wanted: MonthlyReturns, points = 0.1): void {
  const common = new Map([...found].filter(([month]) => wanted.has(month)));
  expect([...common.keys()]).toEqual([...wanted.keys()]);
  const [mine, theirs] = [monthlyFigures(common), monthlyFigures(wanted)];
  for (const key of ['mean', 'volatility'] as const) {
    expect(Math.abs(mine[key] - theirs[key]), `${key}: ${mine[key]} and ${theirs[key]}`).toBeLessThan(points);
  }
  expect(Math.abs(mine.maxDrawdown - theirs.maxDrawdown)).toBeLessThan(0.25);
  expect(Math.abs(mine.worst[1] - theirs.worst[1])).toBeLessThan(0.1);
  for (const [month, value] of wanted) {
    expect(Math.abs((common.get(month) ?? Number.NaN) - value), month).toBeLessThan(0.0025);
  }
}

describe.skipIf(missing.length > 0)('the textbook carry trade', () => {
  it('gives the published figures from 1999-02 to 2018-12', async () => {
    const { returns, attribution } = await textbook(ECB, BIS, ALL, 3, []);
    const figures = monthlyFigures(new Map([...returns].filter(([month]) => month >= '1999-02' && month <= '2018-12')));
    expect(figures.months).toBe(239);
    expect(Math.abs(figures.mean - 3.6)).toBeLessThan(0.1);
    expect(Math.abs(figures.volatility - 7.86)).toBeLessThan(0.1);
    expect(Math.abs(figures.sharpe - 0.459)).toBeLessThan(0.01);
    expect(Math.abs(figures.maxDrawdown - 30.2)).toBeLessThan(0.1);
    expect(figures.worst[0]).toBe('2008-10');
    expect(Math.abs(figures.worst[1] + 10.5)).toBeLessThan(0.1);
    const months = attribution.filter(({ month }) => month >= '1999-02');
    const yearly = (key: 'carry' | 'spot') =>
      (1200 * months.reduce((sum, row) => sum + row[key] / row.equity, 0)) / months.length;
    expect(Math.abs(yearly('carry') - 3.28)).toBeLessThan(0.1);
    expect(Math.abs(yearly('spot') - 0.32)).toBeLessThan(0.1);
  });

  const files = missing.length > 0 ? undefined : readTextbookFiles(text(ECB), text(BIS));
  it.each([
    [ALL, 1, '', ''],
    [ALL, 2, '', ''],
    [ALL, 4, '', ''],
    [ALL, 3, '2003-01-01', ''],
    [ALL, 3, '2007-07-16', '2010-01-01'],
    [ALL, 2, '2012-01-01', '2016-07-01'],
    ['AUD/USD,USD/JPY,EUR/USD,USD/CHF', 1, '', ''],
    ['AUD/USD,USD/JPY,EUR/USD,USD/CHF', 2, '2000-06-01', '2015-01-01'],
    ['NZD/USD,USD/NOK,USD/SEK,GBP/USD,USD/CAD,USD/JPY', 3, '', ''],
    ['USD/CAD,GBP/USD,USD/SEK', 1, '2009-01-01', ''],
  ])('agrees with the rule, month by month: %s, legs %i, from %s to %s', async (instruments, legs, from, to) => {
    const span = [...(from === '' ? [] : ['--from', from]), ...(to === '' ? [] : ['--to', to])];
    const { returns } = await textbook(ECB, BIS, instruments, legs, span);
    const wanted = textbookCarry({
      prices: files?.prices ?? new Map(),
      rates: files?.rates ?? {},
      numeraire: 'USD',
      currencies: currenciesOf(instruments),
      legs,
      ...(from === '' ? {} : { from }),
      ...(to === '' ? {} : { to }),
    });
    expectSame(returns, wanted);
  });
});

describe('the textbook carry trade on made-up files', () => {
  it.each([1, 2, 3, 4, 5, 6])('agrees with the rule, seed %i', async (seed) => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-carry-'));
    const [ecb, bis] = [join(folder, 'eurofxref-hist.csv'), join(folder, 'bis_cbpol.csv')];
    writeFileSync(ecb, madeUpPrices(seed));
    writeFileSync(bis, madeUpRates(seed));
    const legs = 1 + (seed % 4);
    const { returns } = await textbook(ecb, bis, ALL, legs, []);
    const files = readTextbookFiles(text(ecb), text(bis));
    expectSame(returns, textbookCarry({ ...files, numeraire: 'USD', currencies: currenciesOf(ALL), legs }), 0.2);
  });
});
