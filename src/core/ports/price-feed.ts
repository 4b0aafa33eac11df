import type { EpochMs } from '../model/ids.js';
import type { Venue } from './venue.js';

/**
 * Prices of a vendor or a venue. Every venue is one: what asks for bars need not know whether orders can go there too.
 * `latestQuotes` and `quotes` are left out where the vendor has none. `quotes` is one connection: it ends or throws when the
 * connection does, and whoever reads it connects again, watches for silence and fails over. A read that fails throws an
 * `FxError` (`FEED.*` or `BROKER.*`): unknown is never empty.
 */
export type PriceFeed = Pick<Venue, 'name' | 'bars' | 'clockOffsetMs' | 'close'> &
  Partial<Pick<Venue, 'latestQuotes' | 'quotes'>>;

/** One published value. */
export interface Observation {
  /** The month or day it is of: `2018-12` or `2018-12-31`. */
  readonly period: string;
  /** The vendor's own digits, a decimal number. */
  readonly value: string;
  /** When the vendor says that it was published; left out where only the usual delay is known. */
  readonly knownAt?: EpochMs;
}

/** Series of published values: interest rates, fixings. */
export interface SeriesFeed {
  readonly name: string;
  /** What is read one after the other, by the vendor's names. */
  readonly series: readonly string[];
  /** Values oldest first; with `from` and `to` (a date, excluded) only those of periods in between. None is an empty list. */
  read(series: string, from: string | undefined, to: string | undefined): Promise<readonly Observation[]>;
  /** Whose interest rate a series is in the year of a period; undefined for none that is known. */
  currencyOf(series: string, period: string): string | undefined;
  /** When a value is usually published: nobody knows it before. */
  knownBy(series: string, period: string): EpochMs;
  readonly clockOffsetMs: number | undefined;
  close(): void;
}
