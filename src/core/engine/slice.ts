import type { EpochMs } from '../model/ids.js';
import { LAST_OF_DAY, LAST_OF_MONTH, LAST_OF_WEEK } from '../model/market.js';
import { knowledgeTime } from '../model/rates.js';

/**
 * The close time that is being worked on. One object for the whole run, which the view and the recorder read: numbers that
 * are handed from call to call are put into boxes, and for each bar that costs more than the work on it.
 */
export class Slice {
  /** NaN before the first. */
  ts: EpochMs = Number.NaN;
  /** `LAST_OF_SLICE` and so on; 0 while not all bars are known, and once its equity row is written. */
  flags = 0;
  /** Cash plus open profit at the last marking, account currency. */
  equity = 0;

  get endsDay(): boolean {
    return (this.flags & LAST_OF_DAY) !== 0;
  }

  get endsWeek(): boolean {
    return (this.flags & LAST_OF_WEEK) !== 0;
  }

  get endsMonth(): boolean {
    return (this.flags & LAST_OF_MONTH) !== 0;
  }

  /** Up to when rates count as known. */
  get knowledge(): EpochMs {
    return knowledgeTime(this.ts, this.endsMonth);
  }
}
