import type { BarBatch, BarColumns, RateSeries, SeriesInfo } from '../model/market.js';

/** Prices of one instrument, chunk by chunk, oldest first; never the whole file in memory. */
export interface BarSource {
  readonly info: SeriesInfo;
  /** Each call starts again at the first bar. Throws `DATA.*` (an FxError) at the first row it cannot use. */
  chunks(signal: AbortSignal): AsyncIterable<BarColumns>;
}

/** Everything a session is driven by: merged bars of all its instruments, and what was known of rates. */
export interface Feed {
  /** In the order of the batch's instrument indexes. */
  readonly series: readonly SeriesInfo[];
  readonly rates: readonly RateSeries[];
  stream(signal: AbortSignal): AsyncIterable<BarBatch>;
}
