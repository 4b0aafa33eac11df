import { FxError } from '../../../../core/base/errors.js';
import type { InstrumentId } from '../../../../core/model/ids.js';
import type { Stopwatch } from '../../../../core/ports/clock.js';
import type { Cursor, Venue, VenueEvent } from '../../../../core/ports/venue.js';
import type { LastGood } from '../../../../feeds/live/last-good.js';

export interface StreamParts {
  readonly venue: Venue;
  readonly instruments: readonly InstrumentId[];
  readonly quotes: LastGood;
  readonly stopwatch: Stopwatch;
  readonly signal: AbortSignal;
  pause(ms: number): Promise<void>;
  /** Something of the account happened; also `undefined`: something may have, ask. */
  heard(event: VenueEvent | undefined): void;
  /** The venue's record goes as far as this: what we do not have of it was lost on the way. */
  heardOf(cursor: Cursor): void;
  told(kind: string, fields: Readonly<Record<string, unknown>>): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Follows quotes and account events until the signal; a connection that ends is made again, further apart each time. */
export async function followStreams(parts: StreamParts): Promise<void> {
  await Promise.all([
    follow('quotes', parts, async (alive) => {
      for await (const said of parts.venue.quotes(parts.instruments, parts.signal)) {
        alive();
        if (said.kind === 'quote') parts.quotes.hear(said, parts.stopwatch.mono());
      }
    }),
    follow('events', parts, async (alive) => {
      // What happened while nobody listened is asked for: the stream begins with now.
      parts.heard(undefined);
      for await (const said of parts.venue.events(parts.signal)) {
        alive();
        if (said.kind !== 'heartbeat') parts.heard(said);
        else if (said.cursor !== undefined) parts.heardOf(said.cursor);
      }
    }),
  ]);
}

async function follow(name: string, parts: StreamParts, read: (alive: () => void) => Promise<void>): Promise<void> {
  let wait = FIRST_PAUSE_MS;
  let isUp = false;
  const alive = (): void => {
    if (isUp) return;
    isUp = true;
    wait = FIRST_PAUSE_MS;
    parts.told('stream', { stream: name, state: 'up' });
  };
  while (!parts.signal.aborted) {
    let why = 'the connection ended';
    try {
      await read(alive);
    } catch (error) {
      if (!(error instanceof FxError) && !(error instanceof Error)) throw error;
      why = error.message;
    }
    if (parts.signal.aborted) return;
    if (isUp || wait === FIRST_PAUSE_MS) parts.told('stream', { stream: name, state: 'down', why });
    isUp = false;
    await parts.pause(wait);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MS);
  }
}
