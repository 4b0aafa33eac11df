import { activeReturn, alphaBeta, geometricActive } from '../../src/core/analytics/benchmark.js';
import { isNumber, type Reason, type Statistic } from '../../src/core/math/stats.js';
import { type Handler, numberAt, seriesAt } from './handler.js';
import { refused, shaped } from './returns.js';

const answer = (result: Readonly<Record<keyof never, Statistic>> | object | Reason) =>
  isNumber(result) ? shaped({ ...(result as Record<string, Statistic>) }) : refused(result as Reason);

export const handlers: Readonly<Record<string, Handler>> = {
  alpha_beta: (inputs) =>
    answer(
      alphaBeta(seriesAt(inputs, 'returns'), seriesAt(inputs, 'benchmark'), {
        rfPerPeriod: numberAt(inputs, 'rfPerPeriod'),
        periodsPerYear: numberAt(inputs, 'periodsPerYear'),
      }),
    ),
  information_ratio: (inputs) =>
    answer(
      activeReturn(seriesAt(inputs, 'returns'), seriesAt(inputs, 'benchmark'), numberAt(inputs, 'periodsPerYear')),
    ),
  information_ratio_geometric_PA: (inputs) =>
    answer(
      geometricActive(seriesAt(inputs, 'returns'), seriesAt(inputs, 'benchmark'), numberAt(inputs, 'periodsPerYear')),
    ),
};
