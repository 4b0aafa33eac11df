import type { EpochMs } from '../../../../core/model/ids.js';
import type { Clock } from '../../../../core/ports/clock.js';
import type { Venue } from '../../../../core/ports/venue.js';

/** The venue tells its time in whole seconds, and an answer takes a while. */
export const CLOCK_WARN_MS = 2_000;

/**
 * The time by which bars close: our clock's, unless the venue's is further away than its answers are exact. A clock that
 * somebody sets back while a session runs must not make it wait for bars that closed long ago.
 */
export function marketNow(clock: Clock, { clockOffsetMs = 0 }: Pick<Venue, 'clockOffsetMs'>): EpochMs {
  return clock.now() + (Math.abs(clockOffsetMs) > CLOCK_WARN_MS ? Math.round(clockOffsetMs) : 0);
}
