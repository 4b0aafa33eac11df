import type { EpochMs } from '../model/ids.js';

/** The only door to time. */
export interface Clock {
  now(): EpochMs;
  /** Told the time of each event, before it is acted on. */
  observe(ts: EpochMs): void;
}

/** The wall clock: paper in real time, live, run ids. */
export function systemClock(): Clock {
  return { now: () => Date.now(), observe: () => undefined };
}

/** The time of the last event, nothing else: backtest and replay cannot depend on how fast the machine is. */
export function replayClock(start: EpochMs): Clock {
  let now = start;
  return {
    now: () => now,
    observe(ts) {
      if (ts > now) now = ts;
    },
  };
}
