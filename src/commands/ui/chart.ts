/** What a chart of text is made of. */
export interface TextChart {
  readonly title: string;
  /** ISO times, ascending, one a value. */
  readonly time: readonly string[];
  readonly values: readonly number[];
  /** Widest line, axis included. */
  readonly columns: number;
  /** Lines of picture, without title and dates. */
  readonly rows: number;
  readonly label: (value: number) => string;
  /** Fill between the line and zero: drawdowns. */
  readonly filled?: boolean;
  /** Braille dots; else plain ASCII. */
  readonly unicode: boolean;
}

/** Room for the axis: a label of up to twelve characters and a stroke. */
const AXIS = 14;

/** True when the locale says UTF-8, so that dots and box strokes arrive as such. */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) || env['WT_SESSION'] !== undefined;
}

/** The lines of a chart: title, picture with a value axis, first and last date. Empty when there is nothing to draw. */
export function chartLines(chart: TextChart): string[] {
  const width = Math.max(10, chart.columns - AXIS);
  const across = chart.unicode ? 2 : 1;
  const down = chart.unicode ? 4 : 1;
  const finite = chart.values.filter(Number.isFinite);
  if (finite.length < 2) return [];
  const [low, high] = range(finite, chart.filled === true);
  const columns = bucketed(chart.values, width * across);
  const dots = plot(columns, { low, high, height: chart.rows * down, filled: chart.filled === true });
  const picture = chart.unicode
    ? braille(dots, width, chart.rows)
    : ascii(dots, width, chart.rows, chart.filled === true);
  const stroke = chart.unicode ? '┤' : '|';
  const lines = picture.map((line, row) => {
    const value = high - ((high - low) * row) / (chart.rows - 1);
    const marked = row === 0 || row === chart.rows - 1 || row === Math.floor(chart.rows / 2);
    return `${(marked ? chart.label(value) : '').slice(0, AXIS - 2).padStart(AXIS - 2)} ${stroke}${line}`.trimEnd();
  });
  const first = (chart.time[0] ?? '').slice(0, 10);
  const last = (chart.time.at(-1) ?? '').slice(0, 10);
  const dates = `${' '.repeat(AXIS)}${first}${last.padStart(Math.max(last.length + 1, width - first.length))}`;
  return [chart.title, ...lines, dates];
}

/** Lowest and highest value of each column of dots, and the last value for the line to go on from. */
interface Column {
  readonly low: number;
  readonly high: number;
  readonly last: number;
}

function range(values: readonly number[], withZero: boolean): [number, number] {
  let low = withZero ? 0 : Number.POSITIVE_INFINITY;
  let high = withZero ? 0 : Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low < high) return [low, high];
  const room = Math.abs(high) * 0.01 || 1;
  return withZero ? [-room, 0] : [low - room, high + room];
}

function bucketed(values: readonly number[], count: number): Column[] {
  const columns: Column[] = [];
  for (let c = 0; c < count; c++) {
    const from = Math.floor((c * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((c + 1) * values.length) / count));
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let last = Number.NaN;
    for (let i = from; i < to; i++) {
      const value = values[i] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
      last = value;
    }
    columns.push({ low, high, last });
  }
  return columns;
}

interface PlotArea {
  readonly low: number;
  readonly high: number;
  /** Rows of dots. */
  readonly height: number;
  readonly filled: boolean;
}

/** For each column of dots the first and last row that is set, from the top; [1, 0] when none is. */
function plot(columns: readonly Column[], area: PlotArea): [number, number][] {
  const rowOf = (value: number): number =>
    Math.round(((area.high - value) / (area.high - area.low)) * (area.height - 1));
  let previous = Number.NaN;
  return columns.map((column) => {
    if (!Number.isFinite(column.last)) return [1, 0];
    const top = Number.isFinite(previous) ? Math.max(column.high, previous) : column.high;
    const bottom = Number.isFinite(previous) ? Math.min(column.low, previous) : column.low;
    previous = column.last;
    return area.filled ? [rowOf(0), rowOf(column.low)] : [rowOf(top), rowOf(bottom)];
  });
}

/** The bits of a braille cell by column and row of its dots. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

function braille(dots: readonly (readonly [number, number])[], width: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    for (let cell = 0; cell < width; cell++) line += brailleCell(dots, cell, row);
    return line;
  });
}

function brailleCell(dots: readonly (readonly [number, number])[], cell: number, row: number): string {
  let bits = 0;
  for (const [side, masks] of DOTS.entries()) {
    const [from, to] = dots[cell * 2 + side] ?? [1, 0];
    for (const [dot, mask] of masks.entries()) {
      const at = row * 4 + dot;
      if (at >= from && at <= to) bits |= mask;
    }
  }
  return bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits);
}

function ascii(dots: readonly (readonly [number, number])[], width: number, rows: number, filled: boolean): string[] {
  return Array.from({ length: rows }, (_, row) => {
    let line = '';
    for (let cell = 0; cell < width; cell++) {
      const [from, to] = dots[cell] ?? [1, 0];
      line += row >= from && row <= to ? (filled ? '#' : '*') : ' ';
    }
    return line;
  });
}
