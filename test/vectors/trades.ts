import { tradeStats } from '../../src/core/analytics/trades.js';
import { type Handler, numberAt, seriesAt } from './handler.js';
import { shaped } from './returns.js';

export const handlers: Readonly<Record<string, Handler>> = {
  trade_stats: (inputs) => {
    const pnl = seriesAt(inputs, 'pnl');
    const risk = Array.isArray(inputs['riskPerTrade'])
      ? seriesAt(inputs, 'riskPerTrade')
      : new Float64Array(pnl.length).fill(numberAt(inputs, 'riskPerTrade'));
    return shaped({ ...tradeStats(pnl, risk) });
  },
};
