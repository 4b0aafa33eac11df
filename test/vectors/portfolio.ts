import { matrixFrom, quadraticForm } from '../../src/core/math/linalg.js';
import type { Bounds } from '../../src/core/portfolio/bounds.js';
import { hrp } from '../../src/core/portfolio/hrp.js';
import { maxSharpe, sharpeOf } from '../../src/core/portfolio/max-sharpe.js';
import { meanVariance } from '../../src/core/portfolio/mean-variance.js';
import { minVariance } from '../../src/core/portfolio/min-variance.js';
import { riskParity, riskShares } from '../../src/core/portfolio/risk-parity.js';
import { type Inputs, rowsAt, seriesAt } from './handler.js';
import { withRefusals } from './refusals.js';

const covarianceOf = (inputs: Inputs) => matrixFrom(rowsAt(inputs, 'cov'));

export const handlers = withRefusals({
  min_variance: (inputs) => {
    const covariance = covarianceOf(inputs);
    const weights = minVariance(covariance, (inputs['bounds'] as Bounds | null) ?? undefined);
    return { weights: Array.from(weights), vol: Math.sqrt(quadraticForm(covariance, weights)) };
  },
  max_sharpe: (inputs) => {
    const covariance = covarianceOf(inputs);
    const mean = seriesAt(inputs, 'mean');
    const riskFree = Number(inputs['rf']);
    const bounds = inputs['bounds'] as [number, number] | null;
    const sides = bounds === null ? 'free' : 'long';
    const result = maxSharpe({ covariance, mean, riskFree, sides, maxWeight: bounds?.[1] ?? 1 });
    if ('reason' in result) return { error: result.reason };
    const { weights } = result;
    return {
      weights: Array.from(weights),
      sharpe: sharpeOf(weights, mean, riskFree, quadraticForm(covariance, weights)),
    };
  },
  risk_parity: (inputs) => {
    const covariance = covarianceOf(inputs);
    const budget = inputs['budget'] === 'equal' ? undefined : seriesAt(inputs, 'budget');
    const weights = riskParity(covariance, budget);
    return {
      weights: Array.from(weights),
      riskContributionShare: Array.from(riskShares(covariance, weights)),
      vol: Math.sqrt(quadraticForm(covariance, weights)),
    };
  },
  hrp: (inputs) => {
    const { weights, leafOrder, linkHeights } = hrp(covarianceOf(inputs));
    return { weights: Array.from(weights), leafOrder, linkHeights };
  },
  mean_variance_turnover: (inputs) => {
    const { weights, objective, turnover } = meanVariance({
      covariance: covarianceOf(inputs),
      mean: seriesAt(inputs, 'mean'),
      riskAversion: Number(inputs['riskAversion']),
      turnoverCost: Number(inputs['turnoverCost']),
      previous: seriesAt(inputs, 'previousWeights'),
      bounds: inputs['bounds'] as Bounds,
    });
    return { weights: Array.from(weights), objective, turnover };
  },
});
