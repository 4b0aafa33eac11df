import type { EpochMs, InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { OrderIntent } from '../model/order.js';

/** Every limit of the risk book. `null` switches one off (preset `none`). Bps are whole basis points of equity unless said. */
export interface RiskLimits {
  readonly perTradeRiskBps: number | null;
  readonly maxPositionBps: number | null;
  readonly maxGrossLeverage: number | null;
  readonly maxNetLeverage: number | null;
  /** Currencies on one side of a carry book. */
  readonly maxPerSide: number | null;
  readonly maxOpenPositions: number | null;
  readonly maxNewPositionsPerDay: number | null;
  readonly maxCurrencyNetBps: number | null;
  readonly maxSectorBps: number | null;
  readonly maxCorrelatedGroupBps: number | null;
  readonly minCashReserveBps: number | null;
  readonly requireStop: boolean;
  /** Of price. */
  readonly defaultStopBps: number | null;
  readonly perPositionStopBps: number | null;
  readonly dailyLossBps: number | null;
  readonly maxConsecutiveLosses: number | null;
  readonly coolDownMs: number;
  readonly weeklyLossBps: number | null;
  readonly drawdownReduceBps: number | null;
  readonly drawdownHaltBps: number | null;
  readonly drawdownStopBps: number | null;
  readonly var95DayBps: number | null;
  readonly es95DayBps: number | null;
  readonly maxOrdersPerMinute: number | null;
  readonly maxRepeatedExecutions: number | null;
  readonly duplicateWindowMs: number;
  readonly priceCollarBps: number | null;
  readonly maxSpreadBps: number | null;
  readonly maxSlippageBps: number | null;
  /** Account currency, by instrument; an instrument's own `maxOrderNotional` is the other source. */
  readonly maxOrderNotional: number | null;
  readonly maxQuoteAgeMs: {
    readonly market: number | null;
    readonly limit: number | null;
    readonly daily: number | null;
  };
  readonly maxRateAgeMs: number | null;
  readonly profitAlertBps: number | null;
  readonly staleLoserDays: number | null;
  readonly orderTimeoutMs: number | null;
  readonly useLimitOrders: boolean;
}

/** One broken limit: what, its value, the limit, the unit. */
export interface Failure {
  /** Key of the limit (`maxGrossLeverage`), or `halted`, `breaker.dailyLoss`, `stop.missing` and the like. */
  readonly limit: string;
  readonly value: number | null;
  readonly max: number | null;
  readonly unit: string;
  readonly message: string;
}

/** What the gate needs to know of one instrument, now. */
export interface InstrumentView {
  readonly instrument: Instrument;
  /** Signed units held. */
  readonly units: number;
  /** Signed units of working, in-flight and unresolved orders that could open or grow risk, counted as filled. */
  readonly pendingUnits: number;
  /**
   * Of them those that buy and those that sell, both 0 or more, where both are on their way: they do not cancel out, since one
   * may fill and the other not. Left out: all are on the side of `pendingUnits`.
   */
  readonly pendingSides?: { readonly buys: number; readonly sells: number } | undefined;
  /** What market exits on their way will take from what is held, 0 or more. Left out: none is on its way. */
  readonly leavingUnits?: number | undefined;
  /** Mid, quote per base; NaN when no price is known. */
  readonly price: number;
  /** Full spread in price. */
  readonly spread: number;
  /** A second source's mid, where there is one. */
  readonly secondPrice?: number | undefined;
  /** Account currency per unit of quote, at the mid. */
  readonly quoteToAccount: number;
  readonly quoteAgeMs: number;
  /** Expected or lately paid slippage of a market order, bps of price; undefined where nobody knows. */
  readonly slippageBps?: number;
  /** Length of the bars behind the price, 0 for ticks: picks the age limit. */
  readonly timeframeMs: number;
  /** Age of the older of its two currencies' rates; undefined where rates play no part. */
  readonly rateAgeMs?: number | undefined;
  /** Daily returns of the mid, oldest first, for VaR; may be short. */
  readonly dailyReturns: Float64Array;
  /** What blocks entries of this instrument alone, such as a halt of its scope. */
  readonly blocked?: readonly Failure[] | undefined;
  /** Nothing of this instrument may leave, not even an exit. */
  readonly nothingMayLeave?: boolean | undefined;
}

/** The book as the gate sees it. Amounts in account currency. */
export interface BookView {
  readonly now: EpochMs;
  readonly equity: number;
  readonly marginUsed: number;
  readonly currency: string;
  readonly instruments: ReadonlyMap<InstrumentId, InstrumentView>;
  /** Positions opened from flat since 17:00 New York. */
  readonly newPositionsToday: number;
  /** Times of orders sent in the last minute, retries included. */
  readonly ordersLastMinute: number;
  /** Orders sent within `duplicateWindow`, for the duplicate check. */
  readonly recentIntents: readonly OrderIntent[];
  /** A breaker or latch that blocks entries, with its reason; undefined when none. */
  readonly blocked: readonly Failure[];
  /** Nothing new may leave, not even an exit (halt mode `all`). */
  readonly nothingMayLeave: boolean;
  /** True for strategies whose book is long some currencies and short others: `maxPerSide` applies. */
  readonly carryBook: boolean;
}
