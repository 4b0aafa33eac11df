import type { AssetClass } from '../model/instrument.js';
import type { CostModel } from './model.js';

/** Below this share of the daily volume an order moves no price that can be measured: the half spread is all. */
const LINEAR_REGIME = 1e-4;

/**
 * Price impact of an order as a fraction of price: Y·σ·√(Q/ADV), σ the daily volatility, Q and ADV in one unit. Y is 0.5 to
 * 1 in the literature (Toth et al. 2011; Sato and Kanazawa 2024 confirm the exponent 0.5 on full Tokyo account data).
 */
export function squareRootImpact(y: number, sigmaDaily: number, quantity: number, adv: number): number {
  return y * sigmaDaily * Math.sqrt(Math.abs(quantity) / adv);
}

/**
 * Impact that the simulated venue charges, a fraction of price, 0 or more: the square root law, and nothing below 1e-4 of
 * the daily volume or where volume or volatility is not known. `adv` is the data's own average daily volume in units of base; where
 * the data has none (undefined) the model's figure for the asset class.
 */
export function modelledImpact(
  model: CostModel['impact'],
  order: {
    readonly assetClass: AssetClass;
    readonly units: number;
    readonly adv: number | undefined;
    readonly sigmaDaily: number;
  },
): number {
  const adv = order.adv ?? model.adv[order.assetClass];
  if (model.y === 0 || adv === null || !(adv > 0 && order.sigmaDaily > 0)) return 0;
  if (Math.abs(order.units) / adv < LINEAR_REGIME) return 0;
  return squareRootImpact(model.y, order.sigmaDaily, order.units, adv);
}

export interface Almgren2005Input {
  /** Shares of the order. */
  readonly quantity: number;
  /** Average daily volume, shares. */
  readonly volume: number;
  /** Time the order takes, days. */
  readonly days: number;
  /** Daily volatility, a fraction. */
  readonly sigma: number;
  readonly sharesOutstanding: number;
}

/**
 * Impact of a stock order, fractions of price: Almgren, Thum, Hauptmann and Li, "Direct estimation of equity market impact"
 * 2005. Temporary 0.142·σ·|X/(VT)|^0.6; permanent 0.314·σ·(X/V)·(Θ/V)^0.25, of which the order itself pays half.
 */
export function almgren2005(input: Almgren2005Input): {
  readonly permanent: number;
  readonly temporary: number;
  readonly cost: number;
} {
  const { quantity, volume, days, sigma, sharesOutstanding } = input;
  const permanent = 0.314 * sigma * (quantity / volume) * (sharesOutstanding / volume) ** 0.25;
  const temporary = Math.sign(quantity) * 0.142 * sigma * Math.abs(quantity / (volume * days)) ** 0.6;
  return { permanent, temporary, cost: permanent / 2 + temporary };
}

export interface AlmgrenChrissInput {
  /** Units to sell (or buy). */
  readonly quantity: number;
  /** Time to do it in, and into how many equal intervals it is cut. */
  readonly time: number;
  readonly intervals: number;
  /** Price volatility, price per √time. */
  readonly sigma: number;
  /** Temporary impact: price per (unit per time). */
  readonly eta: number;
  /** Permanent impact: price per unit. */
  readonly gamma: number;
  /** Risk aversion, per money. 0 is the straight line (TWAP). */
  readonly lambda: number;
  /** Half spread and fees: price. */
  readonly epsilon: number;
}

export interface AlmgrenChriss {
  readonly kappa: number;
  /** Units left at the ends of the intervals, from all to none: `intervals + 1` numbers. */
  readonly holdings: readonly number[];
  /** Units done in each interval. */
  readonly trades: readonly number[];
  readonly expectedCost: number;
  readonly variance: number;
}

/**
 * The schedule of least expected cost + λ × variance: Almgren and Chriss, "Optimal execution of portfolio transactions"
 * 2000, discrete form. η̃ = η − γτ/2 must be above 0; 2(cosh κτ − 1)/τ² = λσ²/η̃; xⱼ = X·sinh κ(T − tⱼ)/sinh κT.
 */
export function almgrenChriss(input: AlmgrenChrissInput): AlmgrenChriss | { readonly reason: 'IMPACT_TOO_SMALL' } {
  const { quantity, time, intervals, sigma, eta, gamma, lambda, epsilon } = input;
  const tau = time / intervals;
  const adjusted = eta - (gamma * tau) / 2;
  if (!(adjusted > 0)) return { reason: 'IMPACT_TOO_SMALL' };
  // cosh x − 1 = 2·sinh²(x/2) keeps its digits where κτ is small.
  const kappa = (2 / tau) * Math.asinh((tau / 2) * Math.sqrt((lambda * sigma * sigma) / adjusted));
  const holdings = Array.from({ length: intervals + 1 }, (_, j) => quantity * shareLeft(kappa, time, j / intervals));
  const trades = holdings.slice(1).map((left, k) => (holdings[k] as number) - left);
  const sum = (values: readonly number[], f: (x: number) => number): number => values.reduce((s, x) => s + f(x), 0);
  const square = (x: number): number => x * x;
  return {
    kappa,
    holdings,
    trades,
    expectedCost:
      0.5 * gamma * quantity * quantity + epsilon * sum(trades, Math.abs) + (adjusted / tau) * sum(trades, square),
    variance: sigma * sigma * tau * sum(holdings.slice(1), square),
  };
}

/** sinh(κT(1 − done)) ÷ sinh(κT), without the overflow that sinh has beyond 710. */
function shareLeft(kappa: number, time: number, done: number): number {
  const total = kappa * time;
  if (done === 0) return 1;
  if (total < 1e-8) return 1 - done;
  if (total < 20) return Math.sinh(total * (1 - done)) / Math.sinh(total);
  return (Math.exp(-total * done) - Math.exp(-total * (2 - done))) / (1 - Math.exp(-2 * total));
}
