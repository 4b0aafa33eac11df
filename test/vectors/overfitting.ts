import {
  deflatedSharpe,
  expectedMaxSharpe,
  minTrackRecord,
  probabilisticSharpe,
  sharpeSample,
} from '../../src/core/analytics/overfitting.js';
import { isNumber } from '../../src/core/math/stats.js';
import { type Handler, type Inputs, numberAt, seriesAt } from './handler.js';
import { orNull, refused } from './returns.js';

const sampleOf = (inputs: Inputs) => ({
  sharpe: numberAt(inputs, 'sharpePerPeriod'),
  n: numberAt(inputs, 'n'),
  skew: numberAt(inputs, 'skew'),
  kurtosis: numberAt(inputs, 'kurtosis'),
});
const trialsOf = (inputs: Inputs) => ({
  count: numberAt(inputs, 'trials'),
  variance: numberAt(inputs, 'varianceOfTrialSharpes'),
});

export const handlers: Readonly<Record<string, Handler>> = {
  probabilistic_sharpe: (inputs) =>
    orNull(probabilisticSharpe({ ...sampleOf(inputs), benchmarkSharpe: numberAt(inputs, 'benchmarkSharpe') })),
  min_track_record: (inputs) =>
    orNull(
      minTrackRecord({
        ...sampleOf(inputs),
        benchmarkSharpe: numberAt(inputs, 'benchmarkSharpe'),
        confidence: numberAt(inputs, 'confidence'),
      }),
    ),
  probabilistic_sharpe_series: (inputs) => {
    const sample = sharpeSample(seriesAt(inputs, 'returns'), numberAt(inputs, 'ddof') === 0 ? 0 : 1);
    if (!isNumber(sample)) return refused(sample);
    const benchmarkSharpe = numberAt(inputs, 'benchmarkSharpePerPeriod');
    return {
      sharpePerPeriod: sample.sharpe,
      skew: sample.skew,
      kurtosis: sample.kurtosis,
      psr: orNull(probabilisticSharpe({ ...sample, benchmarkSharpe })),
      minTRL_vs_0_01: orNull(minTrackRecord({ ...sample, benchmarkSharpe: 0.01, confidence: 0.95 })),
    };
  },
  expected_max_sharpe: (inputs) => orNull(expectedMaxSharpe(trialsOf(inputs))),
  deflated_sharpe: (inputs) => {
    const result = deflatedSharpe(sampleOf(inputs), trialsOf(inputs));
    return isNumber(result) ? { sr0: result.benchmarkSharpe, dsr: result.probability } : refused(result);
  },
};
