import type { ClientId, EpochMs, OrderId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { RateSeries } from '../model/market.js';
import type { RiskLimits } from '../risk/rule.js';
import type { SizingSettings } from '../sizing/sizing.js';
import type { StrategyInstance } from '../strategies/strategy.js';

/** What halts allow now; asked before every batch of orders, so that a halt set a moment ago is seen. */
export interface HaltState {
  /** Entries may not leave. */
  readonly entries: boolean;
  /** Nothing may leave, not even an exit. */
  readonly everything: boolean;
  readonly reason: string;
}

/** Everything an engine is made of: plain values and functions, no port. Same parts and same events, same effects. */
export interface EngineParts {
  /** Traded ones first, then those that only convert. */
  readonly instruments: readonly Instrument[];
  readonly tradedCount: number;
  readonly timeframesMs: readonly number[];
  readonly currency: string;
  readonly minorUnitDigits: number;
  readonly capital: number;
  readonly strategy: StrategyInstance;
  readonly strategyName: string;
  /** Closes that the strategy may look back on. */
  readonly history: number;
  /** A book that is long some currencies and short others. */
  readonly carryBook: boolean;
  readonly limits: RiskLimits;
  readonly sizing: SizingSettings;
  readonly rates: readonly RateSeries[];
  /** Seeds the client ids, with the order's number. */
  readonly runKey: string;
  /** Client id of an order, where it must never have been used before, not even by a backup of this book. */
  readonly mint?: (id: OrderId) => ClientId;
  /** No order before it; earlier bars warm indicators up. */
  readonly decideFrom: EpochMs;
  halted(instrument: Instrument): HaltState;
}
