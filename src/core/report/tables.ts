import { METRIC_GROUPS } from '../analytics/definitions.js';
import { ABSENT, day, daysBetween, decimal, minute, money, percent, plain } from '../base/figures.js';
import type { RunRecord } from '../model/run-record.js';
import { html, type Markup, nothing } from './markup.js';
import { METRICS, metricText, reasonText } from './metric-rows.js';
import { absent, section } from './sections.js';
import { heatMap, periodsPerYearOf, worstDrawdowns } from './series.js';

/** Newest trades on the page; `trades.csv` has all. */
const TRADES_SHOWN = 200;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Monthly returns, a row a year, the color as deep as the month was good or bad. */
export function heatMapSection(record: RunRecord): Markup {
  const years = heatMap(record.daily);
  const title = 'Monthly returns';
  const caption =
    'Percent a month, daily returns compounded; the last column is the year. Blue is gain, orange is loss; the deepest shade is the largest month.';
  if (years.length === 0) return section(title, caption, absent('no day of returns'));
  const most = Math.max(1e-9, ...years.flatMap((year) => year.months.map((r) => Math.abs(r ?? 0))));
  const rows = years.map((year) => {
    const cells = year.months.map((r) =>
      r === null ? html`<td></td>` : html`<td class="${shade(r, most)}">${decimal(r * 100, 1)}</td>`,
    );
    return html`<tr><th scope="row">${year.year}</th>${cells}<td class="total">${decimal(year.total * 100, 1)}</td></tr>`;
  });
  const head = MONTHS.map((month) => html`<th scope="col">${month}</th>`);
  return section(
    title,
    caption,
    html`<div class="scroll"><table class="heat"><thead><tr><th scope="col">Year</th>${head}<th scope="col">Total</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  );
}

/** The deepest drawdowns with their dates. */
export function drawdownsSection(record: RunRecord): Markup {
  const title = 'Worst drawdowns';
  const caption =
    'From daily returns, deepest first; days are calendar days from peak to recovery, or to the end of the record.';
  const episodes = worstDrawdowns(record.daily, record.period.from, 10);
  if (episodes.length === 0) return section(title, caption, absent('equity was never below its peak'));
  const rows = episodes.map(
    (each, i) =>
      html`<tr><td class="n">${i + 1}</td><td class="n">${percent(each.depth)}</td><td>${each.peak}</td><td>${each.trough}</td><td>${each.recovery ?? 'not yet'}</td><td class="n">${decimal(each.days, 0)}</td><td class="n">${decimal(daysBetween(each.peak, each.trough), 0)}</td></tr>`,
  );
  return section(
    title,
    caption,
    table(['No.', 'Depth', 'Peak', 'Trough', 'Recovery', 'Days', 'Days to trough'], rows, [0, 1, 5, 6]),
  );
}

/** Every metric with its formula and convention. */
export function metricsSection(record: RunRecord): Markup {
  const groups = METRIC_GROUPS.map((group) => {
    const rows = METRICS.filter((info) => info.group === group).map((info) => {
      const why = reasonText(info.key, record);
      const value =
        why === undefined
          ? html`<td class="n">${metricText(info, record)}</td>`
          : html`<td class="n" title="${why}"><abbr title="${why}">${ABSENT}</abbr></td>`;
      return html`<tr><th scope="row">${info.title}</th>${value}<td class="note">${info.formula}</td><td class="note">${why === undefined ? info.brief : `no value: ${why}`}</td></tr>`;
    });
    return html`<tbody><tr class="group"><th scope="rowgroup" colspan="4">${group}</th></tr>${rows}</tbody>`;
  });
  const days = decimal(record.daily.date.length, 0);
  const caption = `On ${days} daily returns (n), rf 0, P = ${periodsPerYearOf(record)} days a year. Losses, VaR and drawdowns are positive. “–” is a statistic that does not exist; the reason stands beside it.`;
  return section(
    'All metrics',
    caption,
    html`<div class="scroll"><table class="metrics"><thead><tr><th scope="col">Metric</th><th scope="col" class="n">Value</th><th scope="col">Formula</th><th scope="col">Convention</th></tr></thead>${groups}</table></div>${benchmarkTable(record)}`,
  );
}

function benchmarkTable(record: RunRecord): Markup {
  const { benchmark } = record;
  if (!benchmark) return nothing;
  const rows: [string, string, string][] = [
    [
      'Total return of the benchmark',
      percent(benchmark.totalReturn),
      `${benchmark.name}, over the days that both have`,
    ],
    ['Beta', decimal(benchmark.beta, 2), 'cov ÷ var of daily returns, rf 0'],
    ['Alpha, a year', percent(benchmark.alphaAnnual), 'arithmetic, mean × P'],
    ['R²', decimal(benchmark.r2, 2), 'squared correlation'],
    ['Tracking error', percent(benchmark.trackingError), 'sd(r − b, n − 1) × √P'],
    ['Information ratio', decimal(benchmark.informationRatio, 2), 'mean(r − b) ÷ sd(r − b) × √P'],
    ['Days without a partner', decimal(benchmark.dropped, 0), 'left out of the comparison'],
  ];
  return html`<h3>Against ${benchmark.name}</h3>${table(
    ['Metric', 'Value', 'Convention'],
    rows.map(
      ([name, value, note]) =>
        html`<tr><th scope="row">${name}</th><td class="n">${value}</td><td class="note">${note}</td></tr>`,
    ),
    [1],
  )}`;
}

/** What is still held. */
export function openSection(record: RunRecord): Markup {
  const title = 'Open positions';
  const caption = `At the end of the period; unrealized profit in ${record.currency}.`;
  if (record.open.length === 0) return section(title, caption, absent('none'));
  const rows = record.open.map(
    (each) =>
      html`<tr><th scope="row">${each.instrument}</th><td>${each.units < 0 ? 'short' : 'long'}</td><td class="n">${plain(Math.abs(each.units))}</td><td class="n">${plain(each.averagePrice)}</td><td class="n">${plain(each.price)}</td><td class="n">${plain(each.stopPrice)}</td><td class="n">${decimal(each.unrealizedPnl, 2)}</td><td>${day(each.entryTime)}</td></tr>`,
  );
  return section(
    title,
    caption,
    table(
      ['Instrument', 'Side', 'Units', 'Average price', 'Price', 'Stop', 'Unrealized', 'Since'],
      rows,
      [2, 3, 4, 5, 6],
    ),
  );
}

/** The newest closed trades. */
export function tradesSection(record: RunRecord): Markup {
  const title = 'Trades';
  const shown = [...record.trades]
    .sort((a, b) => (a.exitTime < b.exitTime ? 1 : a.exitTime > b.exitTime ? -1 : 0))
    .slice(0, TRADES_SHOWN);
  const caption = `The newest ${decimal(shown.length, 0)} of ${decimal(record.counts.trades, 0)} closed trades, newest first; times in UTC, amounts in ${record.currency}. Net is gross less commission and financing; financing earned is negative.`;
  if (shown.length === 0) return section(title, caption, absent('no trade was closed'));
  const rows = shown.map(
    (each) =>
      html`<tr><th scope="row">${each.instrument}</th><td>${each.side}</td><td class="n">${plain(each.units)}</td><td>${minute(each.entryTime)}</td><td class="n">${plain(each.entryPrice)}</td><td>${minute(each.exitTime)}</td><td class="n">${plain(each.exitPrice)}</td><td class="n">${decimal(each.grossPnl, 2)}</td><td class="n">${decimal(each.commission, 2)}</td><td class="n">${decimal(each.financing, 2)}</td><td class="n ${each.netPnl < 0 ? 'loss' : 'gain'}">${decimal(each.netPnl, 2)}</td><td class="note">${each.exitReason}</td></tr>`,
  );
  return section(
    title,
    caption,
    table(
      [
        'Instrument',
        'Side',
        'Units',
        'Entry',
        'Price',
        'Exit',
        'Price',
        'Gross',
        'Commission',
        'Financing',
        'Net',
        'Why it ended',
      ],
      rows,
      [2, 4, 6, 7, 8, 9, 10],
      'trades',
    ),
  );
}

/** Orders that a limit refused, most often first. */
export function refusalsSection(record: RunRecord): Markup {
  const refused = Object.entries(record.refusals).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const caption = `${decimal(record.counts.refused, 0)} of ${decimal(record.counts.orders, 0)} orders were refused. One order can break several limits.`;
  if (refused.length === 0) return section('Refusals by limit', caption, absent('no limit was broken'), false);
  const rows = refused.map(
    ([limit, count]) => html`<tr><th scope="row">${limit}</th><td class="n">${decimal(count, 0)}</td></tr>`,
  );
  return section('Refusals by limit', caption, table(['Limit', 'Times'], rows, [1]), false);
}

/** What would make the same run again. */
export function parametersSection(record: RunRecord): Markup {
  const { run, period } = record;
  const facts: [string, string][] = [
    ['Strategy', run.strategy],
    ...Object.entries(run.params).map(([name, value]): [string, string] => [`Parameter ${name}`, String(value)]),
    ['Instruments', run.instruments.join(', ')],
    ['Timeframe', run.timeframe],
    ['Fill', run.fill === 'close' ? 'at the close that was decided on' : 'at the next open'],
    ['Costs', run.costs],
    ['Capital', money(run.capital, record.currency)],
    ['Seed', String(run.seed)],
    ['Bars', decimal(period.bars, 0)],
    ['Run', run.id],
    ['Started', `${minute(run.startedAt)} UTC`],
    ['Data hash', run.dataHash],
    ['Configuration hash', run.configHash],
    ['Program', `fxtrade ${run.codeVersion}`],
  ];
  const rows = facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td class="fact">${value}</td></tr>`);
  return section(
    'Parameters and provenance',
    'Same data, configuration, program and seed give the same numbers.',
    table(['What', 'Value'], rows, []),
    false,
  );
}

/** What the run wants a reader to know first. */
export function warningsBox(record: RunRecord): Markup {
  if (record.warnings.length === 0) return nothing;
  const items = record.warnings.map((warning) => html`<li>${warning}</li>`);
  return html`<aside class="warnings"><h2>Read this first</h2><ul>${items}</ul></aside>`;
}

function table(heads: readonly string[], rows: readonly Markup[], numeric: readonly number[], kind = ''): Markup {
  const head = heads.map((name, i) =>
    numeric.includes(i) ? html`<th scope="col" class="n">${name}</th>` : html`<th scope="col">${name}</th>`,
  );
  return html`<div class="scroll"><table class="${kind}"><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Five steps each way; a month that rounds to nothing has no color. */
function shade(r: number, most: number): string {
  const step = Math.min(5, Math.ceil((Math.abs(r) / most) * 5));
  if (Math.abs(r) < 0.0005) return 'h0';
  return r > 0 ? `h${step}` : `l${step}`;
}
