import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { madeUpNews } from '../helpers/made-up-news.js';
import { runCli } from '../helpers/run-cli.js';

const G10 = 'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,NZD/USD';

/** Two years of the simulated market, seed 1. A changed file is a changed result: say why where it is renewed. */
it.each([
  ['carry', ['--instruments', G10, '--timeframe', '1d']],
  ['trend', []],
  ['mean-reversion', []],
  ['sentiment', ['--news', 'wires.news']],
  ['sma-cross', []],
])('%s gives what it gave', async (strategy, flags) => {
  const out = join(mkdtempSync(join(tmpdir(), 'fxtrade-golden-')), 'out');
  const span = ['--from', '2023-01-01', '--to', '2025-01-01', '--seed', '1', '--out', out, '--json'];
  writeFileSync(join(out, '../wires.news'), madeUpNews({ from: Date.UTC(2022, 11, 1), to: Date.UTC(2025, 0, 1) }));
  const { code, json } = await runCli(['backtest', strategy, ...span, ...flags], { cwd: join(out, '..') });
  expect(code).toBe(0);
  const { metrics, costs, counts, period, open, reasons } = json()['data'] as Record<string, unknown>;
  const orders = readFileSync(join(out, 'orders.csv'));
  const ordersSha256 = createHash('sha256').update(orders).digest('hex');
  const golden = { strategy, flags, period, counts, costs, metrics: rounded(metrics), reasons, open, ordersSha256 };
  await expect(`${JSON.stringify(golden, null, 2)}\n`).toMatchFileSnapshot(resolve(`test/golden/${strategy}.json`));
});

/** Twelve digits: what lies beyond may differ between two machines' logarithms. */
function rounded(metrics: unknown): Record<string, unknown> {
  const entries = Object.entries(metrics as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(12)) : value]),
  );
}
