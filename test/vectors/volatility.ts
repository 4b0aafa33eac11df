import { garchFilter, garchFit, garchForecast, garchLongRun } from '../../src/core/analytics/garch.js';
import {
  averageTrueRange,
  ewmaHalfLife,
  ewmaVariance,
  rangeVolatility,
  trueRanges,
  yangZhangVolatility,
} from '../../src/core/analytics/volatility.js';
import { isNumber, mean } from '../../src/core/math/stats.js';
import type { PriceColumns } from '../../src/core/model/market.js';
import { type Handler, type Inputs, numberAt, rowsAt, seriesAt } from './handler.js';
import { orNull, refused, shaped } from './returns.js';

function barsOf(inputs: Inputs): PriceColumns {
  const rows = rowsAt(inputs, 'ohlc');
  const column = (place: number) => Float64Array.from(rows, (row) => row[place] ?? Number.NaN);
  return { open: column(0), high: column(1), low: column(2), close: column(3) };
}

/** Horizons are in the note of the shared vector, not in its inputs. */
const HORIZONS = [1, 5, 10, 22];

export const handlers: Readonly<Record<string, Handler>> = {
  ewma_variance: (inputs) => {
    const lambda = numberAt(inputs, 'lambda_');
    const result = ewmaVariance(seriesAt(inputs, 'returns'), lambda, numberAt(inputs, 'initialVariance'));
    if (!isNumber(result)) return refused(result);
    const nextVol = Math.sqrt(result.next);
    return {
      path: Array.from(result.path),
      next: result.next,
      nextVol,
      annualVol252: nextVol * Math.sqrt(252),
      halfLife: orNull(ewmaHalfLife(lambda)),
    };
  },
  garch11_filter: (inputs) => {
    const residuals = seriesAt(inputs, 'residuals');
    const params = {
      omega: numberAt(inputs, 'omega'),
      alpha: numberAt(inputs, 'alpha'),
      beta: numberAt(inputs, 'beta'),
    };
    const named = inputs['initialVariance'] === 'mean(e^2)';
    const start = named ? mean(residuals.map((e) => e * e)) : numberAt(inputs, 'initialVariance');
    const run = garchFilter(residuals, params, start);
    if (!isNumber(run)) return refused(run);
    const horizons = Array.isArray(inputs['horizons']) ? seriesAt(inputs, 'horizons') : HORIZONS;
    return {
      ...run,
      longRun: orNull(garchLongRun(params)),
      forecast: Array.from(horizons, (horizon) => orNull(garchForecast(params, run.nextVariance, horizon))),
    };
  },
  garch11_fit: (inputs) => {
    const residuals = seriesAt(inputs, 'residuals');
    const center = inputs['mean'] === 'zero' ? 0 : mean(residuals);
    const fit = garchFit(residuals.map((e) => e - center));
    return isNumber(fit) ? fit : refused(fit);
  },
  atr_wilder: (inputs) => {
    const bars = barsOf(inputs);
    const atr = averageTrueRange(bars, numberAt(inputs, 'n'));
    return isNumber(atr) ? { trueRange: Array.from(trueRanges(bars)), atr: Array.from(atr) } : refused(atr);
  },
  range_volatility: (inputs) => {
    const result = rangeVolatility(barsOf(inputs), numberAt(inputs, 'n'), numberAt(inputs, 'periodsPerYear'));
    return isNumber(result) ? shaped({ ...result }) : refused(result);
  },
  yang_zhang_volatility: (inputs) => {
    const alpha = numberAt(inputs, 'alpha');
    const terms = { n: numberAt(inputs, 'n'), periodsPerYear: numberAt(inputs, 'periodsPerYear') };
    const result = yangZhangVolatility(barsOf(inputs), Number.isNaN(alpha) ? terms : { ...terms, alpha });
    return isNumber(result) ? result : refused(result);
  },
};
