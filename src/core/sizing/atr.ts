import { type FixedFractional, fixedFractional, type LotGrid } from './fixed-fractional.js';

export interface AtrInput extends LotGrid {
  /** Account currency. */
  readonly equity: number;
  /** Share of equity that a move of `multiple` ATRs may lose, a fraction. */
  readonly riskFraction: number;
  /** Average true range of the bar the strategy trades, in price. */
  readonly atr: number;
  readonly multiple: number;
  /** Account currency per unit of quote. */
  readonly quoteToAccount: number;
}

/**
 * Units such that a move of `multiple` average true ranges loses at most `riskFraction` of equity, and that distance in
 * price. An ATR of zero (a market that did not move) gives no size: `NO_STOP`.
 *
 * @example  10,000 USD, 0.01, ATR 0.0062, multiple 2 gives 8,064 units and a stop 0.0124 away
 */
export function atrSize(input: AtrInput): FixedFractional & { readonly stopDistance: number } {
  const stopDistance = input.multiple * input.atr;
  return { ...fixedFractional({ ...input, stopDistance }), stopDistance };
}
