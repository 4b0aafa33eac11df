import type { InstrumentId } from './ids.js';

export type AssetClass = 'fx' | 'stock' | 'crypto' | 'other';

/** The two currencies of a price; the price is quote per base. */
export interface CurrencyPair {
  readonly base: string;
  readonly quote: string;
}

/** When a market is open: the FX week, the New York stock session, always, or whenever the data has a bar. */
export type Hours = 'fx' | 'us-stock' | 'always' | 'data';

/** A tradable pair or paper, and its grid. */
export interface Instrument {
  readonly id: InstrumentId;
  readonly assetClass: AssetClass;
  /** What is held: `EUR` of `EUR/USD`, the ticker of a stock. */
  readonly base: string;
  /** What it is priced and settled in. */
  readonly quote: string;
  /** Smallest price step, quote per base. */
  readonly tick: number;
  /** What traders call one pip, quote per base; 10 ticks of a five-digit FX price. */
  readonly pip: number;
  /** Smallest step of size, units of base. */
  readonly lotStep: number;
  /** Smallest order, units of base. */
  readonly minUnits: number;
  /** Largest order, units of base; undefined where the venue names none. */
  readonly maxUnits?: number;
  /** Share of the notional that a position ties up, 0.0333 for 30:1. */
  readonly marginRate: number;
  /** Usual full spread (ask − bid) in price, used where the data has one price. */
  readonly typicalSpread: number;
  readonly hours: Hours;
  /** For `maxSectorBps`; stocks only, else undefined. */
  readonly sector?: string;
  /** For `maxCorrelatedGroupBps`: instruments of one group move together. */
  readonly group?: string;
  /** Largest notional of one order, account currency. */
  readonly maxOrderNotional?: number;
  /** What the venue itself books for what is held, fractions of its value a year, positive when earned; where it says so. */
  readonly carry?: { readonly long: number; readonly short: number };
}
