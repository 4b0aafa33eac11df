import type { EpochMs } from '../../../core/model/ids.js';
import { type BarBatch, LAST_OF_DAY, LAST_OF_MONTH, LAST_OF_SLICE, LAST_OF_WEEK } from '../../../core/model/market.js';

const PERIODS = LAST_OF_DAY | LAST_OF_WEEK | LAST_OF_MONTH;

/** Close times that passed while nobody looked. */
export interface Passed {
  readonly closes: number;
  /** Bits of the periods that ended with one of them. */
  readonly periods: number;
}

/** What closed before `newest`, which alone is decided at. */
export async function passedBefore(bars: AsyncIterable<BarBatch>, newest: EpochMs): Promise<Passed> {
  let closes = 0;
  let periods = 0;
  for await (const batch of bars) {
    for (let row = 0; row < batch.length; row++) {
      const flags = batch.flags[row] ?? 0;
      if ((flags & LAST_OF_SLICE) === 0 || batch.ts[row] === newest) continue;
      closes++;
      periods |= flags & PERIODS;
    }
  }
  return { closes, periods };
}

/** Bars whose newest close time also ends every period that ended while nobody looked. */
export async function* withPeriods(
  bars: AsyncIterable<BarBatch>,
  { until, missedPeriods }: { readonly until: EpochMs; readonly missedPeriods: number },
): AsyncIterable<BarBatch> {
  for await (const batch of bars) {
    for (let row = 0; row < batch.length; row++) {
      const flags = batch.flags[row] ?? 0;
      if (batch.ts[row] === until && (flags & LAST_OF_SLICE) !== 0) batch.flags[row] = flags | missedPeriods;
    }
    yield batch;
  }
}
