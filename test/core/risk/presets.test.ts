import { describe, expect, it } from 'vitest';
import { PRESET_NAMES, presetLimits } from '../../../src/core/risk/presets.js';
import type { RiskLimits } from '../../../src/core/risk/rule.js';

const changed = (name: 'cautious' | 'carry') =>
  Object.fromEntries(
    Object.entries(presetLimits(name)).filter(
      ([key, value]) => value !== presetLimits('standard')[key as keyof RiskLimits],
    ),
  );

describe('presets', () => {
  it('are four', () => {
    expect(PRESET_NAMES).toEqual(['standard', 'cautious', 'carry', 'none']);
  });

  it('standard is the table of the contract', () => {
    expect(presetLimits('standard')).toMatchObject({
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
      coolDownMs: 86_400_000,
      weeklyLossBps: 1000,
      drawdownReduceBps: 1000,
      drawdownHaltBps: 1500,
      drawdownStopBps: 2500,
      var95DayBps: 200,
      es95DayBps: 300,
      maxOrdersPerMinute: 10,
      maxRepeatedExecutions: 20,
      duplicateWindowMs: 5000,
      priceCollarBps: 50,
      maxSpreadBps: 20,
      maxSlippageBps: 50,
      maxQuoteAgeMs: { market: 2000, limit: 10_000, daily: 3_600_000 },
      maxRateAgeMs: 45 * 86_400_000,
      profitAlertBps: 2000,
      staleLoserDays: 30,
      orderTimeoutMs: 3_600_000,
      useLimitOrders: true,
    });
  });

  it('cautious and carry change what the contract says, nothing else', () => {
    expect(changed('cautious')).toEqual({ maxPositionBps: 200, maxOpenPositions: 2 });
    expect(changed('carry')).toEqual({
      maxPositionBps: 3000,
      perTradeRiskBps: 150,
      maxOpenPositions: 6,
      maxNewPositionsPerDay: 6,
      dailyLossBps: 300,
    });
  });

  it('none switches everything off', () => {
    for (const value of Object.values(presetLimits('none'))) {
      const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
      for (const one of values) expect([null, false, 0]).toContain(one);
    }
  });

  it.each(PRESET_NAMES)('%s is frozen', (name) => {
    expect(Object.isFrozen(presetLimits(name))).toBe(true);
    expect(Object.isFrozen(presetLimits(name).maxQuoteAgeMs)).toBe(true);
  });
});
