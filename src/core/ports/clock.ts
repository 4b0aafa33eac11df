import type { EpochMs } from '../model/ids.js';

/** The only door to time. */
export interface Clock {
  now(): EpochMs;
  /** Told the time of each event, before it is acted on. */
  observe(ts: EpochMs): void;
}

/** Time that only goes forward, whatever is done to the wall clock: what deadlines and rates are measured with. */
export interface Stopwatch {
  /** Milliseconds since some instant of its own. */
  mono(): number;
  /** Which start of the machine it counts from: readings of the same one can be compared whichever process took them. Absent: nobody else's can. */
  readonly boot?: string;
}

/** Resolves after `ms`, or at once when the signal is aborted; never rejects. A simulator passes one of its own. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

/** The machine's own stopwatch; `boot`: which start of the machine this is, empty where nobody knows. */
export function systemStopwatch(boot = ''): Stopwatch {
  return { mono: () => Number(process.hrtime.bigint()) / 1e6, ...(boot === '' ? {} : { boot }) };
}

/** The wall clock: paper in real time, live, run ids. */
export function systemClock(): Clock {
  return { now: () => Date.now(), observe: () => undefined };
}

/** The time of the last event, nothing else: backtest and replay cannot depend on how fast the machine is. */
export function replayClock(start: EpochMs): Clock {
  return new ReplayClock(start);
}

/** A class, because a number in a field is written in place and one in a closure is not. */
class ReplayClock implements Clock {
  #now = 0;

  constructor(start: EpochMs) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  observe(ts: EpochMs): void {
    if (ts > this.#now) this.#now = ts;
  }
}
