import ti from 'technicalindicators';
import { FxError } from '../base/errors.js';

/**
 * Indicators over whole columns, by the package `technicalindicators`. It drops the bars it needs to warm up and lets one
 * NaN spoil everything after it, so here every result has the length of its input, NaN in front, index i always means bar
 * i, and input with holes is refused. A value whose definition divides by zero (a market that stands still) is NaN.
 */
export interface RangeColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** Moving average convergence divergence (Appel): EMA(fast) − EMA(slow), its EMA(signal), their difference; in price. */
export function macd(
  close: Float64Array,
  windows: { fast?: number; slow?: number; signal?: number } = {},
): MacdColumns {
  const { fast = 12, slow = 26, signal = 9 } = windows;
  const values = plain({ close }).close;
  const rows = ti.macd({
    values,
    fastPeriod: fast,
    slowPeriod: slow,
    signalPeriod: signal,
    SimpleMAOscillator: false,
    SimpleMASignal: false,
  });
  return {
    macd: aligned(values.length, rows, (row) => row.MACD),
    signal: aligned(values.length, rows, (row) => row.signal),
    histogram: aligned(values.length, rows, (row) => row.histogram),
  };
}

/** Three lines of MACD, in price. */
export interface MacdColumns {
  readonly macd: Float64Array;
  readonly signal: Float64Array;
  readonly histogram: Float64Array;
}

/** Average directional index of Wilder and its two directional lines, each 0 … 100. */
export function adx(bars: RangeColumns, window = 14): AdxColumns {
  const { high, low, close } = plain(bars);
  const rows = ti.adx({ high, low, close, period: window });
  return {
    adx: aligned(close.length, rows, (row) => row.adx),
    plus: aligned(close.length, rows, (row) => row.pdi),
    minus: aligned(close.length, rows, (row) => row.mdi),
  };
}

/** Strength of a trend and its two directions, 0 … 100. */
export interface AdxColumns {
  readonly adx: Float64Array;
  readonly plus: Float64Array;
  readonly minus: Float64Array;
}

/** Stochastic oscillator of Lane: %K, where the close lies in the range of `window` bars, and its mean %D; 0 … 100. */
export function stochastic(bars: RangeColumns, window = 14, smooth = 3): { k: Float64Array; d: Float64Array } {
  const { high, low, close } = plain(bars);
  const rows = ti.stochastic({ high, low, close, period: window, signalPeriod: smooth });
  return { k: aligned(close.length, rows, (row) => row.k), d: aligned(close.length, rows, (row) => row.d) };
}

/** Commodity channel index of Lambert: distance of the typical price from its mean, in 0.015 mean deviations. */
export function cci(bars: RangeColumns, window = 20): Float64Array {
  const { high, low, close } = plain(bars);
  return aligned(close.length, ti.cci({ high, low, close, period: window }), (x) => x);
}

/** Williams %R: 0 at the top of the range of `window` bars, −100 at its bottom. */
export function williamsR(bars: RangeColumns, window = 14): Float64Array {
  const { high, low, close } = plain(bars);
  return aligned(close.length, ti.williamsr({ high, low, close, period: window }), (x) => x);
}

/** On-balance volume of Granville, in units of base: volume added on a rise, taken off on a fall; first at bar 1. */
export function obv(bars: { readonly close: Float64Array; readonly volume: Float64Array }): Float64Array {
  const { close, volume } = plain(bars);
  return aligned(close.length, ti.obv({ close, volume }), (x) => x);
}

/** Rate of change over `window` bars, as a fraction (the package gives percent). */
export function rateOfChange(close: Float64Array, window = 12): Float64Array {
  const { close: values } = plain({ close });
  return aligned(values.length, ti.roc({ values, period: window }), (x) => x / 100);
}

/** Mean with weights 1 … `window`, the newest heaviest; in price. */
export function weightedAverage(close: Float64Array, window = 20): Float64Array {
  const { close: values } = plain({ close });
  return aligned(values.length, ti.wma({ values, period: window }), (x) => x);
}

/** Pads a shortened result in front, so that its last value stands at the last bar. */
function aligned<Row>(length: number, rows: readonly Row[], pick: (row: Row) => number | undefined): Float64Array {
  const column = new Float64Array(length).fill(Number.NaN);
  const first = length - rows.length;
  rows.forEach((row, i) => {
    column[first + i] = pick(row) ?? Number.NaN;
  });
  return column;
}

/** The columns as plain arrays. Throws `DATA.HOLE` where one has a gap or another length than the first. */
function plain<Name extends string>(columns: { readonly [K in Name]: Float64Array }): { [K in Name]: number[] } {
  const result = {} as { [K in Name]: number[] };
  let length: number | undefined;
  for (const name of Object.keys(columns) as Name[]) {
    const column = columns[name];
    length ??= column.length;
    const hole =
      column.length === length ? column.findIndex((x) => !Number.isFinite(x)) : Math.min(length, column.length);
    if (hole >= 0) {
      throw new FxError('DATA.HOLE', {
        message: `an indicator needs a number at every bar: ${name} has none at bar ${hole}`,
        next: 'Fill or cut the gap first; one missing value would spoil all values after it.',
        facts: { column: name, bar: hole },
      });
    }
    result[name] = Array.from(column);
  }
  return result;
}
