import { FxError } from '../../../core/base/errors.js';
import type { SweepTime } from '../../../core/dispatch/sweep.js';
import type { Venue, VenueOrder } from '../../../core/ports/venue.js';

/** Signed units by instrument. */
export type Held = ReadonlyMap<string, number>;

/** What a watch works with. */
export interface WatchParts {
  readonly venue: Pick<Venue, 'openOrders' | 'positions' | 'cancel'>;
  readonly time: SweepTime;
  /** The halt still stands. Asked after each look: what was seen before it was lifted came under it. */
  stands(): boolean;
  /** Orders that must not work. */
  wanted(order: VenueOrder): boolean;
  /** What was held when the halt was proven; undefined: as the first look finds it. */
  readonly held: Held | undefined;
  /** Tells people far away; `subject` is what it is about. */
  tell(subject: string, text: string): Promise<void>;
  /** Closes what came; returns what is held after. Left out, nothing is traded. */
  close?(): Promise<Held | undefined>;
}

/** How long after a halt somebody looks, ms (reliability.md 3.5). */
export const WATCH_MS = 60_000;
const LOOK_MS = 2_000;

/**
 * Looks for a minute whether anything comes to life after a halt was proven: a request that was under way for longer than
 * anybody thought, a program that nobody knew of. Such an order is taken back, and people are told; so they are when a position
 * grows. A venue that cannot be read is asked again until the minute is over.
 */
export async function watchAfter(parts: WatchParts): Promise<void> {
  const { time } = parts;
  const until = time.mono() + WATCH_MS;
  const told = new Set<string>();
  let held = parts.held;
  while (time.mono() < until && parts.stands()) {
    try {
      await cancelNew(parts, told);
      held = await lookAtPositions(parts, held);
    } catch (error) {
      if (!(error instanceof FxError)) throw error;
    }
    await time.wait(LOOK_MS);
  }
}

async function cancelNew({ venue, wanted, stands, tell }: WatchParts, told: Set<string>): Promise<void> {
  const bad = (await venue.openOrders()).filter(wanted);
  if (bad.length === 0 || !stands()) return;
  for (const order of bad) {
    const { venueId, clientId, instrument } = order;
    const outcome = await venue.cancel({ venueId, ...(clientId === undefined ? {} : { clientId }) });
    if (told.has(venueId)) continue;
    told.add(venueId);
    const became = outcome.kind === 'cancelled' ? 'it was cancelled' : 'it is being cancelled, look at the broker';
    await tell(`order ${venueId}`, `${order.side ?? ''} ${order.units ?? ''} ${instrument} began to work; ${became}`);
  }
}

async function lookAtPositions(parts: WatchParts, before: Held | undefined): Promise<Held> {
  const now: Held = new Map((await parts.venue.positions()).map(({ instrument, units }) => [instrument, units]));
  if (before === undefined) return now;
  const grown = [...now].filter(([instrument, units]) => grew(before.get(instrument) ?? 0, units));
  if (grown.length === 0 || !parts.stands()) return now;
  for (const [instrument, units] of grown) {
    await parts.tell(instrument, `${instrument} went from ${before.get(instrument) ?? 0} to ${units} units`);
  }
  return (await parts.close?.()) ?? now;
}

/** A stop that shrinks a position is what stops are for. */
const grew = (before: number, now: number): boolean => Math.abs(now) > Math.abs(before) || before * now < 0;
