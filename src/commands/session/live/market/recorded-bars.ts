import type { EpochMs } from '../../../../core/model/ids.js';
import type { BarColumns, PriceColumns } from '../../../../core/model/market.js';

/** Bars of one instrument as the journal keeps them: a venue may tell another story tomorrow. */
export interface RecordedBars {
  readonly ts: readonly EpochMs[];
  readonly volume: readonly (number | null)[];
  readonly price: RecordedPrices;
  readonly bid?: RecordedPrices;
  readonly ask?: RecordedPrices;
}

type RecordedPrices = Readonly<Record<keyof PriceColumns, readonly number[]>>;

export function toRecorded(bars: BarColumns): RecordedBars {
  const { length, bid, ask } = bars;
  const pricesOf = (columns: PriceColumns): RecordedPrices => ({
    open: listOf(columns.open, length),
    high: listOf(columns.high, length),
    low: listOf(columns.low, length),
    close: listOf(columns.close, length),
  });
  return {
    ts: listOf(bars.ts, length),
    volume: listOf(bars.volume, length).map((volume) => (Number.isNaN(volume) ? null : volume)),
    price: pricesOf(bars.price),
    ...(bid === undefined || ask === undefined ? {} : { bid: pricesOf(bid), ask: pricesOf(ask) }),
  };
}

export function fromRecorded(bars: RecordedBars): BarColumns {
  const pricesOf = (prices: RecordedPrices): PriceColumns => ({
    open: Float64Array.from(prices.open),
    high: Float64Array.from(prices.high),
    low: Float64Array.from(prices.low),
    close: Float64Array.from(prices.close),
  });
  const { bid, ask } = bars;
  return {
    length: bars.ts.length,
    ts: Float64Array.from(bars.ts),
    volume: Float64Array.from(bars.volume, (volume) => volume ?? Number.NaN),
    price: pricesOf(bars.price),
    ...(bid === undefined || ask === undefined ? {} : { bid: pricesOf(bid), ask: pricesOf(ask) }),
  };
}

/** Newest close of all, or `after` when there is no bar. */
export function newestClose(bars: readonly BarColumns[], after: EpochMs): EpochMs {
  return bars.reduce(
    (newest, { ts, length }) => Math.max(newest, length === 0 ? after : (ts[length - 1] ?? after)),
    after,
  );
}

/** The bars that close up to a moment; columns are shared with the input. */
export function rowsUpTo(bars: readonly BarColumns[], until: EpochMs): readonly BarColumns[] {
  return bars.map((columns) => {
    let length = 0;
    while (length < columns.length && (columns.ts[length] ?? Number.NaN) <= until) length++;
    return { ...columns, length };
  });
}

const listOf = (column: Float64Array, length: number): number[] => Array.from(column.subarray(0, length));
