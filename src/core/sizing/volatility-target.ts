import type { AssetClass } from '../model/instrument.js';
import type { SizeReason } from './fixed-fractional.js';

/** Trading days a year, by what is traded: 252 for stocks, 365 for coins, 260 weekdays for the rest. */
export function periodsPerYear(assetClass: AssetClass): number {
  if (assetClass === 'stock') return 252;
  return assetClass === 'crypto' ? 365 : 260;
}

/**
 * Multiple of equity that brings a position with the forecast volatility to the target, at most `cap`; both volatilities
 * yearly fractions. A forecast of zero would ask for an endless position: undefined with `ZERO_FORECAST_VOL`.
 */
export function volTargetLeverage(
  targetVol: number,
  forecastVol: number,
  cap: number,
): { readonly leverage: number | undefined; readonly reason?: SizeReason } {
  if (!(forecastVol > 0)) return { leverage: undefined, reason: 'ZERO_FORECAST_VOL' };
  return { leverage: Math.min(cap, targetVol / forecastVol) };
}
