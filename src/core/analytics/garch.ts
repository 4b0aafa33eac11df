import { finite, isNumber, isZeroSpread, largestSize, type Reason, type Statistic, sum } from '../math/stats.js';

/** s²_t = omega + alpha e²_{t−1} + beta s²_{t−1} (Bollerslev 1986). */
export interface GarchParams {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

/** What the filter saw: Gaussian log likelihood and the variance of the next period. */
export interface GarchFiltered {
  readonly logLik: number;
  readonly nextVariance: number;
}

/** A fit, in the unit of the residuals squared. */
export interface GarchFit extends GarchParams, GarchFiltered {
  /** alpha + beta; a shock keeps this share of itself each period. */
  readonly persistence: number;
}

const LOG_2PI = Math.log(2 * Math.PI);
/** Fewer residuals than this cannot tell alpha from beta: use the EWMA. */
const FEWEST = 250;
/** A persistence above this is a fit that found no long-run variance. */
const HIGHEST_PERSISTENCE = 0.9999;

/**
 * Runs GARCH(1,1) over `residuals`, the first variance given: −½ Σ (ln 2π + ln s² + e² ÷ s²), exact for given
 * parameters.
 */
export function garchFilter(
  residuals: ArrayLike<number>,
  params: GarchParams,
  startVariance: number,
): GarchFiltered | Reason {
  const { omega, alpha, beta } = params;
  if (!(omega > 0) || !(alpha >= 0) || !(beta >= 0) || !(startVariance > 0)) return 'INVALID_INPUT';
  if (residuals.length === 0) return 'TOO_FEW';
  let variance = startVariance;
  let total = 0;
  for (let i = 0; i < residuals.length; i++) {
    const e = residuals[i] ?? Number.NaN;
    total += Math.log(variance) + (e * e) / variance;
    variance = omega + alpha * e * e + beta * variance;
  }
  const logLik = -0.5 * (residuals.length * LOG_2PI + total);
  return Number.isFinite(logLik) && Number.isFinite(variance) ? { logLik, nextVariance: variance } : 'NOT_FINITE';
}

/** Variance the model returns to: omega ÷ (1 − alpha − beta); NOT_STATIONARY when alpha + beta is 1 or more. */
export function garchLongRun({ omega, alpha, beta }: GarchParams): Statistic {
  const left = 1 - alpha - beta;
  return left > 0 ? finite(omega / left) : 'NOT_STATIONARY';
}

/** Variance `horizon` periods ahead: LR + (alpha + beta)^(h − 1) × (next − LR); 1 is the next period itself. */
export function garchForecast(params: GarchParams, nextVariance: number, horizon: number): Statistic {
  const longRun = garchLongRun(params);
  if (!isNumber(longRun)) return longRun;
  return finite(longRun + (params.alpha + params.beta) ** (horizon - 1) * (nextVariance - longRun));
}

/** Variance of the sum of the next `horizon` periods: the sum of the forecasts, not horizon times the first. */
export function garchForecastSum(params: GarchParams, nextVariance: number, horizon: number): Statistic {
  const each = Array.from({ length: horizon }, (_, i) => garchForecast(params, nextVariance, i + 1));
  const numbers = each.filter(isNumber);
  return numbers.length === each.length ? finite(sum(numbers)) : 'NOT_STATIONARY';
}

/**
 * Fits GARCH(1,1) to mean-free residuals by maximum likelihood. The start variance is the exponentially weighted mean
 * of the first 75 squares, as the Python package arch takes it; other packages differ in the third digit.
 * TOO_FEW below 250 residuals; NOT_CONVERGED or NOT_STATIONARY rather than a fit that nobody should size by.
 */
export function garchFit(residuals: ArrayLike<number>): GarchFit | Reason {
  const n = residuals.length;
  if (n < FEWEST) return 'TOO_FEW';
  const squares = Float64Array.from(residuals, (e) => e * e);
  const level = sum(squares) / n;
  if (!Number.isFinite(level)) return 'NOT_FINITE';
  const largest = largestSize(residuals);
  if (isZeroSpread(Math.sqrt(level), largest)) return 'ZERO_VARIANCE';
  // At unit variance the search sees the same surface whatever the unit of the residuals.
  const scale = Math.sqrt(level);
  const scaled = Float64Array.from(residuals, (e) => e / scale);
  const start = backcast(scaled);
  const cost = (point: readonly number[]): number => {
    const params = paramsAt(point);
    const run = garchFilter(scaled, params, params.omega + (params.alpha + params.beta) * start);
    return isNumber(run) ? -run.logLik : Number.POSITIVE_INFINITY;
  };
  const best = STARTS.map((from) => minimize(cost, from)).reduce((a, b) => (b.value < a.value ? b : a));
  if (!best.converged) return 'NOT_CONVERGED';
  const unit = paramsAt(best.point);
  const persistence = unit.alpha + unit.beta;
  if (persistence > HIGHEST_PERSISTENCE) return 'NOT_STATIONARY';
  const params = { omega: unit.omega * level, alpha: unit.alpha, beta: unit.beta };
  const run = garchFilter(residuals, params, params.omega + persistence * start * level);
  return isNumber(run) ? { ...params, persistence, ...run } : run;
}

/** Weighted mean of the first squares, weights 0.94^i. */
function backcast(residuals: Float64Array): number {
  let total = 0;
  let weights = 0;
  let weight = 1;
  for (let i = 0; i < Math.min(75, residuals.length); i++) {
    const e = residuals[i] ?? 0;
    total += weight * e * e;
    weights += weight;
    weight *= 0.94;
  }
  return Math.max(total / weights, 1e-12);
}

/** A point of the search is (ln long-run variance, logit of persistence, logit of alpha's share): no bounds to hit. */
function paramsAt(point: readonly number[]): GarchParams {
  const persistence = logistic(point[1] ?? 0);
  const alpha = persistence * logistic(point[2] ?? 0);
  return { omega: Math.exp(point[0] ?? 0) * (1 - persistence), alpha, beta: persistence - alpha };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Calm and slow, usual, quick: persistence 0.98, 0.92, 0.6. */
const STARTS: readonly (readonly number[])[] = [
  [0, 3.9, -2.5],
  [0, 2.4, -2],
  [0, 0.4, -0.5],
];

interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
  readonly converged: boolean;
}

interface Vertex {
  readonly point: readonly number[];
  readonly value: number;
}

/** Nelder and Mead's simplex (1965), at most 2,000 steps, until the corners agree to 1e-9 of the cost. */
function minimize(cost: (point: readonly number[]) => number, from: readonly number[]): Minimum {
  const vertex = (point: readonly number[]): Vertex => ({ point, value: cost(point) });
  let simplex = [vertex(from), ...from.map((_, i) => vertex(from.map((x, j) => (i === j ? x + 0.5 : x))))];
  for (let step = 0; step < 2000; step++) {
    simplex.sort((a, b) => a.value - b.value);
    const best = simplex[0] as Vertex;
    const worst = simplex[simplex.length - 1] as Vertex;
    if (worst.value - best.value <= 1e-10 * (1 + Math.abs(best.value)) && width(simplex) < 1e-5) {
      return { ...best, converged: true };
    }
    simplex = improved(simplex, vertex);
  }
  return { ...(simplex[0] as Vertex), converged: false };
}

function width(simplex: readonly Vertex[]): number {
  const best = simplex[0] as Vertex;
  return Math.max(...simplex.flatMap(({ point }) => point.map((x, j) => Math.abs(x - (best.point[j] ?? 0)))));
}

/** One step on a sorted simplex: reflect, expand, contract, or shrink toward the best corner. */
function improved(simplex: readonly Vertex[], vertex: (point: readonly number[]) => Vertex): Vertex[] {
  const best = simplex[0] as Vertex;
  const worst = simplex[simplex.length - 1] as Vertex;
  const second = simplex[simplex.length - 2] as Vertex;
  const kept = simplex.slice(0, -1);
  const middle = best.point.map((_, j) => kept.reduce((total, v) => total + (v.point[j] ?? 0), 0) / kept.length);
  const along = (reach: number) => vertex(middle.map((m, j) => m + reach * (m - (worst.point[j] ?? 0))));
  const reflected = along(1);
  if (reflected.value < best.value) {
    const expanded = along(2);
    return [...kept, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < second.value) return [...kept, reflected];
  const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
  if (contracted.value < Math.min(reflected.value, worst.value)) return [...kept, contracted];
  return [best, ...simplex.slice(1).map((v) => vertex(v.point.map((x, j) => ((best.point[j] ?? 0) + x) / 2)))];
}
