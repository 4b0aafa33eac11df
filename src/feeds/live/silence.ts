import { newYorkOffsetMs } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Periods } from './periods.js';

const HOUR_MS = 3_600_000;
/** Hours of New York at which the market changes hands: Asia, London, London with New York, New York alone. */
const SESSION_STARTS = [17, 3, 8, 12] as const;
/** A quote this many usual pauses late is missing: with quotes that come by chance, once in 10⁸ times. */
const PAUSES = 20;
/** Nobody is called silent sooner than this, ms. */
const SHORTEST_MS = 30_000;
/** And nobody is waited for longer, however quiet it usually is, ms. */
const LONGEST_MS = 30 * 60_000;
/** Until a session is known, ms. */
const UNKNOWN_MS = 5 * 60_000;
/** Pauses from which a usual one is known. */
const LEARNED = 30;
const WEIGHT = 0.02;

/**
 * How long an instrument may be quiet before its subscription counts as silent: the connection is open, others are quoted,
 * and nothing comes. Learnt from its own pauses, apart for each part of the day. A closed market is not silence.
 */
export class Silence {
  readonly #periods: Periods;
  readonly #usual = new Float64Array(SESSION_STARTS.length);
  readonly #seen = new Uint32Array(SESSION_STARTS.length);
  #lastAt = Number.NaN;
  #session = 0;
  #sessionUntil = Number.NEGATIVE_INFINITY;

  constructor(periods: Periods) {
    this.#periods = periods;
  }

  /** A quote came; true when it ends a pause that was too long. Times are those of the receiver. */
  heard(at: EpochMs): boolean {
    const pause = at - this.#lastAt;
    this.#lastAt = at;
    if (!(pause >= 0)) return false;
    const session = this.#sessionAt(at);
    const allowed = this.#allowed(session);
    if (pause > allowed) return at - this.#periods.openSince(at - pause, at) > allowed;
    const seen = this.#seen[session] ?? 0;
    const usual = this.#usual[session] ?? 0;
    this.#usual[session] = seen === 0 ? pause : usual + (pause - usual) * Math.max(WEIGHT, 1 / (seen + 1));
    this.#seen[session] = seen + 1;
    return false;
  }

  /** What was heard before a connection was made again says nothing of the pause in between. */
  forget(): void {
    this.#lastAt = Number.NaN;
  }

  /** Since when it is silent; undefined while it is not, or while the market is closed. `since`: of the subscription. */
  silentSince(now: EpochMs, since: EpochMs): EpochMs | undefined {
    const last = Number.isNaN(this.#lastAt) ? since : Math.max(this.#lastAt, since);
    const allowed = this.#allowed(this.#sessionAt(now));
    if (now - last <= allowed || !this.#periods.isOpen(now)) return undefined;
    const quietFrom = this.#periods.openSince(last, now);
    return now - quietFrom > allowed ? quietFrom : undefined;
  }

  #allowed(session: number): number {
    if ((this.#seen[session] ?? 0) < LEARNED) return UNKNOWN_MS;
    return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (this.#usual[session] ?? 0) * PAUSES));
  }

  #sessionAt(at: EpochMs): number {
    if (at < this.#sessionUntil && at >= this.#sessionUntil - HOUR_MS) return this.#session;
    this.#sessionUntil = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
    const hour = Math.floor((at + newYorkOffsetMs(at)) / HOUR_MS) % 24;
    const after = SESSION_STARTS.findLastIndex((start, i) => i > 0 && hour >= start && hour < 17);
    this.#session = Math.max(0, after);
    return this.#session;
  }
}
