import { within } from '../base/num.js';
import { DAY_MS, HOUR_MS, newYorkDay, newYorkTime, weekdayOf } from '../model/calendar/calendar.js';
import type { EpochMs, InstrumentId } from '../model/ids.js';
import type { RiskLimits } from './rule.js';

/** What a breaker wants done, as data; the engine journals it and acts. */
export interface BreakerEffect {
  /** A breaker ends with time, a latch only by `resume`, `close-all` flattens the book, `exit` one position; `alert` tells. */
  readonly kind: 'breaker' | 'latch' | 'close-all' | 'exit' | 'alert';
  /** Key of the limit. */
  readonly key: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  /** When a breaker ends by itself. */
  readonly until?: EpochMs;
  readonly strategy?: string;
  readonly instrument?: InstrumentId;
}

/** An open position as the stops and alerts see it. */
export interface PositionState {
  readonly instrument: InstrumentId;
  /** Account currency, negative when losing. */
  readonly unrealizedPnl: number;
  readonly entryTime: EpochMs;
}

/**
 * What one open position calls for: an exit at a loss of `perPositionStopBps` of equity, else an alert at a profit of
 * `profitAlertBps` of equity, or when it has been losing for `staleLoserDays`.
 */
export function judgePosition(
  limits: RiskLimits,
  position: PositionState,
  equity: number,
  now: EpochMs,
): BreakerEffect | undefined {
  const { perPositionStopBps: stop, profitAlertBps: profit, staleLoserDays: stale } = limits;
  const { instrument, unrealizedPnl, entryTime } = position;
  const share = (unrealizedPnl / equity) * 10_000;
  if (stop !== null && unrealizedPnl < 0 && (equity <= 0 || within(stop, -share))) {
    return { kind: 'exit', key: 'perPositionStopBps', value: -share, limit: stop, unit: BPS, instrument };
  }
  if (profit !== null && equity > 0 && within(profit, share)) {
    return { kind: 'alert', key: 'profitAlertBps', value: share, limit: profit, unit: BPS, instrument };
  }
  const days = (now - entryTime) / DAY_MS;
  if (stale !== null && unrealizedPnl < 0 && within(stale, days)) {
    return { kind: 'alert', key: 'staleLoserDays', value: days, limit: stale, unit: 'days', instrument };
  }
  return undefined;
}

/** Unit of every loss. */
export const BPS = 'bps of equity';

/** The next 17:00 New York after a moment, on any day of the week: coins trade on Saturdays. */
export function dayEndAfter(now: EpochMs): EpochMs {
  const day = newYorkDay(now);
  const end = newYorkTime(day, 17 * HOUR_MS);
  return end > now ? end : newYorkTime(day + 1, 17 * HOUR_MS);
}

/** The next Sunday 17:00 New York after a moment: when the FX week begins. */
export function weekEndAfter(now: EpochMs): EpochMs {
  const day = newYorkDay(now);
  const sunday = day + ((7 - weekdayOf(day)) % 7);
  const end = newYorkTime(sunday, 17 * HOUR_MS);
  return end > now ? end : newYorkTime(sunday + 7, 17 * HOUR_MS);
}

/** Loss from one equity to a lower one, bps of the first; negative for a gain. What starts at nothing has lost everything. */
export function lossBps(from: number, to: number): number {
  return from > 0 ? ((from - to) / from) * 10_000 : 10_000;
}
