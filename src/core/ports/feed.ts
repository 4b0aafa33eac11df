import type { BarColumns, SeriesInfo } from '../model/market.js';

/** Prices of one instrument, chunk by chunk, oldest first; never the whole file in memory. */
export interface BarSource {
  readonly info: SeriesInfo;
  /** Each call starts again at the first bar. Throws `DATA.*` (an FxError) at the first row it cannot use. */
  chunks(signal: AbortSignal): AsyncIterable<BarColumns>;
}
