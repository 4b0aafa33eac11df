import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { AssetClass } from '../../core/model/instrument.js';
import type { RateSeries } from '../../core/model/market.js';
import { currencyOfArea, currencyOfFred } from './area.js';
import { isPulledRates, pulledRatesOf, seriesOfPulled } from './pulled.js';

/** The rate of one currency for one month. */
export interface MonthlyRate {
  /** `2018-12`. */
  readonly month: string;
  /**
   * When it is known. For a month-end rate (BIS) the close of the month's last weekday: a decision at the month's last
   * bar, which holidays may move some days earlier, asks by `month` instead. For a monthly average (FRED, OECD) 00:00
   * UTC of the first day of the next month.
   */
  readonly knownAt: EpochMs;
  /** Fraction a year: 0.0525. */
  readonly rate: number;
}

/** A file of interest rates as read. */
export interface RateFile {
  readonly format: 'bis' | 'fred' | 'oecd' | 'pulled';
  /** By currency A–Z, for financing: each value from the moment it was known. */
  readonly series: readonly RateSeries[];
  /** By currency, oldest first; only for files of monthly values. */
  readonly monthly: ReadonlyMap<string, readonly MonthlyRate[]>;
  /** What the file was recognised as, and what was left out. */
  readonly notes: readonly string[];
}

export interface RateOptions {
  /** For messages. */
  readonly path: string;
  readonly closeOfDate: (dateUtcMs: number, assetClass: AssetClass) => EpochMs;
  /** Currency of a series that its name does not tell. */
  readonly currencyOf?: (series: string) => string | undefined;
}

interface Observation {
  readonly area: string;
  readonly time: string;
  readonly value: string;
  readonly line: number;
  readonly column: string;
}

const DAY = 86_400_000;
const MISSING = /^(|\.|n\/?a|nan|#n\/a|nd|null)$/i;

/**
 * Interest rates from the text of a csv: BIS policy rates (`iso2,month,policy_rate_pct`, the bulk download flat or
 * with a column a month), FRED (`DATE,X`), OECD short-term rates (`LOCATION,…,TIME,Value`, months only). Percent a
 * year in, fractions out. Empty cells, `.` and `N/A` are missing values. Throws DATA.FORMAT, DATA.NUMBER, DATA.TIME,
 * DATA.SYMBOL (no known currency), DATA.DUPLICATE or DATA.EMPTY.
 */
export function parseRates(text: string, options: RateOptions): RateFile {
  if (isPulledRates(text)) return pulled(text, options.path);
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = rows.findIndex((row) => row.trim() !== '');
  if (header < 0) throw problem('DATA.EMPTY', options.path, 'the file is empty', 'fetch it again');
  const names = cellsOf(rows[header] ?? '').map((name) => (name.split(':')[0] ?? '').trim());
  const reader = readerOf(names);
  if (reader === undefined) {
    throw problem(
      'DATA.FORMAT',
      options.path,
      `not recognised as a file of interest rates; its first line is '${(rows[header] ?? '').slice(0, 80)}'`,
      'known are BIS (iso2,month,policy_rate_pct; the bulk csv), FRED (DATE,SERIES) and OECD (LOCATION,…,TIME,Value)',
    );
  }
  const observations: Observation[] = [];
  for (let i = header + 1; i < rows.length; i++) {
    const row = rows[i] ?? '';
    if (row.trim() !== '') reader.read(cellsOf(row), i + 1, observations);
  }
  return assemble(reader.format, observations, options);
}

/** What `data pull` keeps: every value with the time it became known, revisions beside what they revise. */
function pulled(text: string, path: string): RateFile {
  const rows = pulledRatesOf(text, path);
  const series = seriesOfPulled(rows);
  if (series.length === 0) throw problem('DATA.EMPTY', path, 'has no rows of rates', 'pull it again');
  const periods = new Set(rows.map((row) => `${row.series} ${row.period}`)).size;
  const revised = rows.length === periods ? '' : `, ${rows.length - periods} revisions`;
  const notes = [`${path}: pulled, rates of ${series.map(({ currency }) => currency).join(', ')}${revised}`];
  return { format: 'pulled', series, monthly: new Map(), notes };
}

/** Cells of one line; a quoted cell may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',').map((cell) => cell.trim());
  const cells: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return cells;
}

interface Reader {
  readonly format: RateFile['format'];
  read(cells: readonly string[], line: number, out: Observation[]): void;
}

/** The code of `US: United States`. */
const code = (cell: string | undefined): string => (cell ?? '').split(':')[0]?.trim() ?? '';

function readerOf(names: readonly string[]): Reader | undefined {
  const bare = names.map((name) => name.toLowerCase());
  const at = (...wanted: string[]): number => wanted.map((name) => bare.indexOf(name)).find((i) => i >= 0) ?? -1;
  const area = at('iso2', 'ref_area', 'location', 'country');
  const time = at('month', 'time_period', 'time', 'date', 'observation_date');
  const value = at('policy_rate_pct', 'obs_value', 'value', 'rate');
  const frequency = at('freq', 'frequency');
  if (area >= 0 && time >= 0 && value >= 0) {
    const format = bare.includes('location') ? 'oecd' : 'bis';
    return {
      format,
      read(cells, line, out) {
        const often = frequency < 0 ? '' : code(cells[frequency]);
        if (often !== '' && often !== 'M' && (format === 'oecd' || often !== 'D')) return;
        out.push(observation(code(cells[area]), cells[time], cells[value], line, names[value]));
      },
    };
  }
  const months = names.flatMap((name, i) => (/^\d{4}-\d{2}$/.test(name) ? [i] : []));
  if (area >= 0 && months.length > 1) return wideReader(names, area, frequency, months);
  if (names.length === 2 && /^(date|observation_date)$/.test(bare[0] ?? '')) {
    const series = names[1] ?? '';
    return {
      format: 'fred',
      read: (cells, line, out) => out.push(observation(series, cells[0], cells[1], line, series)),
    };
  }
  return undefined;
}

function wideReader(names: readonly string[], area: number, frequency: number, months: readonly number[]): Reader {
  return {
    format: 'bis',
    read(cells, line, out) {
      if (frequency >= 0 && code(cells[frequency]) !== 'M') return;
      for (const i of months) out.push(observation(code(cells[area]), names[i], cells[i], line, names[i]));
    },
  };
}

function observation(
  area: string,
  time: string | undefined,
  value: string | undefined,
  line: number,
  column: string | undefined,
): Observation {
  return { area, time: time ?? '', value: value ?? '', line, column: column ?? '' };
}

interface Value {
  readonly start: EpochMs;
  /** It says the instant itself, not only the month or date. */
  readonly exact: boolean;
  readonly month: string;
  readonly rate: number;
  readonly line: number;
}

function assemble(format: RateFile['format'], observations: readonly Observation[], options: RateOptions): RateFile {
  const byCurrency = new Map<string, Value[]>();
  const unknown = new Set<string>();
  const daily = observations.some((one) => /^\d{4}-\d{2}-(?!01)\d{2}$|T/.test(one.time));
  let missing = 0;
  for (const one of observations) {
    const start = startOf(one, options.path);
    const year = new Date(start).getUTCFullYear();
    const fred = format === 'fred';
    const currency =
      options.currencyOf?.(one.area) ?? (fred ? currencyOfFred(one.area, year) : currencyOfArea(one.area, year));
    if (currency === undefined) {
      unknown.add(one.area);
      continue;
    }
    if (MISSING.test(one.value)) {
      missing++;
      continue;
    }
    const values = byCurrency.get(currency) ?? [];
    values.push({
      start,
      exact: one.time.includes('T'),
      month: one.time.slice(0, 7),
      rate: numberOf(one, options.path) / 100,
      line: one.line,
    });
    byCurrency.set(currency, values);
  }
  if (byCurrency.size === 0) throw nothing(options.path, unknown, observations.length);
  const notes = [
    `${options.path}: ${format}, ${daily ? 'dated' : 'monthly'} rates of ${[...byCurrency.keys()].sort().join(', ')}`,
  ];
  if (missing > 0) notes.push(`${options.path}: ${missing} missing values`);
  return { format, ...timed(format, byCurrency, daily, options), notes };
}

function timed(
  format: RateFile['format'],
  byCurrency: ReadonlyMap<string, Value[]>,
  daily: boolean,
  options: RateOptions,
): Pick<RateFile, 'series' | 'monthly'> {
  const series: RateSeries[] = [];
  const monthly = new Map<string, MonthlyRate[]>();
  const known = (value: Value): EpochMs => {
    if (value.exact) return value.start;
    if (daily) return options.closeOfDate(value.start, 'fx');
    return format === 'bis' ? options.closeOfDate(lastWeekday(value.start), 'fx') : nextMonth(value.start);
  };
  for (const currency of [...byCurrency.keys()].sort()) {
    const values = (byCurrency.get(currency) ?? []).sort((a, b) => a.start - b.start);
    refuseDoubles(values, currency, options.path);
    const times = values.map(known);
    series.push({
      currency,
      knownAt: Float64Array.from(times),
      rate: Float64Array.from(values, (value) => value.rate),
    });
    const lastOfMonth = new Map<string, MonthlyRate>();
    for (const [i, { month, rate }] of values.entries())
      lastOfMonth.set(month, { month, knownAt: times[i] ?? 0, rate });
    if (!daily || format === 'bis') monthly.set(currency, [...lastOfMonth.values()]);
  }
  return { series, monthly };
}

/** First instant of a month or date; the month and day must be on the calendar. */
function startOf(one: Observation, path: string): EpochMs {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2})(?:T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z)?)?$/.exec(one.time);
  const instant = one.time.includes('T') ? Date.parse(one.time) : undefined;
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3] ?? 1)];
  const start = Date.UTC(year, month - 1, day);
  if (
    match === null ||
    Number.isNaN(instant) ||
    new Date(start).getUTCMonth() !== month - 1 ||
    new Date(start).getUTCDate() !== day
  ) {
    throw problem('DATA.TIME', path, `'${one.time.slice(0, 80)}' is not a month or a date`, 'correct the cell', one);
  }
  return instant ?? start;
}

function numberOf(one: Observation, path: string): number {
  const value = Number(one.value);
  if (Number.isFinite(value) && Math.abs(value) < 1e6) return value;
  throw problem('DATA.NUMBER', path, `'${one.value.slice(0, 80)}' is not a rate in percent`, 'correct the cell', one);
}

function lastWeekday(monthStart: EpochMs): EpochMs {
  let date = nextMonth(monthStart) - DAY;
  while (new Date(date).getUTCDay() % 6 === 0) date -= DAY;
  return date;
}

function nextMonth(start: EpochMs): EpochMs {
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

function refuseDoubles(values: readonly Value[], currency: string, path: string): void {
  for (let i = 1; i < values.length; i++) {
    const [one, two] = [values[i - 1], values[i]];
    if (one === undefined || two === undefined || one.start !== two.start || one.rate === two.rate) continue;
    throw problem(
      'DATA.DUPLICATE',
      path,
      `${currency} has two rates for ${two.month}, in lines ${one.line} and ${two.line}`,
      'keep one of them',
    );
  }
}

function nothing(path: string, unknown: ReadonlySet<string>, rows: number): FxError {
  if (rows === 0) return problem('DATA.EMPTY', path, 'has no rows of rates', 'fetch it again, or name another file');
  const names = [...unknown].slice(0, 5).join(', ');
  return problem(
    'DATA.SYMBOL',
    path,
    `no currency is known for its series (${names})`,
    'use a FRED name such as IR3TIB01USM156N, or BIS and OECD areas',
  );
}

function problem(
  code: 'DATA.EMPTY' | 'DATA.FORMAT' | 'DATA.TIME' | 'DATA.NUMBER' | 'DATA.DUPLICATE' | 'DATA.SYMBOL',
  path: string,
  what: string,
  next: string,
  at?: Observation,
): FxError {
  const place = at === undefined ? path : `${path}:${at.line}: column ${at.column}`;
  return new FxError(code, {
    message: `${place}: ${what}`,
    next,
    facts: {
      file: path,
      ...(at === undefined ? {} : { line: at.line, column: at.column, value: at.value || at.time }),
    },
  });
}
