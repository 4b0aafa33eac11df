import { drawdownOf, ulcerIndex } from '../../src/core/analytics/drawdown.js';
import { calmar, downsideDeviation, omega, sharpe, sharpeGeometric, sortino } from '../../src/core/analytics/ratios.js';
import { annualReturnByCount } from '../../src/core/analytics/returns.js';
import { isNumber } from '../../src/core/math/stats.js';
import { type Handler, type Inputs, numberAt, seriesAt } from './handler.js';
import { orNull, refused, shaped } from './returns.js';

const termsOf = (inputs: Inputs) => ({
  rfPerPeriod: numberAt(inputs, 'rfPerPeriod'),
  periodsPerYear: numberAt(inputs, 'periodsPerYear'),
});

export const handlers: Readonly<Record<string, Handler>> = {
  sharpe_sortino_omega: (inputs) => {
    const returns = seriesAt(inputs, 'returns');
    const terms = termsOf(inputs);
    return shaped({
      sharpe: sharpe(returns, terms),
      downsideDev: downsideDeviation(returns, terms.rfPerPeriod),
      sortino: sortino(returns, terms),
      omega: omega(returns, terms.rfPerPeriod),
    });
  },
  sharpe_sortino_variants: (inputs) => {
    const returns = seriesAt(inputs, 'returns');
    const terms = termsOf(inputs);
    return shaped({
      sharpeGeometricPA: sharpeGeometric(returns, terms),
      downsideDevSubset: downsideDeviation(returns, terms.rfPerPeriod, 'subset'),
    });
  },
  drawdown: (inputs) => {
    const result = drawdownOf(seriesAt(inputs, 'returns'));
    return isNumber(result) ? result : refused(result);
  },
  ulcer_calmar: (inputs) => {
    const returns = seriesAt(inputs, 'returns');
    const cagr = annualReturnByCount(returns, numberAt(inputs, 'periodsPerYear'));
    const drawdown = drawdownOf(returns);
    const depth = isNumber(drawdown) ? drawdown.maxDrawdown : drawdown;
    return shaped({ ulcer: ulcerIndex(returns), calmar: calmar(cagr, depth), cagr });
  },
  ulcer_n_minus_1: (inputs) => orNull(ulcerIndex(seriesAt(inputs, 'returns'), 1)),
};
