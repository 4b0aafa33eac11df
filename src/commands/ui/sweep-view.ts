import type { SweepAnswer } from '../session/sweep-output.js';
import { percent, ratio } from './format.js';
import { drawTable } from './table.js';
import type { Terminal } from './terminal.js';

/** Rows of a sweep that fit a screen: the best by Sharpe ratio. */
const SHOWN = 25;

/** The best combinations of a sweep, and how many were tried. */
export function drawSweep(answer: SweepAnswer, terminal: Terminal): void {
  const names = Object.keys(answer.sweep[0]?.params ?? {});
  const varied = names.filter((name) => new Set(answer.sweep.map((row) => row.params[name])).size > 1);
  const best = [...answer.sweep]
    .sort((a, b) => (b.metrics.sharpe ?? -Infinity) - (a.metrics.sharpe ?? -Infinity))
    .slice(0, SHOWN);
  const made = answer.simulated ? ` ${terminal.style.yellow('SIMULATED PRICES')}` : '';
  const compared = best.some((row) => row.benchmark !== undefined);
  terminal.out(
    `${answer.strategy}${made}: ${answer.combinations} combinations, the best ${best.length} by Sharpe ratio`,
  );
  drawTable(
    terminal,
    [
      ...varied.map((name) => ({ name, align: 'right' as const })),
      { name: 'Sharpe', align: 'right' },
      { name: 'a year', align: 'right' },
      { name: 'volatility', align: 'right' },
      { name: 'max drawdown', align: 'right' },
      ...(compared ? (['beta', 'alpha a year', 'information ratio'] as const) : []).map((name) => ({
        name,
        align: 'right' as const,
      })),
    ],
    best.map(({ params, metrics, benchmark }) => [
      ...varied.map((name) => String(params[name])),
      ratio(metrics.sharpe),
      percent(metrics.annualReturn),
      percent(metrics.annualVolatility),
      percent(metrics.maxDrawdown),
      ...(compared
        ? [ratio(benchmark?.beta), percent(benchmark?.alphaAnnual), ratio(benchmark?.informationRatio)]
        : []),
    ]),
  );
  terminal.out(
    `The best of ${answer.combinations} is partly luck: every combination counts as a trial of the deflated Sharpe ratio.`,
  );
  for (const path of Object.values(answer.files)) terminal.out(`wrote ${path}`);
}
