import type { MonthAttribution, RunRecord } from '../model/run-record.js';

type Daily = RunRecord['daily'];

/** Growth of one unit, a value a row of returns: ∏(1 + r). The start, 1, is not a row. */
export function wealthOf(returns: readonly number[]): number[] {
  let wealth = 1;
  return returns.map((r) => {
    wealth *= 1 + r;
    return wealth;
  });
}

/** A year of the heat map: twelve monthly returns (null without a day in it) and the year's, fractions. */
export interface HeatYear {
  readonly year: string;
  readonly months: readonly (number | null)[];
  readonly total: number;
}

/** Monthly returns by year, oldest first; months and years compound the days that lie in them. */
export function heatMap(daily: Daily): HeatYear[] {
  const months = new Map<string, number>();
  for (const [i, date] of daily.date.entries()) {
    const month = date.slice(0, 7);
    months.set(month, (months.get(month) ?? 1) * (1 + (daily.return[i] ?? 0)));
  }
  const years = new Map<string, (number | null)[]>();
  for (const [month, growth] of months) {
    const year = month.slice(0, 4);
    const row = years.get(year) ?? new Array<number | null>(12).fill(null);
    row[Number(month.slice(5, 7)) - 1] = growth - 1;
    years.set(year, row);
  }
  return [...years].map(([year, row]) => ({
    year,
    months: row,
    total: row.reduce<number>((growth, r) => growth * (1 + (r ?? 0)), 1) - 1,
  }));
}

/** The date, volatility and Sharpe ratio of each full window; NaN where the window has no variance. */
export interface Rolling {
  readonly window: number;
  readonly date: readonly string[];
  readonly volatility: readonly number[];
  readonly sharpe: readonly number[];
}

/** Half a year of days; a month where the record is shorter than a year; nothing where it is shorter than a quarter. */
export function rollingWindow(days: number): number | undefined {
  if (days >= 252) return 126;
  return days >= 63 ? 21 : undefined;
}

/** Annualized volatility, sd(n−1) √P, and Sharpe ratio, mean ÷ sd √P with rf 0, of the last `window` rows at each row. */
export function rolling(daily: Daily, window: number, periodsPerYear: number): Rolling {
  const root = Math.sqrt(periodsPerYear);
  const date: string[] = [];
  const volatility: number[] = [];
  const sharpe: number[] = [];
  for (let end = window; end <= daily.return.length; end++) {
    const rows = daily.return.slice(end - window, end);
    const mean = rows.reduce((a, b) => a + b, 0) / window;
    const sd = Math.sqrt(rows.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (window - 1));
    const flat = sd <= 1e-12 * Math.max(...rows.map(Math.abs));
    date.push(daily.date[end - 1] ?? '');
    volatility.push(flat ? 0 : sd * root);
    sharpe.push(flat ? Number.NaN : (mean / sd) * root);
  }
  return { window, date, volatility, sharpe };
}

/** How often returns fell into each of a row of equal steps, and what a normal distribution would expect there. */
export interface Histogram {
  readonly start: number;
  readonly step: number;
  readonly counts: readonly number[];
  readonly normal: readonly number[];
  readonly mean: number;
  readonly sd: number;
}

/** Most bars that a histogram has, however far out a single day lies. */
const MOST_BARS = 150;

/**
 * Steps at round numbers, near a sixth of a standard deviation, with zero on an edge, so that no bar holds gains and
 * losses together.
 */
export function histogram(returns: readonly number[]): Histogram | undefined {
  const n = returns.length;
  if (n < 20) return undefined;
  const mean = returns.reduce((a, b) => a + b, 0) / n;
  const sd = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (n - 1));
  const low = Math.min(...returns);
  const high = Math.max(...returns);
  if (sd <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) return undefined;
  const rough = Math.max(sd / 6, (high - low) / MOST_BARS);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Number((([1, 2, 2.5, 5, 10].find((f) => f * power >= rough * 0.8) ?? 10) * power).toPrecision(3));
  const first = Math.floor(low / step + 1e-9);
  const counts = new Array<number>(Math.floor(high / step + 1e-9) - first + 1).fill(0);
  for (const r of returns) {
    const at = Math.floor(r / step + 1e-9) - first;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const normal = counts.map((_, i) => {
    const z = ((first + i + 0.5) * step - mean) / sd;
    return (n * step * Math.exp((-z * z) / 2)) / (sd * Math.sqrt(2 * Math.PI));
  });
  return { start: first * step, step, counts, normal, mean, sd };
}

/** Carry, spot and costs of a year, account currency, and as fractions of the equity at the year's start. */
export interface YearAttribution {
  readonly year: string;
  readonly carry: number;
  readonly spot: number;
  /** Paid, ≥ 0 in most years. */
  readonly costs: number;
  readonly equity: number;
}

/** Months of attribution added up by year. */
export function attributionByYear(months: readonly MonthAttribution[]): YearAttribution[] {
  const years = new Map<string, YearAttribution>();
  for (const month of months) {
    const year = month.month.slice(0, 4);
    const sum = years.get(year) ?? { year, carry: 0, spot: 0, costs: 0, equity: month.equity };
    years.set(year, {
      ...sum,
      carry: sum.carry + month.carry,
      spot: sum.spot + month.spot,
      costs: sum.costs + month.costs,
    });
  }
  return [...years.values()];
}

/** Running sums of carry, spot and costs paid: zero at the first month's start, then at each month's end. */
export function attributionSums(months: readonly MonthAttribution[]): {
  readonly time: number[];
  readonly carry: number[];
  readonly spot: number[];
  readonly costs: number[];
} {
  const sums = { time: [] as number[], carry: [] as number[], spot: [] as number[], costs: [] as number[] };
  let [carry, spot, costs] = [0, 0, 0];
  const first = months[0];
  if (first) {
    sums.time.push(Date.parse(`${first.month}-01`));
    for (const list of [sums.carry, sums.spot, sums.costs]) list.push(0);
  }
  for (const month of months) {
    carry += month.carry;
    spot += month.spot;
    costs += month.costs;
    const [year, number] = month.month.split('-').map(Number);
    sums.time.push(Date.UTC(year ?? 0, number ?? 0, 0));
    sums.carry.push(carry);
    sums.spot.push(spot);
    sums.costs.push(costs);
  }
  return sums;
}

/** The currencies with the largest exposure at any time, the largest first, and how many were left out. */
export function largestExposures(exposure: RunRecord['exposure'], most: number) {
  const ranked = Object.entries(exposure.currencies)
    .map(([name, values]) => ({ name, values, peak: values.reduce((top, value) => Math.max(top, Math.abs(value)), 0) }))
    .filter((row) => row.peak > 0)
    .sort((a, b) => b.peak - a.peak || (a.name < b.name ? -1 : 1));
  return { rows: ranked.slice(0, most), leftOut: Math.max(0, ranked.length - most) };
}

/** Rows of returns a year: what the record was annualized with, else 365 when it has weekends, 260 for pairs, 252. */
export function periodsPerYearOf(record: Pick<RunRecord, 'daily' | 'metrics' | 'run'>): number {
  const { annualVolatility } = record.metrics;
  const returns = record.daily.return;
  const n = returns.length;
  if (annualVolatility !== null && annualVolatility > 0 && n > 1) {
    const mean = returns.reduce((a, b) => a + b, 0) / n;
    const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (n - 1);
    const implied = annualVolatility ** 2 / variance;
    const known = [252, 260, 365].find((p) => Math.abs(implied / p - 1) < 0.005);
    if (known !== undefined) return known;
  }
  const weekends = record.daily.date.filter((date) =>
    [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay()),
  ).length;
  if (weekends > n / 10) return 365;
  return record.run.instruments.some((name) => name.includes('/')) ? 260 : 252;
}

/** A fall from a peak and the way back. `recovery` is null while it is still below. */
export interface DrawdownEpisode {
  /** Fraction > 0. */
  readonly depth: number;
  readonly peak: string;
  readonly trough: string;
  readonly recovery: string | null;
  /** Calendar days from peak to recovery, or to the end of the record. */
  readonly days: number;
}

/** The deepest falls of the daily returns, deepest first. The start, before the first row, counts as a peak. */
export function worstDrawdowns(daily: Daily, start: string, most: number): DrawdownEpisode[] {
  const episodes: DrawdownEpisode[] = [];
  let wealth = 1;
  let top = 1;
  let peak = start.slice(0, 10);
  let depth = 0;
  let trough = peak;
  const end = (date: string, recovery: string | null): void => {
    const days = Math.round((Date.parse(date) - Date.parse(peak)) / 86_400_000);
    if (depth > 1e-12) episodes.push({ depth, peak, trough, recovery, days });
    depth = 0;
  };
  for (const [i, date] of daily.date.entries()) {
    wealth *= 1 + (daily.return[i] ?? 0);
    if (wealth >= top) {
      end(date, date);
      top = wealth;
      peak = date;
    } else if (1 - wealth / top > depth) {
      depth = 1 - wealth / top;
      trough = date;
    }
  }
  end(daily.date.at(-1) ?? peak, null);
  return episodes.sort((a, b) => b.depth - a.depth).slice(0, most);
}
