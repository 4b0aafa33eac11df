import { matrixFrom } from '../../src/core/math/linalg.js';
import { checkCovariance } from '../../src/core/portfolio/bounds.js';
import { atrSize } from '../../src/core/sizing/atr.js';
import { fixedFractional } from '../../src/core/sizing/fixed-fractional.js';
import { kellyBinary, kellyContinuous, kellyGrowth, kellyMultiple } from '../../src/core/sizing/kelly.js';
import { volTargetLeverage } from '../../src/core/sizing/volatility-target.js';
import { numberAt, rowsAt } from './handler.js';
import { withRefusals } from './refusals.js';

export const handlers = withRefusals({
  kelly_binary: (inputs) => {
    const full = kellyBinary(numberAt(inputs, 'winProb'), numberAt(inputs, 'payoff'));
    return { full: full ?? null, used: full === undefined ? 0 : Math.max(0, full * numberAt(inputs, 'fraction')) };
  },
  kelly_continuous: (inputs) => {
    const [mu, sigma, rf] = [numberAt(inputs, 'mu'), numberAt(inputs, 'sigma'), numberAt(inputs, 'rf')];
    const full = kellyContinuous(mu, sigma, rf);
    return {
      full: full ?? null,
      growth: kellyGrowth(mu, sigma, rf, 1) ?? null,
      half: full === undefined ? null : full / 2,
      halfGrowth: kellyGrowth(mu, sigma, rf, 0.5) ?? null,
    };
  },
  kelly_multi: (inputs) => {
    const covariance = matrixFrom(rowsAt(inputs, 'cov'));
    checkCovariance(covariance);
    const mean = Float64Array.from((inputs['mu'] ?? inputs['mean']) as number[]);
    return Array.from(kellyMultiple(covariance, mean, numberAt(inputs, 'rf')));
  },
  fixed_fractional: (inputs) => {
    const { units, rawUnits, riskAtStop, reason } = fixedFractional({
      equity: numberAt(inputs, 'equity'),
      riskFraction: numberAt(inputs, 'riskFraction'),
      stopDistance: numberAt(inputs, 'stopDistance'),
      quoteToAccount: numberAt(inputs, 'quoteToAccount'),
      lotStep: numberAt(inputs, 'lotStep'),
      minUnits: numberAt(inputs, 'minSize'),
    });
    return { units, rawUnits: rawUnits ?? null, riskAtStop, reason: reason ?? null };
  },
  vol_target_leverage: (inputs) => {
    const { leverage, reason } = volTargetLeverage(
      numberAt(inputs, 'targetVol'),
      numberAt(inputs, 'forecastVol'),
      numberAt(inputs, 'cap'),
    );
    return { leverage: leverage ?? null, reason: reason ?? null };
  },
  atr_sizing: (inputs) => {
    const { units, stopDistance, reason } = atrSize({
      equity: numberAt(inputs, 'equity'),
      riskFraction: numberAt(inputs, 'riskFraction'),
      atr: numberAt(inputs, 'atr'),
      multiple: numberAt(inputs, 'multiple'),
      quoteToAccount: numberAt(inputs, 'quoteToAccount'),
      lotStep: numberAt(inputs, 'lotStep'),
      minUnits: numberAt(inputs, 'lotStep'),
    });
    return { units, stopDistance, reason: reason ?? null };
  },
});
