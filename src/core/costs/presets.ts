import type { CostModel } from './model.js';

/**
 * Spread by hour in New York, times the typical one. 17:00 is the roll, when banks step back for some minutes: 4 times
 * typical there is careful for a whole hour (retail quotes show about 5 times at the worst moment), and the hours on both
 * sides are thin. The Asian morning is wider than London and New York together (08:00 to 11:00). Measure your own quotes
 * before you trust a backtest of short trades.
 */
const HOURS_NEW_YORK = [
  1.2, 1.1, 1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.85, 0.85, 0.85, 0.9, 1.0, 1.0, 1.1, 1.2, 1.6, 4.0, 2.0, 1.5, 1.3, 1.2, 1.2,
  1.2,
] as const;

/**
 * What careful retail money pays.
 *
 * Spread: the instrument's typical one (a broker without commission, such as OANDA's spread-only account, has its
 * commission in it), so FX pays no commission on top. Stocks: 0.005 USD a share, at least 1, at most 1 % (Interactive
 * Brokers' fixed plan). Coins: 10 bps (the first tier of Binance spot is 0.10 %). Slippage: 0.2 bps and a fiftieth of the
 * bar's own volatility. Impact: Y = 1, the careful end of 0.5 … 1; the daily volumes are far below what the BIS 2022
 * survey counts for major pairs (7.5 trillion USD a day in all), because one venue sees a sliver of it. Mark-up: 25 bps a
 * year on each side, a judgement: what brokers publish differs several times over by account and region, so set your own.
 */
export const defaultCosts: CostModel = {
  name: 'default',
  spread: { useData: true, typicalMultiple: 1, hourMultiplier: HOURS_NEW_YORK },
  slippage: { fixedBps: 0.2, volatilityMultiple: 0.02 },
  impact: { y: 1, adv: { fx: 1e9, stock: 1e6, crypto: null, other: null } },
  commission: {
    fx: { tiers: [[0, 0]], minPerOrder: 0 },
    stock: { perShare: 0.005, minPerOrder: 1, maxFraction: 0.01 },
    crypto: { tiers: [[0, 0.001]], minPerOrder: 0 },
    other: { tiers: [[0, 0.0002]], minPerOrder: 0 },
  },
  financing: { markup: 0.0025 },
  fills: { participation: 0.1, latencyMs: 0, rejectRate: 0 },
};

/**
 * No spread, commission, slippage, impact or mark-up, and every order fills whole. The rate differential is no cost: it is
 * part of what a currency position returns, and stays.
 */
export const noCosts: CostModel = {
  name: 'none',
  spread: { useData: false, typicalMultiple: 0, hourMultiplier: HOURS_NEW_YORK.map(() => 1) },
  slippage: { fixedBps: 0, volatilityMultiple: 0 },
  impact: { y: 0, adv: { fx: null, stock: null, crypto: null, other: null } },
  commission: {
    fx: { tiers: [[0, 0]], minPerOrder: 0 },
    stock: { perShare: 0, minPerOrder: 0, maxFraction: 0 },
    crypto: { tiers: [[0, 0]], minPerOrder: 0 },
    other: { tiers: [[0, 0]], minPerOrder: 0 },
  },
  financing: { markup: 0 },
  fills: { participation: null, latencyMs: 0, rejectRate: 0 },
};
