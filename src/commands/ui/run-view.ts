import type { RunRecord } from '../../core/model/run-record.js';
import { METRIC_GROUPS, METRICS, type MetricInfo, reasonText } from '../../core/report/metric-rows.js';
import { chartLines, showsUnicode } from './chart.js';
import { ABSENT, count, day, decimal, money, percent, price, ratio, units } from './format.js';
import { type Column, drawPairs, drawTable } from './table.js';
import type { Terminal } from './terminal.js';

export interface RunViewOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A row more a metric that says how another tool counts it. */
  readonly comparison?: { readonly name: string; readonly values: Readonly<Record<string, number | null>> };
}

const CHART_COLUMNS = 100;

/** A run on one screen: charts, metrics with their conventions, positions, refusals, warnings, files. */
export function drawRun(record: RunRecord, terminal: Terminal, options: RunViewOptions): void {
  drawHeading(record, terminal);
  drawCharts(record, terminal, options);
  drawMetrics(record, terminal, options.comparison);
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
  const names = run.instruments.length > 4 ? `${run.instruments.length} instruments` : run.instruments.join(', ');
  terminal.out(`${day(period.from)} to ${day(period.to)}  ${names}  ${run.timeframe}  ${count(period.bars)} bars`);
  const params = Object.entries(run.params).map(([name, value]) => `${name}=${String(value)}`);
  terminal.out(terminal.style.dim(`run ${run.id}  seed ${run.seed}  costs ${run.costs}  fill ${run.fill}`));
  if (params.length > 0) terminal.out(terminal.style.dim(params.join(' ')));
}

/** Equity and drawdown as text pictures, no wider than the terminal or 100 columns. */
export function drawCharts(record: RunRecord, terminal: Terminal, options: Pick<RunViewOptions, 'env'>): void {
  const { curve, currency } = record;
  const unicode = showsUnicode(options.env);
  const columns = Math.min(CHART_COLUMNS, terminal.isTTY ? terminal.columns : CHART_COLUMNS);
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

function drawMetrics(record: RunRecord, terminal: Terminal, comparison: RunViewOptions['comparison']): void {
  const columns: Column[] = [
    { name: 'Metric', keep: true },
    { name: 'Value', align: 'right' },
    ...(comparison ? [{ name: comparison.name, align: 'right' as const }] : []),
    { name: 'Convention' },
  ];
  const blank = comparison ? [''] : [];
  const rows = METRIC_GROUPS.flatMap((group) => [
    [terminal.style.bold(group.toUpperCase()), '', ...blank, ''],
    ...METRICS.filter((info) => info.group === group).map((info) => {
      const other = comparison?.values[info.key];
      const shown = comparison ? [other === undefined ? '' : valueText(info, other, record.currency)] : [];
      const why = reasonText(info.key, record);
      return [
        `  ${info.label}`,
        valueText(info, record.metrics[info.key], record.currency),
        ...shown,
        why ?? info.convention,
      ];
    }),
  ]);
  terminal.out('');
  drawTable(terminal, columns, [...rows, ...costRows(record, terminal, blank)]);
}

function costRows(record: RunRecord, terminal: Terminal, blank: readonly string[]): string[][] {
  const { costs, currency, counts } = record;
  const row = (name: string, value: number, note: string): string[] => [
    `  ${name}`,
    money(value, currency),
    ...blank,
    note,
  ];
  return [
    [terminal.style.bold('COSTS'), '', ...blank, ''],
    row('Spread', costs.spread, 'paid, in the price'),
    row('Commission', costs.commission, 'paid'),
    row('Slippage', costs.slippage, 'paid, in the price'),
    row('Market impact', costs.impact, 'paid, in the price'),
    row('Financing', costs.financing, costs.financing < 0 ? 'negative is earned' : 'paid'),
    [terminal.style.bold('COUNTS'), '', ...blank, ''],
    [
      'Orders, fills',
      `${count(counts.orders)}, ${count(counts.fills)}`,
      ...blank,
      `${count(counts.refused)} orders refused`,
    ],
    ['Closed trades', count(counts.trades), ...blank, 'a row each time a position shrinks'],
  ];
}

/** A metric with its unit, as the terminal writes numbers. */
export function valueText(info: MetricInfo, value: number | null, currency: string): string {
  if (value === null) return ABSENT;
  switch (info.unit) {
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
      price(Number(each.averagePrice.toPrecision(8))),
      price(each.price),
      price(each.stopPrice),
      money(each.unrealizedPnl, record.currency).replace(` ${record.currency}`, ''),
      day(each.entryTime),
    ]),
  );
}

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
  for (const warning of record.warnings) terminal.out(`${terminal.style.yellow('!')} ${warning}`);
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
