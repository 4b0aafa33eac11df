import type { EpochMs, InstrumentId } from './ids.js';

/** Bits of `BarBatch.flags`. The day, week and month of a bar are those of the instant before its close, UTC. */
export const LAST_OF_SLICE = 1;
export const LAST_OF_DAY = 2;
export const LAST_OF_WEEK = 4;
export const LAST_OF_MONTH = 8;

/** One price a row, for each of the four corners of a bar. */
export interface PriceColumns {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/**
 * Some bars of one instrument, as columns, oldest first. `length` rows are in use; the arrays may be longer and may be
 * reused by the reader for its next chunk. A tick is a bar whose four corners are one price.
 */
export interface BarColumns {
  readonly length: number;
  /** Close time of the bar. */
  readonly ts: Float64Array;
  /** The price of the file: mid, or the side that `SeriesInfo.side` says. For two-sided data the mid. */
  readonly price: PriceColumns;
  /** Units of base; NaN where the file has none. */
  readonly volume: Float64Array;
  /** Present when the data has both sides. */
  readonly bid?: PriceColumns;
  readonly ask?: PriceColumns;
  /** Dividends and splits that take effect inside this chunk, oldest first. */
  readonly actions?: readonly CorporateAction[];
}

/** What a file or a source holds for one instrument. */
export interface SeriesInfo {
  readonly instrument: InstrumentId;
  /** `mid` (fixings, trades), `bid` (one-sided exports) or `both`. */
  readonly side: 'mid' | 'bid' | 'both';
  /** Length of a bar in ms; 0 for ticks. */
  readonly timeframeMs: number;
  /** Made up by the simulated market: said in every table and file. */
  readonly simulated: boolean;
}

export interface CorporateAction {
  readonly instrument: InstrumentId;
  /** The action is due before the first bar whose open is at or after this time. */
  readonly ts: EpochMs;
  /** A dividend is an amount in quote currency a unit; a split is new units for one old. */
  readonly kind: 'dividend' | 'split';
  readonly value: number;
}

/** Rows of all instruments in time order, merged; all bars of one close time form a slice. */
export interface BarBatch {
  readonly length: number;
  /** Index into the session's instruments. */
  readonly instrument: Uint16Array;
  readonly ts: Float64Array;
  readonly price: PriceColumns;
  readonly volume: Float64Array;
  /** Both or neither; a row without both sides holds NaN. */
  readonly bid?: PriceColumns;
  readonly ask?: PriceColumns;
  /** LAST_OF_SLICE and so on. */
  readonly flags: Uint8Array;
  readonly actions?: readonly CorporateAction[];
}

/** One bar as strategies see it. The object may be reused: copy what you keep. */
export interface Bar {
  readonly instrument: InstrumentId;
  /** Close time. */
  readonly ts: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Interest of one currency, as it became known. */
export interface RateSeries {
  readonly currency: string;
  /** When each value became known, ascending. */
  readonly knownAt: Float64Array;
  /** Fraction a year: 0.0525. */
  readonly rate: Float64Array;
}
