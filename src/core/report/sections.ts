import { day, decimal, minorDigits, money, percent } from '../base/figures.js';
import type { RunRecord } from '../model/run-record.js';
import { histogramChart, lineChart, multiplesChart, type Series, splitChart, stackChart } from './charts.js';
import { html, type Markup, nothing } from './markup.js';
import {
  attributionByYear,
  attributionSums,
  histogram,
  largestExposures,
  periodsPerYearOf,
  rolling,
  rollingWindow,
  wealthOf,
} from './series.js';

/** A titled part of the page with a caption that says unit and convention. */
export function section(title: string, caption: string, body: Markup, wide = true): Markup {
  return html`<section${wide ? html` class="wide"` : nothing}><h2>${title}</h2><p class="caption">${caption}</p>${body}</section>`;
}

/** What stands in the place of a picture that the data cannot give. */
export function absent(why: string): Markup {
  return html`<p class="absent">– ${why}</p>`;
}

/** Equity over all bar times, beside the benchmark started with the same capital. */
export function equitySection(record: RunRecord): Markup {
  const { curve, currency, benchmark, run } = record;
  if (curve.time.length < 2)
    return section('Equity', `Account value in ${currency}.`, absent('fewer than two points of equity'));
  const series: Series[] = [{ name: nameOf(record), tone: 0, time: curve.time.map(Date.parse), values: curve.equity }];
  let versus = 'The thin line is the starting capital.';
  if (benchmark && benchmark.date.length > 1) {
    const values = wealthOf(benchmark.return).map((wealth) => wealth * run.capital);
    series.push({
      name: benchmark.name,
      tone: 1,
      time: benchmark.date.map((date) => Date.parse(date)),
      values,
      dashed: true,
    });
    versus = `${benchmark.name} starts with the same capital (the thin line) and uses the ${decimal(benchmark.date.length, 0)} days that both have.`;
  }
  const picture = lineChart({
    label: `Equity from ${money(run.capital, currency)} to ${money(curve.equity.at(-1), currency)}`,
    series,
    height: 330,
    axis: decimal,
    value: (value) => money(value, currency, 0),
    baseline: run.capital,
  });
  return section('Equity', `Account value in ${currency}, after costs and financing, linear scale. ${versus}`, picture);
}

/** How far equity is below its highest so far. */
export function underwaterSection(record: RunRecord): Markup {
  const { time, drawdown } = record.curve;
  const caption =
    'Distance of equity from its highest value so far, in percent of that peak. The start counts as a peak.';
  if (time.length < 2) return section('Drawdown', caption, absent('fewer than two points of equity'));
  const picture = lineChart({
    label: `Drawdown, at worst ${percent(record.metrics.maxDrawdown)}`,
    series: [
      { name: 'Drawdown', tone: 2, time: time.map(Date.parse), values: drawdown.map((value) => -value), area: true },
    ],
    height: 190,
    axis: percentAxis,
    value: (value) => percent(value),
    include: [0, -0.01],
  });
  return section('Drawdown', caption, picture);
}

/** Sharpe and volatility of a moving window, two pictures under one title. */
export function rollingSection(record: RunRecord): Markup {
  const window = rollingWindow(record.daily.date.length);
  if (window === undefined) {
    return section('Rolling Sharpe and volatility', 'Moving windows of daily returns.', absent('fewer than 63 days'));
  }
  const periods = periodsPerYearOf(record);
  const rows = rolling(record.daily, window, periods);
  const time = rows.date.map((date) => Date.parse(date));
  const caption = `The last ${window} days at each day; daily returns, rf 0, n − 1, annualized with ${periods} days a year.`;
  const sharpe = lineChart({
    label: `Rolling Sharpe ratio, ${window} days`,
    series: [{ name: 'Sharpe ratio', tone: 0, time, values: rows.sharpe }],
    height: 180,
    axis: decimal,
    value: (value) => decimal(value, 2),
    baseline: 0,
    include: [0],
  });
  const volatility = lineChart({
    label: `Rolling volatility, ${window} days`,
    series: [{ name: 'Volatility', tone: 3, time, values: rows.volatility }],
    height: 180,
    axis: percentAxis,
    value: (value) => percent(value),
    include: [0],
  });
  return section(
    'Rolling Sharpe and volatility',
    caption,
    html`<h3>Sharpe ratio, a year</h3>${sharpe}<h3>Volatility, percent a year</h3>${volatility}`,
  );
}

/** How often which daily return came, against a normal distribution. */
export function distributionSection(record: RunRecord): Markup {
  const title = 'Distribution of daily returns';
  const shape = histogram(record.daily.return);
  if (!shape) return section(title, 'Days by return.', absent('fewer than 20 days, or returns that do not vary'));
  const digits = shape.step * 100 >= 0.1 ? 1 : 2;
  const { var95Day, es95Day, skew, kurtosis } = record.metrics;
  const marks = [...(var95Day === null ? [] : [{ at: -var95Day, label: `VaR 95 % ${percent(var95Day)}` }])];
  const picture = histogramChart({
    label: `Daily returns: mean ${percent(shape.mean, 3)}, standard deviation ${percent(shape.sd)}`,
    height: 250,
    start: shape.start,
    step: shape.step,
    counts: shape.counts,
    curve: shape.normal,
    axis: percentAxis,
    edge: (value) => percent(value, digits),
    marks,
  });
  const caption = `Number of days by return, steps of ${percent(shape.step, 3).replace(/0+ %$/, ' %')}. The line is a normal distribution of the same mean (${percent(shape.mean, 3)}) and standard deviation (${percent(shape.sd)}). Skewness ${decimal(skew, 2)}, kurtosis ${decimal(kurtosis, 2)} (normal 3); expected shortfall 95 % ${percent(es95Day)} a day.`;
  return section(title, caption, picture);
}

/** Where the money came from: interest, price moves, costs. */
export function carrySection(record: RunRecord): Markup {
  const { attribution, currency } = record;
  const title = 'Carry, spot and costs';
  const caption = `Profit and loss in ${currency}: carry is financing earned less paid, spot is price moves, costs are spread, commission, slippage and impact.`;
  if (attribution.length < 1) return section(title, caption, absent('no month of attribution'));
  const sums = attributionSums(attribution);
  const lines = lineChart({
    label: `Cumulative carry ${money(sums.carry.at(-1), currency, 0)}, spot ${money(sums.spot.at(-1), currency, 0)}, costs ${money(sums.costs.at(-1), currency, 0)}`,
    series: [
      { name: 'Carry', tone: 0, time: sums.time, values: sums.carry },
      { name: 'Spot', tone: 1, time: sums.time, values: sums.spot, dashed: true },
      { name: 'Costs', tone: 2, time: sums.time, values: sums.costs.map((value) => -value) },
    ],
    height: 250,
    axis: decimal,
    value: (value) => money(value, currency, 0),
    baseline: 0,
    include: [0],
  });
  const columns = attributionByYear(attribution).map((year) => ({
    label: year.year,
    parts: [
      { name: 'Carry', tone: 0 as const, value: year.carry / year.equity },
      { name: 'Spot', tone: 1 as const, value: year.spot / year.equity },
      { name: 'Costs', tone: 2 as const, value: -year.costs / year.equity },
    ],
    total: (year.carry + year.spot - year.costs) / year.equity,
  }));
  const bars = stackChart({
    label: 'Carry, spot and costs by year',
    height: 250,
    columns,
    axis: percentAxis,
    value: (value) => percent(value),
  });
  return section(
    title,
    caption,
    html`${attribution.length > 1 ? html`<h3>Cumulative, ${currency}</h3>${lines}` : nothing}<h3>By year, percent of equity at the year’s start; the mark is the sum</h3>${bars}`,
  );
}

/** What trading cost, by kind. */
export function costsSection(record: RunRecord): Markup {
  const { costs, currency, run } = record;
  const rows = [
    { name: 'Spread', value: costs.spread },
    { name: 'Commission', value: costs.commission },
    { name: 'Slippage', value: costs.slippage },
    { name: 'Market impact', value: costs.impact },
    { name: costs.financing < 0 ? 'Financing earned' : 'Financing paid', value: costs.financing },
  ];
  const paid = costs.spread + costs.commission + costs.slippage + costs.impact;
  const picture = splitChart({
    label: `Costs paid ${money(paid, currency)}, financing ${money(costs.financing, currency)}`,
    rows: rows.map((row) => ({ ...row, text: money(Math.abs(row.value), currency) })),
  });
  const caption = `Totals over the period in ${currency}; paid to the right, earned to the left. Trading costs together ${money(paid, currency)}, ${percent(paid / run.capital, 1)} of the starting capital. Cost model: ${run.costs}.`;
  return section('Costs', caption, picture);
}

/** Which currencies the book was long and short of. */
export function exposureSection(record: RunRecord): Markup {
  const { rows, leftOut } = largestExposures(record.exposure, 12);
  const title = 'Exposure by currency';
  const rest = leftOut > 0 ? ` ${leftOut} smaller ones are left out.` : '';
  const caption = `Net exposure in percent of equity, long above and short below the line, all on one scale; the figure on the right is the last.${rest}`;
  if (rows.length === 0 || record.exposure.time.length < 2)
    return section(title, caption, absent('no position was held'));
  const picture = multiplesChart({
    label: `Exposure by currency: ${rows.map((row) => `${row.name} ${percent(row.values.at(-1), 0)}`).join(', ')}`,
    time: record.exposure.time.map(Date.parse),
    rows: rows.map((row) => ({ name: row.name, values: row.values, text: percent(row.values.at(-1), 1) })),
    axis: (value) => percent(value, 0),
  });
  return section(title, caption, picture);
}

/** The strategy's name with the period, as a line's name. */
const nameOf = (record: RunRecord): string => record.run.strategy;

const percentAxis = (value: number, digits: number): string => percent(value, Math.max(0, digits - 2));

/** The first and last day. */
export function spanOf(record: RunRecord): string {
  return `${day(record.period.from)} to ${day(record.period.to)}`;
}

/** Money without cents where the amount is large, for tiles. */
export function shortMoney(value: number, currency: string): string {
  return money(value, currency, Math.abs(value) >= 10_000 ? 0 : minorDigits(currency));
}
