import { floorTo, within } from '../base/num.js';

/** Why a size is zero, or undefined where it is not. */
export type SizeReason =
  | 'BELOW_MIN_SIZE'
  | 'NO_EQUITY'
  | 'NO_PRICE'
  | 'NO_STOP'
  | 'NO_ATR'
  | 'NO_VOLATILITY'
  | 'ZERO_FORECAST_VOL'
  | 'TOO_FEW_TRADES'
  | 'NO_PAYOFF'
  | 'NO_EDGE'
  | 'FLAT';

/** The size grid of an instrument, units of base. */
export interface LotGrid {
  readonly lotStep: number;
  readonly minUnits: number;
}

/**
 * `raw` units cut toward zero to the lot grid; less than the smallest order is zero with `BELOW_MIN_SIZE`.
 * Tolerant of binary fractions: 0.29 on a grid of 0.01 stays 0.29.
 */
export function onLotGrid(raw: number, { lotStep, minUnits }: LotGrid): { units: number; reason?: SizeReason } {
  const units = floorTo(raw, lotStep);
  if (units === 0 || !within(minUnits, Math.abs(units))) return { units: 0, reason: 'BELOW_MIN_SIZE' };
  return { units };
}

export interface FixedFractionalInput extends LotGrid {
  /** Account currency. */
  readonly equity: number;
  /** Share of equity that the stop may lose, a fraction: 0.01. */
  readonly riskFraction: number;
  /** From entry to stop, in price (quote per base). */
  readonly stopDistance: number;
  /** Account currency per unit of quote. */
  readonly quoteToAccount: number;
}

export interface FixedFractional {
  /** 0 or more, on the lot grid. */
  readonly units: number;
  /** Before the grid; undefined without a stop distance. */
  readonly rawUnits: number | undefined;
  /** What the stop loses with `units`, account currency; never more than equity × riskFraction. */
  readonly riskAtStop: number;
  readonly reason?: SizeReason;
}

/**
 * Units of base such that hitting the stop loses at most `riskFraction` of equity; cut toward zero.
 *
 * units = equity × riskFraction ÷ (stopDistance × quoteToAccount). A stop that is no distance away risks nothing on paper
 * and everything in a gap: 0 with `NO_STOP`.
 *
 * @example  10,000 USD, 0.01, stop 0.0050 away on EUR/USD gives 20,000 units
 */
export function fixedFractional(input: FixedFractionalInput): FixedFractional {
  const { equity, riskFraction, stopDistance, quoteToAccount } = input;
  if (!(equity > 0)) return { units: 0, rawUnits: undefined, riskAtStop: 0, reason: 'NO_EQUITY' };
  if (!(stopDistance > 0)) return { units: 0, rawUnits: undefined, riskAtStop: 0, reason: 'NO_STOP' };
  if (!(quoteToAccount > 0)) return { units: 0, rawUnits: undefined, riskAtStop: 0, reason: 'NO_PRICE' };
  const lossPerUnit = stopDistance * quoteToAccount;
  const rawUnits = (equity * riskFraction) / lossPerUnit;
  const size = onLotGrid(rawUnits, input);
  return { ...size, rawUnits, riskAtStop: size.units * lossPerUnit };
}
