import type { RiskLimits } from './rule.js';

export type PresetName = 'standard' | 'cautious' | 'carry' | 'none';

export const PRESET_NAMES: readonly PresetName[] = ['standard', 'cautious', 'carry', 'none'];

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Preset `standard`, the default: the limits of a small account that a person watches. */
export const standardLimits: RiskLimits = Object.freeze({
  perTradeRiskBps: 100,
  maxPositionBps: 1000,
  maxGrossLeverage: 2,
  maxNetLeverage: 1,
  maxPerSide: 3,
  maxOpenPositions: 10,
  maxNewPositionsPerDay: 3,
  maxCurrencyNetBps: 5000,
  maxSectorBps: 3000,
  maxCorrelatedGroupBps: 4000,
  minCashReserveBps: 2500,
  requireStop: true,
  defaultStopBps: 800,
  perPositionStopBps: 500,
  dailyLossBps: 200,
  maxConsecutiveLosses: 3,
  coolDownMs: DAY,
  weeklyLossBps: 1000,
  drawdownReduceBps: 1000,
  drawdownHaltBps: 1500,
  drawdownStopBps: 2500,
  var95DayBps: 200,
  es95DayBps: 300,
  maxOrdersPerMinute: 10,
  maxRepeatedExecutions: 20,
  duplicateWindowMs: 5 * SECOND,
  priceCollarBps: 50,
  maxSpreadBps: 20,
  maxSlippageBps: 50,
  maxOrderNotional: null,
  maxQuoteAgeMs: Object.freeze({ market: 2 * SECOND, limit: 10 * SECOND, daily: 60 * MINUTE }),
  maxRateAgeMs: 45 * DAY,
  profitAlertBps: 2000,
  staleLoserDays: 30,
  orderTimeoutMs: 60 * MINUTE,
  useLimitOrders: true,
});

/** Preset `cautious`: two small positions, the first weeks of a new strategy. */
export const cautiousLimits: RiskLimits = Object.freeze({
  ...standardLimits,
  maxPositionBps: 200,
  maxOpenPositions: 2,
});

/** Preset `carry`, the default of the strategy `carry`: six legs of up to 30 % that open on one day of the month. */
export const carryLimits: RiskLimits = Object.freeze({
  ...standardLimits,
  maxPositionBps: 3000,
  perPositionStopBps: 500,
  perTradeRiskBps: 150,
  maxOpenPositions: 6,
  maxNewPositionsPerDay: 6,
  dailyLossBps: 300,
});

/** Preset `none`, for backtests only: every limit, stop rule and age is off. Malformed orders are still refused. */
export const noLimits: RiskLimits = Object.freeze({
  perTradeRiskBps: null,
  maxPositionBps: null,
  maxGrossLeverage: null,
  maxNetLeverage: null,
  maxPerSide: null,
  maxOpenPositions: null,
  maxNewPositionsPerDay: null,
  maxCurrencyNetBps: null,
  maxSectorBps: null,
  maxCorrelatedGroupBps: null,
  minCashReserveBps: null,
  requireStop: false,
  defaultStopBps: null,
  perPositionStopBps: null,
  dailyLossBps: null,
  maxConsecutiveLosses: null,
  coolDownMs: 0,
  weeklyLossBps: null,
  drawdownReduceBps: null,
  drawdownHaltBps: null,
  drawdownStopBps: null,
  var95DayBps: null,
  es95DayBps: null,
  maxOrdersPerMinute: null,
  maxRepeatedExecutions: null,
  duplicateWindowMs: 0,
  priceCollarBps: null,
  maxSpreadBps: null,
  maxSlippageBps: null,
  maxOrderNotional: null,
  maxQuoteAgeMs: Object.freeze({ market: null, limit: null, daily: null }),
  maxRateAgeMs: null,
  profitAlertBps: null,
  staleLoserDays: null,
  orderTimeoutMs: null,
  useLimitOrders: false,
});

const PRESETS: Readonly<Record<PresetName, RiskLimits>> = {
  standard: standardLimits,
  cautious: cautiousLimits,
  carry: carryLimits,
  none: noLimits,
};

/** The limits of a preset, frozen. */
export function presetLimits(name: PresetName): RiskLimits {
  return PRESETS[name];
}
