import { inverseNormalCdf, normalCdf, normalPdf } from '../math/special.js';
import { finite, isNumber, mean, momentsOf, quantileSorted, type Reason, type Statistic } from '../math/stats.js';

/** Loss quantile and mean loss beyond it, positive fractions of equity over one period of the returns. */
export interface TailLoss {
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
}

/**
 * Historical VaR and ES: q = quantile (type 7) at 1 − confidence; VaR = −q, ES = −mean(r | r ≤ q). A sample that holds
 * less than one observation beyond the quantile says nothing about it: SAMPLE_TOO_SMALL when n (1 − confidence) < 1.
 */
export function historicalTail(returns: ArrayLike<number>, confidence: number): TailLoss | Reason {
  const share = 1 - confidence;
  if (returns.length * share < 1 - 1e-9) return 'SAMPLE_TOO_SMALL';
  const sorted = Float64Array.from(returns).sort();
  // A sort puts NaN last, where the lower tail would never meet it.
  if (Number.isNaN(sorted[sorted.length - 1])) return 'NOT_FINITE';
  const quantile = quantileSorted(sorted, share);
  if (!isNumber(quantile)) return quantile;
  let count = 0;
  while (count < sorted.length && (sorted[count] ?? Number.NaN) <= quantile) count++;
  return tail(-quantile, -mean(sorted.subarray(0, count)));
}

/** Mean loss of the floor((n − 1)(1 − confidence)) + 1 worst returns: what empyrical calls CVaR. */
export function worstReturnsMean(returns: ArrayLike<number>, confidence: number): Statistic {
  if (returns.length === 0) return 'TOO_FEW';
  const sorted = Float64Array.from(returns).sort();
  const count = Math.floor((sorted.length - 1) * (1 - confidence) + 1e-9) + 1;
  return finite(-mean(sorted.subarray(0, count)));
}

/**
 * VaR and ES of a normal law with the sample's mean and deviation: VaR = −(μ + z σ), ES = −μ + σ φ(z) ÷ (1 − confidence).
 * `ddof` 1 is the default; PerformanceAnalytics takes 0.
 */
export function gaussianTail(returns: ArrayLike<number>, confidence: number, ddof: 0 | 1 = 1): TailLoss | Reason {
  const moments = momentsOf(returns);
  if (!isNumber(moments)) return moments;
  const sd = ddof === 1 ? moments.sd : moments.sdPopulation;
  if (!isNumber(sd)) return sd;
  const z = inverseNormalCdf(1 - confidence);
  return tail(-(moments.mean + z * sd), -moments.mean + (sd * normalPdf(z)) / (1 - confidence));
}

/** The Cornish-Fisher quantile of a sample and what it stands on. */
export interface CornishFisher {
  readonly skew: number;
  readonly excessKurtosis: number;
  /** Quantile of the standardized law. */
  readonly z: number;
  readonly valueAtRisk: number;
  /** False where the expansion falls as confidence rises: then report the historical VaR and flag CF_OUT_OF_DOMAIN. */
  readonly inDomain: boolean;
}

/**
 * Modified VaR: z + (z² − 1) S ÷ 6 + (z³ − 3z) K ÷ 24 − (2z³ − 5z) S² ÷ 36 with population moments, K excess
 * (Cornish and Fisher 1937; Zangari 1996). Equals PerformanceAnalytics' VaR(method = "modified").
 */
export function cornishFisher(returns: ArrayLike<number>, confidence: number): CornishFisher | Reason {
  const moments = momentsOf(returns);
  if (!isNumber(moments)) return moments;
  const { skew, kurtosis } = moments;
  if (!isNumber(skew)) return skew;
  if (!isNumber(kurtosis)) return kurtosis;
  const excess = kurtosis - 3;
  const z = expanded(inverseNormalCdf(1 - confidence), skew, excess);
  const loss = finite(-(moments.mean + z * moments.sdPopulation));
  if (!isNumber(loss)) return loss;
  return {
    skew,
    excessKurtosis: excess,
    z,
    valueAtRisk: loss,
    inDomain: isCornishFisherMonotone({ skew, excessKurtosis: excess }),
  };
}

/** Modified VaR where the expansion is valid, else CF_OUT_OF_DOMAIN: the caller reports the historical one and says so. */
export function modifiedVar(returns: ArrayLike<number>, confidence: number): Statistic {
  const fit = cornishFisher(returns, confidence);
  if (!isNumber(fit)) return fit;
  return fit.inDomain ? fit.valueAtRisk : 'CF_OUT_OF_DOMAIN';
}

/**
 * True when the Cornish-Fisher quantile rises with z everywhere in `zRange`: 1 + zS ÷ 3 + (z² − 1) K ÷ 8 − (6z² − 5)
 * S² ÷ 36 is above 0 at both ends and at the vertex.
 */
export function isCornishFisherMonotone(shape: {
  readonly skew: number;
  readonly excessKurtosis: number;
  readonly zRange?: readonly [number, number];
}): boolean {
  const { skew: s, excessKurtosis: k, zRange: [from, to] = [-4, 4] } = shape;
  const square = k / 8 - (s * s) / 6;
  const slope = (z: number) => 1 - k / 8 + (5 * s * s) / 36 + (s / 3) * z + square * z * z;
  const vertex = square === 0 ? from : -s / 6 / square;
  const inside = vertex > from && vertex < to;
  return slope(from) > 0 && slope(to) > 0 && (!inside || slope(vertex) > 0);
}

/**
 * Modified ES of Boudt, Peterson and Croux (2008), never below the modified VaR, as PerformanceAnalytics prints it. For
 * information: it inherits the limits of the expansion.
 */
export function modifiedShortfall(returns: ArrayLike<number>, confidence: number): Statistic {
  const fit = cornishFisher(returns, confidence);
  const moments = momentsOf(returns);
  if (!isNumber(fit)) return fit;
  if (!isNumber(moments)) return moments;
  const { z: g, skew: s, excessKurtosis: k } = fit;
  const density = normalPdf(g);
  const i = (power: number) => partialMoment(power, g);
  const mass =
    density +
    (k / 24) * (i(4) - 6 * i(2) + 3 * density) +
    (s / 6) * (i(3) - 3 * i(1)) +
    ((s * s) / 72) * (i(6) - 15 * i(4) + 45 * i(2) - 15 * density);
  return finite(-moments.mean + moments.sdPopulation * Math.max(mass / (1 - confidence), -g));
}

/** The integrals I^q of Boudt, Peterson and Croux: sums over falling double factorials. */
function partialMoment(power: number, g: number): number {
  const density = normalPdf(g);
  const even = power % 2 === 0;
  let factor = 1;
  let total = 0;
  for (let p = power; p > 0; p -= 2) {
    total += factor * g ** p * density;
    factor *= p;
  }
  return even ? total + factor * density : total - factor * normalCdf(g);
}

function expanded(z: number, s: number, k: number): number {
  const cube = z * z * z;
  return z + ((z * z - 1) * s) / 6 + ((cube - 3 * z) * k) / 24 - ((2 * cube - 5 * z) * s * s) / 36;
}

function tail(valueAtRisk: number, expectedShortfall: number): TailLoss | Reason {
  const both = Number.isFinite(valueAtRisk) && Number.isFinite(expectedShortfall);
  return both ? { valueAtRisk: valueAtRisk + 0, expectedShortfall: expectedShortfall + 0 } : 'NOT_FINITE';
}
