import type { SeenPrice } from '../model/event.js';
import type { ClientId, EpochMs, InstrumentId, OrderId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { RateSeries } from '../model/market.js';
import type { RiskLimits } from '../risk/rule.js';
import type { SentimentBook } from '../sentiment/sentiment-book.js';
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

/** How a person is asked before an entry leaves. */
export interface ApprovalParts {
  /** A question that nobody answers within this is a no. */
  readonly timeoutMs: number;
  /** Furthest the mid may move between question and answer, bps; null sets no limit. */
  readonly bandBps: number | null;
  /** What an answer is bound to, beside the order itself. */
  readonly account: string;
  readonly configHash: string;
  readonly broker: string;
  /** The broker's own part of the interest, fraction a year. */
  readonly markup: number;
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
  /** Headlines, each seen from the moment on at which it was known, and the half-life that a strategy gets that names none. */
  readonly news?: { readonly book: SentimentBook; readonly halfLifeMs: number };
  /** Seeds the client ids, with the order's number. */
  readonly runKey: string;
  /** Client id of an order, where it must never have been used before, not even by a backup of this book. */
  readonly mint?: (id: OrderId) => ClientId;
  /** No order before it; earlier bars warm indicators up. */
  readonly decideFrom: EpochMs;
  /** Present where a person is asked before an entry leaves. */
  readonly approval?: ApprovalParts;
  /**
   * What is known of an instrument's price now beside its bars: its age, and what a second source says. Like halts it comes from
   * outside and is asked for right before an order may leave; undefined where the bar itself is the newest.
   */
  heard?(id: InstrumentId): Pick<SeenPrice, 'ageMs' | 'second'> | undefined;
  halted(instrument: Instrument): HaltState;
}
