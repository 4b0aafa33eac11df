import type { CostModel } from './model.js';

/**
 * How much worse than the touch a market or stop order fills, as a fraction of price, 0 or more: a fixed part and a share
 * of the bar's own volatility (`sigma`, deviation of per-bar returns; 0 or NaN while unknown).
 */
export function slippageFraction(model: CostModel['slippage'], sigma: number): number {
  return model.fixedBps / 10_000 + (sigma > 0 ? model.volatilityMultiple * sigma : 0);
}
