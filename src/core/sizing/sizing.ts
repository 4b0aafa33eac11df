export type SizingMethod =
  | 'target-weights'
  | 'fixed-fractional'
  | 'volatility-target'
  | 'atr'
  | 'kelly'
  | 'fixed-units';

/** The `sizing.*` settings. */
export interface SizingSettings {
  readonly method: SizingMethod;
  /** `fixed-units`: units of base an order. */
  readonly units: number;
  /** `fixed-fractional` and `atr`: risk a trade, bps of equity. */
  readonly riskBps: number;
  /** `volatility-target`: yearly volatility of one position, bps of equity, and the largest multiple of equity. */
  readonly volTargetBps: number;
  readonly maxLeverage: number;
  /** `atr`: window in bars and stop distance in ATRs. */
  readonly atrWindow: number;
  readonly atrMultiple: number;
  /** `kelly`: share of the full Kelly bet, and trades needed before it bets at all. */
  readonly kellyFraction: number;
  readonly kellyMinTrades: number;
}
