import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import { cellEnd, readNumber, readStamp, readTimeOfDay, stampHasTime } from './cells.js';
import {
  bareName,
  CLOSE,
  FORMATS,
  type FormatName,
  kindOf,
  type Layout,
  neededRoles,
  type Overrides,
  Role,
  rolesOfHeader,
} from './layout.js';

/** The first text of a file. */
export interface Sample {
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

const DELIMITERS = ['|', ';', '\t'] as const;
const OHLC = [Role.open, Role.high, Role.low, Role.close] as const;
const QUOTES = [Role.bid, Role.bid + 1, Role.bid + 2, Role.bid + 3] as const;
const ASKS = [Role.ask, Role.ask + 1, Role.ask + 2, Role.ask + 3] as const;
const DAY = 86_400_000;
const NEW_YORK = 'America/New_York';

interface Shape {
  readonly format: FormatName;
  readonly roles: readonly number[];
  readonly headerLines: number;
  readonly names: readonly string[];
  readonly zone?: string;
  readonly side?: 'bid';
  readonly label?: 'close';
  readonly scale?: number;
  readonly missing?: boolean;
  readonly dayStart?: EpochMs | undefined;
  readonly currencies?: ReadonlyMap<string, number>;
}

/**
 * How the rows of a file of prices are read, told from its first lines and its name; `overrides` win.
 * Throws DATA.FORMAT when it is none of the formats, USAGE.FORMAT for an unknown `--format`.
 */
export function recognize(sample: Sample, overrides: Overrides): Layout {
  const forced = formatOf(overrides.format);
  const lines = Buffer.from(sample.bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const delimiter = delimiterOf(lines);
  const rows = lines.map((line) => splitCells(line, delimiter));
  const shape = headerShape(rows, sample, forced) ?? bareShape(rows, sample, forced, delimiter);
  if (shape === undefined) throw notRecognised(sample, lines);
  const kind = kindOf(shape.roles) ?? 'single';
  const needed = neededRoles(kind);
  const roles = shape.roles.map((role) => (needed.has(role) ? role : Role.skip));
  const data = rows.slice(shape.headerLines).filter((cells) => cells.some((cell) => cell !== ''));
  const stamps = stampsOf(data, roles, shape.dayStart);
  const dateOnly = stamps.dateOnly;
  const timeframeMs = kind === 'tick' ? 0 : timeframeOf(stamps.times);
  return {
    ...fromShape(shape, overrides, kind),
    delimiter: delimiter.charCodeAt(0),
    roles,
    kind,
    dateOnly,
    ...(timeframeMs === undefined ? {} : { timeframeMs }),
    newestFirst: isNewestFirst(stamps.times),
    ...(stamps.times[0] === undefined ? {} : { firstTime: stamps.times[0] }),
    firstPrices: pricesOf(data, roles),
    symbols: symbolsOf(data, roles),
  };
}

/** What the format says and the user overrules. */
function fromShape(shape: Shape, overrides: Overrides, kind: Layout['kind']) {
  return {
    format: shape.format,
    headerLines: shape.headerLines,
    names: shape.names,
    side: kind === 'quotes' || kind === 'tick' ? ('both' as const) : (shape.side ?? ('mid' as const)),
    zone: overrides.timeZone ?? shape.zone ?? 'UTC',
    label: overrides.timeLabel ?? shape.label ?? (kind === 'tick' ? ('close' as const) : ('open' as const)),
    ...(shape.dayStart === undefined ? {} : { dayStart: shape.dayStart }),
    scale: scaleOf(overrides.priceScale, shape.scale ?? 1),
    missing: shape.missing ?? false,
    ...(shape.currencies === undefined ? {} : { currencies: shape.currencies }),
  };
}

/** Points in one unit of price. Nobody makes prices larger: 0.00001 says the same as 100000. */
function scaleOf(given: number | undefined, usual: number): number {
  if (given === undefined) return usual;
  if (given > 0 && Number.isFinite(given)) return given >= 1 ? given : Math.round(1e6 / given) / 1e6;
  throw new FxError('USAGE.PRICE_SCALE', {
    message: `--price-scale ${given}: it must be above zero`,
    next: 'give the points in one unit of price: 100000 for five decimals',
    facts: { priceScale: given },
  });
}

function formatOf(name: string | undefined): FormatName | undefined {
  if (name === undefined) return undefined;
  const format = FORMATS.find((known) => known === name.toLowerCase());
  if (format !== undefined) return format;
  throw new FxError('USAGE.FORMAT', {
    message: `--format ${name}: there is no such format`,
    next: `use one of: ${FORMATS.join(', ')}`,
    facts: { format: name, formats: FORMATS },
  });
}

function delimiterOf(lines: readonly string[]): string {
  const count = (mark: string): number => {
    const counts = lines.slice(0, 20).map((line) => line.split(mark).length - 1);
    return Math.max(0, ...counts);
  };
  let best = ',';
  // A tie is a file with decimal commas: the other mark parts its cells, and its numbers are refused by name.
  for (const mark of DELIMITERS) if (count(mark) > 0 && count(mark) >= count(best)) best = mark;
  return best;
}

function splitCells(line: string, delimiter: string): string[] {
  return line.split(delimiter).map((cell) => {
    const text = cell.trim();
    return text.startsWith('"') ? text.replace(/^"(.*)"$/, '$1') : text;
  });
}

function isTime(cell: string): boolean {
  const bytes = Buffer.from(`${cell}\n`);
  const time = readStamp(bytes, 0);
  return !Number.isNaN(time) && cellEnd === bytes.length - 1;
}

function isNumber(cell: string | undefined): boolean {
  return cell !== undefined && cell !== '' && Number.isFinite(Number(cell));
}

/** A header among the first lines: titles, links and blank lines may stand before it. */
function headerShape(
  rows: readonly (readonly string[])[],
  sample: Sample,
  forced: FormatName | undefined,
): Shape | undefined {
  for (const [i, names] of rows.slice(0, 6).entries()) {
    if (names.some((cell) => isNumber(cell)) || isTime(names[0] ?? '')) return undefined;
    if (names.length < 2) continue;
    refuseRates(names, sample);
    const shape = wideShape(names, i + 1) ?? fredShape(names, i + 1) ?? pricesShape(names, i + 1, sample, forced);
    if (shape !== undefined) return shape;
  }
  return undefined;
}

/** A header with a time and prices under their usual names. */
function pricesShape(
  names: readonly string[],
  headerLines: number,
  sample: Sample,
  forced: FormatName | undefined,
): Shape | undefined {
  const found = rolesOfHeader(names);
  if (found === undefined) return undefined;
  if (kindOf(found.roles) === undefined) throw missingColumn(sample, names);
  const shape: Shape = { format: forced ?? 'generic', roles: found.roles, headerLines, names };
  return { ...shape, ...headerDefaults(names, shape, forced), ...(found.closeTime ? { label: 'close' } : {}) };
}

/** ECB: a date, the dollar and other currency codes, each per one euro. */
function wideShape(names: readonly string[], headerLines: number): Shape | undefined {
  const codes = names.slice(1).filter((name) => name !== '');
  const wide = codes.length >= 2 && codes.includes('USD') && !codes.includes('EUR');
  if (!wide || bareName(names[0] ?? '') !== 'date' || !codes.every((code) => /^[A-Z]{3}$/.test(code))) return undefined;
  const currencies = new Map<string, number>();
  for (const [i, name] of names.entries()) if (i > 0 && name !== '') currencies.set(name, i);
  const roles = names.map((_, i) => (i === 0 ? Role.time : Role.skip));
  return { format: 'ecb', roles, headerLines, names, missing: true, currencies };
}

/** FRED: a date and one series in capitals. */
function fredShape(names: readonly string[], headerLines: number): Shape | undefined {
  const [date = '', series = ''] = names;
  if (names.length !== 2 || !/^(date|observation_date)$/i.test(date) || !/^[A-Z][A-Z0-9_]{2,}$/.test(series)) {
    return undefined;
  }
  if (rolesOfHeader(names)?.roles[1] !== Role.skip) return undefined;
  return { format: 'fred', roles: [Role.time, Role.close], headerLines, names, missing: true };
}

function refuseRates(names: readonly string[], sample: Sample): void {
  const bare = new Set(names.map(bareName));
  const bis = bare.has('policyratepct') || bare.has('refarea');
  if (!bis && !(bare.has('location') && bare.has('value') && bare.has('frequency'))) return;
  throw new FxError('DATA.FORMAT', {
    message: `${sample.path}: this is a file of interest rates (${bis ? 'BIS' : 'OECD'}), not of prices`,
    next: 'give it with --rates, and prices with --data',
    facts: { file: sample.path, format: bis ? 'bis' : 'oecd' },
  });
}

/** What a format's header tells besides its columns. */
function headerDefaults(names: readonly string[], shape: Shape, forced: FormatName | undefined): Partial<Shape> {
  const first = names[0] ?? '';
  const bare = names.map(bareName);
  if (forced !== undefined) return bareDefaults(forced);
  if (first.startsWith('<')) return { format: 'metatrader', side: 'bid' };
  if (bare.includes('splitcoefficient') || bare.includes('dividendamount')) return { format: 'alphavantage' };
  if (bare[0] === 'gmttime' || bare[0] === 'localtime' || bare.includes('askvolume')) {
    return { format: 'dukascopy', ...(kindOf(shape.roles) === 'tick' ? {} : { side: 'bid' }) };
  }
  if (bare[0] === 'unix' || bare.some((name) => /^volumeusdt?$/.test(name))) return { format: 'ccxt' };
  return kindOf(shape.roles) === 'tick' ? { format: 'ticks' } : {};
}

function bareDefaults(format: FormatName): Partial<Shape> {
  switch (format) {
    case 'histdata':
      return { zone: NEW_YORK, side: 'bid' };
    case 'histdata-ticks':
      return { zone: NEW_YORK };
    case 'dukascopy':
    case 'metatrader':
      return { side: 'bid' };
    default:
      return {};
  }
}

/** A file without a header: told by the number of its columns and the look of its first cell. */
function bareShape(
  rows: readonly (readonly string[])[],
  sample: Sample,
  forced: FormatName | undefined,
  delimiter: string,
): Shape | undefined {
  const at = rows.findIndex((cells) => cells.length > 1);
  const cells = rows[at];
  if (cells === undefined) return undefined;
  const width = cells.length - (cells.at(-1) === '' ? 1 : 0);
  const found = bareColumns(cells, width, delimiter) ?? lastResort(cells, width);
  if (found === undefined || !numbersWhereNeeded(cells, found.roles)) return undefined;
  const day = dayFromName(sample);
  const dayStart = found.format === 'lean' && isMsOfDay(rows, day) ? day : undefined;
  if (dayStart === undefined && !isTime(cells[found.roles.indexOf(Role.time)] ?? '')) return undefined;
  const format = forced ?? found.format;
  return { headerLines: at, names: [], ...found, ...bareDefaults(format), format, dayStart };
}

type Columns = Pick<Shape, 'format' | 'roles'>;

function bareColumns(cells: readonly string[], width: number, delimiter: string): Columns | undefined {
  const { time, timeOfDay, volume, skip, symbol } = Role;
  const first = cells[0] ?? '';
  const bid = Role.bid + CLOSE;
  const ask = Role.ask + CLOSE;
  const packed = /^\d{8} \d{6}$/.test(first);
  if (packed && width >= 5) return { format: 'histdata', roles: [time, ...OHLC, volume] };
  if (/^\d{8} \d{9}$/.test(first) && width >= 3) return { format: 'histdata-ticks', roles: [time, bid, ask] };
  if (/^[A-Z]{3}\/[A-Z]{3}$/.test(first) && width === 4) return { format: 'ticks', roles: [symbol, time, bid, ask] };
  if (width === 11) return { format: 'lean', roles: [time, ...QUOTES, skip, ...ASKS] };
  if (/^\d{1,2}:\d\d(:\d\d)?$/.test(cells[1] ?? '')) {
    return { format: 'metatrader', roles: [time, timeOfDay, ...OHLC, volume] };
  }
  const leanStamp = /^\d{8} \d\d:\d\d$/.test(first) || /^\d{1,8}$/.test(first);
  if (delimiter === ',' && leanStamp && width === 6) return { format: 'lean', roles: [time, ...OHLC, volume] };
  if (leanStamp && width === 3) return { format: 'lean', roles: [time, bid, ask] };
  return undefined;
}

/** Rows as ccxt gives them, ticks, or one price: whatever has a time first and numbers after it. */
function lastResort(cells: readonly string[], width: number): Columns | undefined {
  const { time, volume, close } = Role;
  if (width >= 6) {
    const symbol = cells.findIndex((cell, i) => i >= 6 && /^[A-Z0-9]{2,10}[/_-][A-Z0-9]{2,10}$/.test(cell));
    const roles: number[] = [time, ...OHLC, volume];
    if (symbol > 0) for (let i = 6; i <= symbol; i++) roles[i] = i === symbol ? Role.symbol : Role.skip;
    return { format: 'ccxt', roles };
  }
  if (width === 5) return { format: 'generic', roles: [time, ...OHLC] };
  if (width === 3 || width === 4) return { format: 'ticks', roles: [time, Role.bid + CLOSE, Role.ask + CLOSE] };
  return width === 2 ? { format: 'generic', roles: [time, close] } : undefined;
}

function numbersWhereNeeded(cells: readonly string[], roles: readonly number[]): boolean {
  const bid = Number(cells[roles.indexOf(Role.bid + CLOSE)] ?? 1);
  const ask = Number(cells[roles.indexOf(Role.ask + CLOSE)] ?? bid);
  // A spread of a tenth of the price is no spread: the columns are something else.
  if (Math.abs(ask - bid) > bid / 10) return false;
  return roles.every((role, i) => {
    const priced = (role >= Role.open && role <= Role.close) || (role >= Role.bid && role < Role.symbol);
    return !priced || isNumber(cells[i]);
  });
}

/** Midnight UTC of a `yyyymmdd` in the name of the file or of its folder's csv; undefined without one. */
function dayFromName(sample: Sample): EpochMs | undefined {
  const digits = /(?<!\d)(\d{8})(?!\d)/;
  const match = digits.exec(sample.name) ?? digits.exec(sample.path.split(/[/\\]/).at(-1) ?? '');
  if (match === null) return undefined;
  const day = readStamp(Buffer.from(`${match[1]}\n`), 0);
  return Number.isNaN(day) ? undefined : day;
}

function isMsOfDay(rows: readonly (readonly string[])[], day: EpochMs | undefined): boolean {
  if (day === undefined) return false;
  const firsts = rows.map((cells) => cells[0] ?? '').filter((cell) => cell !== '');
  return firsts.every((cell) => /^\d{1,8}$/.test(cell) && Number(cell) < DAY) && firsts.some((cell) => !isTime(cell));
}

function stampsOf(
  data: readonly (readonly string[])[],
  roles: readonly number[],
  dayStart: EpochMs | undefined,
): { times: number[]; dateOnly: boolean } {
  const column = roles.indexOf(Role.time);
  const clock = roles.indexOf(Role.timeOfDay);
  const times: number[] = [];
  let dateOnly = dayStart === undefined && clock < 0;
  for (const cells of data) {
    const cell = Buffer.from(`${cells[column] ?? ''}\n`);
    let time = dayStart === undefined ? readStamp(cell, 0) : dayStart + readNumber(cell, 0);
    if (Number.isNaN(time)) continue;
    if (stampHasTime) dateOnly = false;
    if (clock >= 0) time += readTimeOfDay(Buffer.from(`${cells[clock] ?? ''}\n`), 0);
    times.push(time);
  }
  return { times, dateOnly: dateOnly && times.length > 0 };
}

/** The smallest gap between rows that at least a tenth of them have: holes make larger ones, a slip makes odd ones. */
function timeframeOf(times: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  let gaps = 0;
  for (let i = 1; i < times.length; i++) {
    const gap = Math.abs((times[i] ?? Number.NaN) - (times[i - 1] ?? Number.NaN));
    if (!(gap > 0)) continue;
    counts.set(gap, (counts.get(gap) ?? 0) + 1);
    gaps++;
  }
  const common = [...counts].filter(([, count]) => count * 10 >= gaps).map(([gap]) => gap);
  return common.length === 0 ? undefined : Math.min(...common);
}

function isNewestFirst(times: readonly number[]): boolean {
  let falls = 0;
  for (let i = 1; i < times.length; i++) falls += Math.sign((times[i - 1] ?? 0) - (times[i] ?? 0));
  return falls > times.length / 3;
}

function pricesOf(data: readonly (readonly string[])[], roles: readonly number[]): number[] {
  const column = [Role.close, Role.bid + CLOSE].map((role) => roles.indexOf(role)).find((i) => i >= 0);
  if (column === undefined) return [];
  return data.slice(0, 50).flatMap((cells) => (isNumber(cells[column]) ? [Number(cells[column])] : []));
}

function symbolsOf(data: readonly (readonly string[])[], roles: readonly number[]): string[] {
  const column = roles.indexOf(Role.symbol);
  return column < 0 ? [] : [...new Set(data.map((cells) => cells[column] ?? '').filter((cell) => cell !== ''))];
}

function missingColumn(sample: Sample, names: readonly string[]): FxError {
  return new FxError('DATA.COLUMN', {
    message: `${sample.path}: the header has no complete prices: open, high, low, close; or bid and ask; or close (has: ${names.join(', ').slice(0, 200)})`,
    next: 'add or rename the columns; usual names are time,open,high,low,close,volume',
    facts: { file: sample.path, columns: names.slice(0, 50) },
  });
}

function notRecognised(sample: Sample, lines: readonly string[]): FxError {
  const line = lines.find((text) => text.trim() !== '') ?? '';
  return new FxError('DATA.FORMAT', {
    message: `${sample.path}: not recognised as a file of prices; its first line is '${line.slice(0, 80)}'`,
    next: `give it a header such as time,open,high,low,close, or name its format with --format (${FORMATS.join(', ')})`,
    facts: { file: sample.path, line: line.slice(0, 80), formats: FORMATS },
  });
}
