import { METRIC_GROUPS } from '../../core/analytics/definitions.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { METRICS, type MetricInfo, reasonText } from '../../core/report/metric-rows.js';
import { chartLines, showsUnicode } from './chart.js';
import { ABSENT, count, day, decimal, money, percent, price, ratio, units } from './format.js';
import { type Column, drawPairs, drawTable } from './table.js';
import type { Terminal } from './terminal.js';

export interface Comparison {
  readonly name: string;
  readonly rows: readonly ComparisonRow[];
}

export interface ComparisonRow {
  readonly metric: string;
  readonly value: number | null;
  /** Our own number of that name; null where we have none. */
  readonly ours: number | null;
  readonly definition: string;
}

export interface RunViewOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The numbers that another tool prints for the same returns, for comparison only. */
  readonly comparison?: Comparison;
}

const MOST_COLUMNS = 100;

const widthOf = (terminal: Terminal): number =>
  terminal.isTTY ? Math.min(MOST_COLUMNS, terminal.columns) : MOST_COLUMNS;

/** Words in lines of at most `width` characters; a longer word has a line of its own. */
function wrapped(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A run on one screen: charts, metrics with their conventions, positions, refusals, warnings, files. */
export function drawRun(record: RunRecord, terminal: Terminal, options: RunViewOptions): void {
  drawHeading(record, terminal);
  drawCharts(record, terminal, options);
  drawMetrics(record, terminal);
  drawBenchmark(record, terminal);
  drawComparison(options.comparison, terminal);
  drawOpen(record, terminal);
  drawRefusals(record, terminal);
  drawWarnings(record, terminal);
  drawFiles(record, terminal);
}

const MODES = { backtest: 'backtest', paper: 'PAPER', live: 'LIVE' } as const;

function drawHeading(record: RunRecord, terminal: Terminal): void {
  const { run, period } = record;
  const made = record.simulated ? ` ${terminal.style.yellow('SIMULATED PRICES')}` : '';
  terminal.out(`${terminal.style.bold(run.strategy)}  ${MODES[record.mode]}${made}`);
  const bars = period.bars > 0 ? `  ${count(period.bars)} bars` : '';
  const names = run.instruments.length > 4 ? `${run.instruments.length} instruments` : run.instruments.join(', ');
  // The first cycle of a book has seen no bar end yet.
  const span = period.bars > 0 ? `${day(period.from)} to ${day(period.to)}` : 'no bar yet';
  terminal.out(`${span}  ${names}  ${run.timeframe}${bars}`);
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${String(value)}`);
  terminal.out(terminal.style.dim(`run ${run.id}  seed ${run.seed}  costs ${run.costs}  fill ${run.fill}`));
  for (const line of wrapped(params, widthOf(terminal))) terminal.out(terminal.style.dim(line));
}

/** Equity and drawdown as text pictures, no wider than the terminal or 100 columns. */
export function drawCharts(record: RunRecord, terminal: Terminal, options: Pick<RunViewOptions, 'env'>): void {
  const { curve, currency } = record;
  const unicode = showsUnicode(options.env);
  const columns = widthOf(terminal);
  const common = { time: curve.time, columns, unicode };
  const end = money(curve.equity.at(-1), currency);
  const charts = [
    chartLines({
      ...common,
      title: `Equity, ${currency}, ends at ${end}`,
      values: curve.equity,
      rows: 8,
      label: (value) => decimal(value, 0),
    }),
    chartLines({
      ...common,
      title: 'Drawdown, percent of the peak',
      values: curve.drawdown.map((value) => -value),
      rows: 4,
      filled: true,
      label: (value) => percent(value, 1),
    }),
  ];
  for (const lines of charts) {
    if (lines.length === 0) continue;
    terminal.out('');
    for (const line of lines) terminal.out(line);
  }
}

function drawMetrics(record: RunRecord, terminal: Terminal): void {
  const columns: Column[] = [{ name: 'Metric', keep: true }, { name: 'Value', align: 'right' }, { name: 'Convention' }];
  const rows = METRIC_GROUPS.flatMap((group) => [
    [terminal.style.bold(group.toUpperCase()), '', ''],
    ...METRICS.filter((info) => info.group === group).map((info) => [
      info.title,
      valueText(info, record.metrics[info.key], record.currency),
      reasonText(info.key, record) ?? info.brief,
    ]),
  ]);
  terminal.out('');
  drawTable(terminal, columns, [...rows, ...costRows(record, terminal)]);
}

function costRows(record: RunRecord, terminal: Terminal): string[][] {
  const { costs, currency, counts } = record;
  const row = (name: string, value: number, note: string): string[] => [name, money(value, currency), note];
  return [
    [terminal.style.bold('COSTS'), '', ''],
    row('Spread', costs.spread, 'paid, in the price'),
    row('Commission', costs.commission, 'paid'),
    row('Slippage', costs.slippage, 'paid, in the price'),
    row('Market impact', costs.impact, 'paid, in the price'),
    row('Financing', costs.financing, costs.financing < 0 ? 'negative is earned' : 'paid'),
    [terminal.style.bold('COUNTS'), '', ''],
    ['Orders, fills', `${count(counts.orders)}, ${count(counts.fills)}`, `${count(counts.refused)} orders refused`],
    ['Closed trades', count(counts.trades), 'a row each time a position shrinks'],
  ];
}

function drawBenchmark(record: RunRecord, terminal: Terminal): void {
  const { benchmark } = record;
  if (!benchmark) return;
  heading(terminal, `Against ${benchmark.name}`);
  drawTable(
    terminal,
    [{ name: 'Metric', keep: true }, { name: 'Value', align: 'right' }, { name: 'Convention' }],
    [
      [
        'Total return of the benchmark',
        percent(benchmark.totalReturn),
        `${count(benchmark.date.length)} days in common, ${count(benchmark.dropped)} of ours without`,
      ],
      ['Beta', ratio(benchmark.beta), 'cov ÷ var of daily returns, rf 0'],
      ['Alpha', percent(benchmark.alphaAnnual), 'arithmetic, a year'],
      ['R²', ratio(benchmark.r2), 'squared correlation'],
      ['Tracking error', percent(benchmark.trackingError), 'sd of the difference (n − 1) × √P'],
      ['Information ratio', ratio(benchmark.informationRatio), 'arithmetic, annualized'],
    ],
  );
}

function drawComparison(comparison: Comparison | undefined, terminal: Terminal): void {
  if (!comparison) return;
  heading(terminal, `As ${comparison.name} prints it, for comparison only (rf 0)`);
  drawTable(
    terminal,
    [
      { name: 'Metric', keep: true },
      { name: comparison.name, align: 'right' },
      { name: 'ours', align: 'right' },
      { name: 'Its definition' },
    ],
    comparison.rows.map((row) => [row.metric, decimal(row.value, 6), decimal(row.ours, 6), row.definition]),
  );
}

/** A metric with its unit, as the terminal writes numbers. */
export function valueText(info: MetricInfo, value: number | null, currency: string): string {
  if (value === null) return ABSENT;
  switch (info.shownAs) {
    case 'percent':
      return percent(value);
    case 'money':
      return money(value, currency);
    case 'days':
      return `${count(value)} days`;
    case 'times':
      return `${ratio(value)} x/year`;
    case 'count':
      return count(value);
    case 'ratio':
      return ratio(value);
  }
}

function drawOpen(record: RunRecord, terminal: Terminal): void {
  if (record.open.length === 0) return;
  heading(terminal, `Open positions (${record.open.length})`);
  drawTable(
    terminal,
    [
      { name: 'Instrument', keep: true },
      { name: 'Side' },
      { name: 'Units', align: 'right' },
      { name: 'Average', align: 'right' },
      { name: 'Price', align: 'right' },
      { name: 'Stop', align: 'right' },
      { name: `Unrealized ${record.currency}`, align: 'right' },
      { name: 'Since' },
    ],
    record.open.map((each) => [
      each.instrument,
      each.units < 0 ? 'short' : 'long',
      units(Math.abs(each.units)),
      shortPrice(each.averagePrice),
      shortPrice(each.price),
      shortPrice(each.stopPrice),
      money(each.unrealizedPnl, record.currency).replace(` ${record.currency}`, ''),
      day(each.entryTime),
    ]),
  );
}

/** A mid of two prices and a mean of fills leave dust behind the tenth digit. */
const shortPrice = (value: number | null): string => price(value === null ? null : Number(value.toPrecision(10)));

function drawRefusals(record: RunRecord, terminal: Terminal): void {
  const refused = Object.entries(record.refusals).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  if (refused.length === 0) return;
  heading(terminal, 'Refused by limit');
  drawPairs(
    terminal,
    refused.map(([limit, times]) => [limit, count(times)]),
  );
}

function drawWarnings(record: RunRecord, terminal: Terminal): void {
  if (record.warnings.length === 0) return;
  heading(terminal, 'Warnings');
  for (const warning of record.warnings) {
    const [first = '', ...rest] = wrapped(warning.split(' '), widthOf(terminal) - 2);
    terminal.out(`${terminal.style.yellow('!')} ${first}`);
    for (const line of rest) terminal.out(`  ${line}`);
  }
}

function drawFiles(record: RunRecord, terminal: Terminal): void {
  const files = Object.entries(record.files);
  if (files.length === 0) return;
  heading(terminal, 'Files');
  drawPairs(terminal, files);
}

function heading(terminal: Terminal, text: string): void {
  terminal.out('');
  terminal.out(terminal.style.bold(text));
}
