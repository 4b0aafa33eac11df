import { rowsOf } from '../../src/core/math/linalg.js';
import {
  columnsOf,
  ewmaCovariance,
  ledoitWolfConstantCorrelation,
  ledoitWolfIdentity,
  oracleApproximating,
  type Shrunk,
  sampleCovariance,
} from '../../src/core/portfolio/covariance.js';
import { type Inputs, rowsAt } from './handler.js';
import { withRefusals } from './refusals.js';

const shrunk = ({ covariance, shrinkage }: Shrunk) => ({ cov: rowsOf(covariance), shrinkage });
const returnsOf = (inputs: Inputs) => columnsOf(rowsAt(inputs, 'returns'));

export const handlers = withRefusals({
  covariance_sample: (inputs) => rowsOf(sampleCovariance(returnsOf(inputs))),
  covariance_ewma: (inputs) => rowsOf(ewmaCovariance(returnsOf(inputs), Number(inputs['lambda'] ?? 0.94))),
  covariance_lw_identity: (inputs) => shrunk(ledoitWolfIdentity(returnsOf(inputs))),
  covariance_lw_constant_correlation: (inputs) => {
    const result = ledoitWolfConstantCorrelation(returnsOf(inputs));
    return { ...shrunk(result), avgCorrelation: result.averageCorrelation };
  },
  covariance_oas: (inputs) => shrunk(oracleApproximating(returnsOf(inputs))),
});
