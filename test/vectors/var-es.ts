import {
  cornishFisher,
  gaussianTail,
  historicalTail,
  isCornishFisherMonotone,
  modifiedShortfall,
  type TailLoss,
  worstReturnsMean,
} from '../../src/core/analytics/var-es.js';
import { isNumber, type Reason } from '../../src/core/math/stats.js';
import { type Handler, type Inputs, numberAt, seriesAt } from './handler.js';
import { orNull, refused } from './returns.js';

const returnsOf = (inputs: Inputs) => seriesAt(inputs, 'returns');
const confidenceOf = (inputs: Inputs) => numberAt(inputs, 'confidence');
const losses = (result: TailLoss | Reason) =>
  isNumber(result)
    ? { VaR: result.valueAtRisk, ES: result.expectedShortfall }
    : { ...refused(result), VaR: null, ES: null };

export const handlers: Readonly<Record<string, Handler>> = {
  var_historical: (inputs) => losses(historicalTail(returnsOf(inputs), confidenceOf(inputs))),
  es_empyrical_variant: (inputs) => orNull(worstReturnsMean(returnsOf(inputs), confidenceOf(inputs))),
  var_gaussian: (inputs) =>
    losses(gaussianTail(returnsOf(inputs), confidenceOf(inputs), numberAt(inputs, 'ddof') === 0 ? 0 : 1)),
  var_cornish_fisher: (inputs) => {
    const fit = cornishFisher(returnsOf(inputs), confidenceOf(inputs));
    if (!isNumber(fit)) return { ...refused(fit), skew: null, excessKurtosis: null, zCF: null, VaR: null };
    return { skew: fit.skew, excessKurtosis: fit.excessKurtosis, zCF: fit.z, VaR: fit.valueAtRisk };
  },
  es_cornish_fisher_PA: (inputs) => orNull(modifiedShortfall(returnsOf(inputs), confidenceOf(inputs))),
  cornish_fisher_monotone: (inputs) => ({
    monotone: isCornishFisherMonotone({
      skew: numberAt(inputs, 'skew'),
      excessKurtosis: numberAt(inputs, 'excessKurtosis'),
      zRange: (inputs['zRange'] as [number, number] | undefined) ?? [-4, 4],
    }),
  }),
};
