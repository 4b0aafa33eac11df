import { decimal } from '../base/figures.js';
import { html, join, type Markup, nothing } from './markup.js';
import {
  areaPath,
  decimate,
  linear,
  linePath,
  niceTicks,
  type Point,
  type Scale,
  tenth,
  tickDigits,
  timeTicks,
} from './svg.js';

/** Every picture is drawn on a canvas this wide; the page scales it. */
const WIDTH = 960;
const LEFT = 66;
const RIGHT = 14;
const TOP = 10;
const BOTTOM = 26;
/** Columns of the picture in which a line keeps its lowest and highest point. */
const BUCKETS = 420;
/** Places at which a pointer can read values. */
const READ_OUTS = 400;

/** A line over time. */
export interface Series {
  readonly name: string;
  /** Which of the palette's tones: 0 the strategy, 1 what it is compared with, 2 and 3 parts. */
  readonly tone: 0 | 1 | 2 | 3;
  readonly time: readonly number[];
  /** NaN where there is no value; the line breaks there. */
  readonly values: readonly number[];
  /** Fill between the line and zero. */
  readonly area?: boolean;
  readonly dashed?: boolean;
}

export interface LineChartOptions {
  /** What a screen reader says instead of the picture. */
  readonly label: string;
  readonly series: readonly Series[];
  readonly height: number;
  /** Text of an axis mark; `digits` are the decimals that the steps of the axis need. */
  readonly axis: (value: number, digits: number) => string;
  /** Text of a value under the pointer. */
  readonly value: (value: number) => string;
  /** A thin line at this height, where it lies inside the picture. */
  readonly baseline?: number;
  /** Values that the axis must include. */
  readonly include?: readonly number[];
}

/** Lines over time with a value axis on the left and dates below. */
export function lineChart(options: LineChartOptions): Markup {
  const { series, height } = options;
  const spans = series.flatMap((each) => [each.time[0] ?? 0, each.time.at(-1) ?? 0]);
  const [low, high] = extent([...series.map((each) => each.values), options.include ?? []]);
  const ticks = niceTicks(low, high, Math.max(3, Math.round(height / 55)));
  const x = linear([Math.min(...spans), Math.max(...spans)], [LEFT, WIDTH - RIGHT]);
  const y = linear([ticks[0] ?? low, ticks.at(-1) ?? high], [height - BOTTOM, TOP]);
  const lines = series.map((each) => drawLine(each, x, y));
  const legend = series.length > 1 ? legendOf(series) : nothing;
  return html`${legend}<div class="scroll"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${options.label}" data-readout="${readOut(options, x)}">
${valueAxis(ticks, y, options.axis)}${timeAxis(x, height)}${baseline(options.baseline, y)}${lines}
</svg></div>`;
}

/** Bars side by side with an optional curve over them: a distribution. */
export interface HistogramOptions {
  readonly label: string;
  readonly height: number;
  /** Left edge of the first bar and width of each, in units of the value. */
  readonly start: number;
  readonly step: number;
  readonly counts: readonly number[];
  /** Expected counts at the same places. */
  readonly curve: readonly number[];
  readonly axis: (value: number, digits: number) => string;
  readonly edge: (value: number) => string;
  readonly marks: readonly { readonly at: number; readonly label: string }[];
}

/** A histogram with the curve that a normal distribution would give. */
export function histogramChart(options: HistogramOptions): Markup {
  const { counts, curve, start, step, height } = options;
  const end = start + step * counts.length;
  const x = linear([start, end], [LEFT, WIDTH - RIGHT]);
  const ticks = niceTicks(0, Math.max(1, ...counts, ...curve), 4).filter(Number.isInteger);
  const y = linear([0, ticks.at(-1) ?? 1], [height - BOTTOM, TOP]);
  const bars = counts.map((count, i) => {
    const left = x(start + i * step) + 0.5;
    const tone = start + (i + 0.5) * step < 0 ? 'neg' : 'pos';
    return html`<rect class="${tone}" x="${tenth(left)}" y="${tenth(y(count))}" width="${tenth(Math.max(0.5, x(start + (i + 1) * step) - left - 0.5))}" height="${tenth(y(0) - y(count))}"><title>${options.edge(start + i * step)} to ${options.edge(start + (i + 1) * step)}, days: ${count}</title></rect>`;
  });
  const points: Point[] = curve.map((value, i) => [x(start + (i + 0.5) * step), y(value)]);
  const marks = options.marks
    .filter((mark) => mark.at > start && mark.at < end)
    .map((mark) => {
      const at = tenth(x(mark.at));
      return html`<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${height - BOTTOM}"/><text class="mark" x="${tenth(x(mark.at) - 5)}" y="${TOP + 11}" text-anchor="end">${mark.label}</text>`;
    });
  return html`<div class="scroll"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${options.label}">
${valueAxis(ticks, y, (value) => decimal(value, 0))}${numberAxis(x, height, options.axis)}${bars}<path class="line expected" d="${linePath(points)}"/>${marks}
</svg></div>`;
}

/** One column of a stacked chart: parts above and below zero, and their sum. */
export interface StackColumn {
  readonly label: string;
  readonly parts: readonly { readonly name: string; readonly tone: 0 | 1 | 2 | 3; readonly value: number }[];
  readonly total: number;
}

/** Columns of parts, gains up and losses down, with a bar mark at the sum. */
export function stackChart(options: {
  readonly label: string;
  readonly height: number;
  readonly columns: readonly StackColumn[];
  readonly axis: (value: number, digits: number) => string;
  readonly value: (value: number) => string;
}): Markup {
  const { columns, height } = options;
  const sums = columns.flatMap((column) => [sumOf(column, 1), sumOf(column, -1), column.total]);
  const ticks = niceTicks(Math.min(0, ...sums), Math.max(0, ...sums), 5);
  const y = linear([ticks[0] ?? 0, ticks.at(-1) ?? 1], [height - BOTTOM, TOP]);
  const slot = (WIDTH - LEFT - RIGHT) / Math.max(1, columns.length);
  const width = Math.min(46, slot * 0.62);
  const every = Math.ceil(columns.length / 20);
  const drawn = columns.map((column, i) => {
    const middle = LEFT + slot * (i + 0.5);
    const label =
      i % every === 0
        ? html`<text x="${tenth(middle)}" y="${height - 8}" text-anchor="middle">${column.label}</text>`
        : nothing;
    const total = tenth(y(column.total));
    return html`${stackedParts(column, middle - width / 2, width, y, options.value)}<line class="total" x1="${tenth(middle - width / 2 - 4)}" x2="${tenth(middle + width / 2 + 4)}" y1="${total}" y2="${total}"><title>${column.label} total ${options.value(column.total)}</title></line>${label}`;
  });
  const legend = legendOf([...(columns[0]?.parts ?? [])]);
  return html`${legend}<div class="scroll"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${options.label}">
${valueAxis(ticks, y, options.axis)}${baseline(0, y)}${drawn}
</svg></div>`;
}

/** Lying bars with a name on the left and the amount at their end: paid to the right, earned to the left. */
export function splitChart(options: {
  readonly label: string;
  readonly rows: readonly { readonly name: string; readonly value: number; readonly text: string }[];
}): Markup {
  const rowHeight = 30;
  const height = options.rows.length * rowHeight + 12;
  const values = options.rows.map((row) => row.value);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const x = linear([low, high === low ? 1 : high], [low < 0 ? 300 : 170, WIDTH - 170]);
  const rows = options.rows.map((row, i) => {
    const top = 6 + i * rowHeight;
    const left = Math.min(x(0), x(row.value));
    const width = Math.abs(x(row.value) - x(0));
    const after = row.value < 0 ? left - 8 : left + width + 8;
    return html`<text class="name" x="0" y="${top + 19}">${row.name}</text><rect class="${row.value < 0 ? 'pos' : 'neg'}" x="${tenth(left)}" y="${top + 6}" width="${tenth(width)}" height="${rowHeight - 12}"/><text x="${tenth(after)}" y="${top + 19}" text-anchor="${row.value < 0 ? 'end' : 'start'}">${row.text}</text>`;
  });
  const zero = tenth(x(0));
  return html`<div class="scroll"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${options.label}">${rows}<line class="base" x1="${zero}" x2="${zero}" y1="4" y2="${height - 4}"/></svg></div>`;
}

/** One small picture a name, all with the same scales: long above the line, short below. */
export function multiplesChart(options: {
  readonly label: string;
  readonly time: readonly number[];
  readonly rows: readonly { readonly name: string; readonly values: readonly number[]; readonly text: string }[];
  readonly axis: (value: number) => string;
}): Markup {
  const rowHeight = 46;
  const height = options.rows.length * rowHeight + TOP + BOTTOM;
  const reach = Math.max(1e-9, ...options.rows.flatMap((row) => row.values.map(Math.abs)));
  const x = linear([options.time[0] ?? 0, options.time.at(-1) ?? 1], [LEFT + 40, WIDTH - 92]);
  const rows = options.rows.map((row, i) => {
    const middle = TOP + rowHeight * (i + 0.5);
    const y = linear([-reach, reach], [middle + rowHeight / 2 - 3, middle - rowHeight / 2 + 3]);
    const long = stepPoints(
      row.values.map((value) => Math.max(0, value)),
      options.time,
      x,
      y,
    );
    const short = stepPoints(
      row.values.map((value) => Math.min(0, value)),
      options.time,
      x,
      y,
    );
    const scale =
      i > 0
        ? nothing
        : html`<text x="${LEFT + 34}" y="${tenth(y(reach) + 9)}" text-anchor="end" class="small">${options.axis(reach)}</text><text x="${LEFT + 34}" y="${tenth(y(-reach) + 1)}" text-anchor="end" class="small">${options.axis(-reach)}</text>`;
    return html`<text class="name" x="0" y="${tenth(middle + 4)}">${row.name}</text>${scale}<path class="pos" d="${areaPath(long, middle)}"/><path class="neg" d="${areaPath(short, middle)}"/><line class="base" x1="${LEFT + 40}" x2="${WIDTH - 92}" y1="${tenth(middle)}" y2="${tenth(middle)}"/><text x="${WIDTH}" y="${tenth(middle + 4)}" text-anchor="end">${row.text}</text>`;
  });
  return html`<div class="scroll"><svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${options.label}">${rows}${timeAxis(x, height)}</svg></div>`;
}

/** Names beside a swatch of their tone. */
function legendOf(
  items: readonly { readonly name: string; readonly tone: number; readonly dashed?: boolean }[],
): Markup {
  const swatches = items.map(
    (item) => html`<span class="key"><i class="s${item.tone}${item.dashed ? ' dashed' : ''}"></i>${item.name}</span>`,
  );
  return html`<p class="legend">${swatches}</p>`;
}

function drawLine(series: Series, x: Scale, y: Scale): Markup {
  const points: Point[] = decimate(series.values, BUCKETS).map((i) => [
    x(series.time[i] ?? 0),
    y(series.values[i] ?? Number.NaN),
  ]);
  const area = series.area
    ? html`<path class="area t${series.tone}" d="${areaPath(points, y(Math.max(y.from, Math.min(y.to, 0))))}"/>`
    : nothing;
  return html`${area}<path class="line t${series.tone}${series.dashed ? ' dashed' : ''}" d="${linePath(points)}"/>`;
}

function valueAxis(ticks: readonly number[], y: Scale, text: (value: number, digits: number) => string): Markup {
  const digits = tickDigits(ticks);
  return join(
    ticks.map((tick) => {
      const at = y(tick);
      return html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${tenth(at)}" y2="${tenth(at)}"/><text x="${LEFT - 8}" y="${tenth(at + 4)}" text-anchor="end">${text(tick, digits)}</text>`;
    }),
  );
}

function timeAxis(x: Scale, height: number): Markup {
  return join(
    timeTicks(x.from, x.to, 11).map((tick) => {
      const at = x(tick.time);
      return html`<line class="tick" x1="${tenth(at)}" x2="${tenth(at)}" y1="${height - BOTTOM}" y2="${height - BOTTOM + 5}"/><text x="${tenth(at)}" y="${height - 6}" text-anchor="${anchorAt(at)}">${tick.label}</text>`;
    }),
  );
}

function numberAxis(x: Scale, height: number, text: (value: number, digits: number) => string): Markup {
  const ticks = niceTicks(x.from, x.to, 9).filter((tick) => tick >= x.from && tick <= x.to);
  const digits = tickDigits(ticks);
  return join(
    ticks.map((tick) => {
      const at = x(tick);
      return html`<line class="tick" x1="${tenth(at)}" x2="${tenth(at)}" y1="${height - BOTTOM}" y2="${height - BOTTOM + 5}"/><text x="${tenth(at)}" y="${height - 6}" text-anchor="${anchorAt(at)}">${text(tick, digits)}</text>`;
    }),
  );
}

const anchorAt = (x: number): string => (x > WIDTH - RIGHT - 24 ? 'end' : 'middle');

function baseline(value: number | undefined, y: Scale): Markup {
  if (value === undefined || value < y.from || value > y.to) return nothing;
  const at = tenth(y(value));
  return html`<line class="base" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`;
}

function stackedParts(
  column: StackColumn,
  left: number,
  width: number,
  y: Scale,
  text: (value: number) => string,
): Markup {
  let above = 0;
  let below = 0;
  const parts = column.parts.map((part) => {
    const from = part.value >= 0 ? above : below;
    const to = from + part.value;
    if (part.value >= 0) above = to;
    else below = to;
    const top = Math.min(y(from), y(to));
    return html`<rect class="f${part.tone}" x="${tenth(left)}" y="${tenth(top)}" width="${tenth(width)}" height="${tenth(Math.abs(y(from) - y(to)))}"><title>${column.label} ${part.name} ${text(part.value)}</title></rect>`;
  });
  return join(parts);
}

function sumOf(column: StackColumn, sign: 1 | -1): number {
  return column.parts.reduce((sum, part) => (Math.sign(part.value) === sign ? sum + part.value : sum), 0);
}

/** A value holds until the next one: exposure changes in steps, a slope between two months would be invented. */
function stepPoints(values: readonly number[], time: readonly number[], x: Scale, y: Scale): Point[] {
  return values.flatMap((value, i): Point[] => [
    [x(time[i] ?? 0), y(value)],
    [x(time[i + 1] ?? time[i] ?? 0), y(value)],
  ]);
}

function extent(lists: readonly (readonly number[])[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high ? [0, 1] : [low, high];
}

/**
 * What the pointer reads: places on the canvas, dates, and each line's value as text. The script only shows it, so that
 * a number on the page is formatted in one place.
 */
function readOut(options: LineChartOptions, x: Scale): string {
  const first = options.series[0];
  if (!first) return '';
  const step = Math.max(1, Math.ceil(first.time.length / READ_OUTS));
  const rows: [number, string, ...string[]][] = [];
  const cursors = options.series.map(() => 0);
  for (let i = 0; i < first.time.length; i += step) {
    const time = first.time[i] ?? 0;
    const texts = options.series.map((each, s) => {
      let at = cursors[s] ?? 0;
      while ((each.time[at + 1] ?? Number.POSITIVE_INFINITY) <= time) at++;
      cursors[s] = at;
      const value = each.values[at] ?? Number.NaN;
      return Number.isFinite(value) && (each.time[at] ?? 0) <= time ? options.value(value) : '–';
    });
    rows.push([Number(tenth(x(time))), new Date(time).toISOString().slice(0, 10), ...texts]);
  }
  return JSON.stringify({ names: options.series.map((each) => each.name), rows });
}
