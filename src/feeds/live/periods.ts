import { DAY_MS, rollAfter } from '../../core/model/calendar/calendar.js';
import { closeOfDate, isOpen, nextOpen } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Hours } from '../../core/model/instrument.js';

/** Where a vendor's days end, and with them its bars of four hours. */
export type DayEnd = 'new-york' | 'utc';

/** No market closes for less, ms. */
const SHORTEST_BREAK_MS = 30 * 60_000;

/** When the bars of one instrument close, so that those made here are the vendor's own. */
export class Periods {
  readonly timeframeMs: number;
  readonly hours: Hours;
  readonly #dayEnd: DayEnd;
  #from = 0;
  #end = 0;

  constructor(hours: Hours, timeframeMs: number, dayEnd: DayEnd) {
    this.hours = hours;
    this.timeframeMs = timeframeMs;
    this.#dayEnd = dayEnd;
  }

  /** Close of the bar that an instant lies in; a bar begins with its first instant and ends before its close. */
  closeOf(ts: EpochMs): EpochMs {
    if (ts >= this.#from && ts < this.#end) return this.#end;
    this.#end = this.#closeAfter(ts);
    this.#from = ts;
    return this.#end;
  }

  /** True for a moment at which a bar ends. */
  endsAt(ts: EpochMs): boolean {
    return this.#closeAfter(ts - 1) === ts;
  }

  /** The next close that the market's hours allow after a bar that closed at `last`. */
  closeAfter(last: EpochMs): EpochMs {
    return this.#closeAfter(nextOpen(this.hours, last));
  }

  isOpen(ts: EpochMs): boolean {
    return isOpen(this.hours, ts);
  }

  /** Since when the market has been open without a break at `to`, looking no further back than `from`. */
  openSince(from: EpochMs, to: EpochMs): EpochMs {
    for (let at = to; at > from; at -= SHORTEST_BREAK_MS) if (!this.isOpen(at)) return nextOpen(this.hours, at);
    return from;
  }

  #closeAfter(ts: EpochMs): EpochMs {
    const { timeframeMs } = this;
    if (timeframeMs >= DAY_MS && this.hours === 'us-stock') return this.#stockClose(ts);
    const utc = (Math.floor(ts / timeframeMs) + 1) * timeframeMs;
    if (this.#dayEnd === 'utc' || this.hours !== 'fx') return utc;
    const day = rollAfter(ts);
    if (timeframeMs >= DAY_MS) return day;
    // Counted back from the day's end: 17:00 is a whole hour of the world's clock, so only longer bars differ.
    const beforeEnd = Math.floor((day - ts - 1) / timeframeMs) * timeframeMs;
    return day - beforeEnd;
  }

  #stockClose(ts: EpochMs): EpochMs {
    let date = Math.floor(ts / DAY_MS) * DAY_MS - DAY_MS;
    while (closeOfDate(date, 'stock') <= ts || !isOpen('us-stock', closeOfDate(date, 'stock') - 1)) date += DAY_MS;
    return closeOfDate(date, 'stock');
  }
}
