import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { madeUpPrices, madeUpRates } from '../helpers/made-up-fx.js';
import { madeUpNews } from '../helpers/made-up-news.js';
import { runCli } from '../helpers/run-cli.js';

const CUT = '2003-05-14';
const CUT_TIME = `${CUT}T23:59:59.999Z`;
const folder = mkdtempSync(join(tmpdir(), 'fxtrade-past-'));
const [one, other, rates] = ['one', 'other', 'rates'].map((name) => join(folder, `${name}.csv`)) as [
  string,
  string,
  string,
];
const news = (name: string): string => join(folder, `${name}.news`);

beforeAll(() => {
  writeFileSync(one, madeUpPrices(1));
  writeFileSync(other, madeUpPrices(1, CUT));
  writeFileSync(rates, madeUpRates(1));
  const span = { from: Date.UTC(1999, 0, 1), to: Date.UTC(2010, 0, 1), everyHours: 24 };
  const otherAfter = Date.parse(CUT_TIME);
  writeFileSync(news('one'), madeUpNews(span));
  writeFileSync(news('other'), madeUpNews({ ...span, otherAfter }));
  writeFileSync(news('cut'), madeUpNews({ ...span, to: otherAfter }));
});

interface Rows {
  readonly equity: readonly string[];
  readonly trades: readonly string[];
  readonly orders: readonly string[];
}

/** Rows of the past: equity to the cut, trades closed by then, orders as they were decided (what becomes of them, such as a trailing stop’s price, lies ahead). */
async function past(strategy: string, flags: readonly string[], data: string): Promise<Rows> {
  const out = mkdtempSync(join(folder, 'out-'));
  const pairs = ['--instruments', 'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,USD/NOK,NZD/USD,USD/SEK'];
  const files = ['--data', data, '--rates', rates, '--out', out, '--json'];
  const { code, stdout } = await runCli(['backtest', strategy, ...files, ...pairs, ...flags]);
  expect(code, stdout.slice(0, 400)).toBe(0);
  const rows = (name: string, column: string) => {
    const [head = '', ...lines] = readFileSync(join(out, name), 'utf8').trim().split('\n');
    const place = head.split(',').indexOf(column);
    return lines.filter((line) => (line.split(',')[place] ?? '') <= CUT_TIME);
  };
  const decided = (line: string) => line.split(',').slice(0, 8).join(',');
  return {
    equity: rows('equity.csv', 'time'),
    trades: rows('trades.csv', 'exitTime'),
    orders: rows('orders.csv', 'time').map(decided),
  };
}

describe('another future', () => {
  it.each([
    ['carry', []],
    ['carry', ['--param', 'weighting=min-variance', '--param', 'volTargetBps=800', '--param', 'regimeFilter=true']],
    ['carry', ['--param', 'weighting=risk-parity', '--param', 'rebalance=weekly', '--set', 'risk.preset=none']],
    ['trend', []],
    ['trend', ['--param', 'volTargetBps=800', '--param', 'trail=true', '--set', 'risk.preset=none']],
    ['mean-reversion', []],
    ['mean-reversion', ['--fill', 'close', '--costs', 'none', '--set', 'risk.preset=none']],
    ['sma-cross', []],
    ['sma-cross', ['--set', 'sizing.method=atr', '--fill', 'close']],
  ])('changes no byte of the past: %s %j', async (strategy, flags) => {
    const [before, after] = [await past(strategy, flags, one), await past(strategy, flags, other)];
    expect(before.equity.length).toBeGreaterThan(500);
    expect(before.orders.length).toBeGreaterThan(0);
    expect(after).toEqual(before);
  });

  it.each([
    ['sentiment', []],
    [
      'sentiment',
      ['--param', 'halfLife=200', '--param', 'stopBps=300', '--set', 'risk.preset=none', '--fill', 'close'],
    ],
    ['trend', ['--set', 'news.filter=0.1']],
  ])('nor do other headlines later, or none: %s %j', async (strategy, flags) => {
    const of = (prices: string, wires: string) => past(strategy, [...flags, '--news', news(wires)], prices);
    const before = await of(one, 'one');
    expect(before.equity.length).toBeGreaterThan(500);
    expect(before.orders.length).toBeGreaterThan(20);
    expect(await of(other, 'other')).toEqual(before);
    expect(await of(one, 'cut')).toEqual(before);
  });
});
