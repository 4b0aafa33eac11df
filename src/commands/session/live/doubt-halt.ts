import { writeHalt } from '../../../core/state/halt-file.js';
import type { LiveParts } from './live-parts.js';

/** Orders without an answer at one time. More of them say that the line, or the broker, is not what we take it for. */
const UNRESOLVED_MAX = 3;

type Parts = Pick<LiveParts, 'book' | 'clock' | 'prepared' | 'venue' | 'files' | 'onEvent'>;

/**
 * Halts new risk at the broker when more orders than that wait to be explained (reliability.md 3.4): each counts as filled,
 * but a session that goes on adding to them does not know what it does. Exits pass; only a person lifts it.
 */
export class DoubtHalt {
  readonly #parts: Parts;
  /** As many as there were when it halted last; a person who lifted that accepted these, and no more. */
  #accepted = UNRESOLVED_MAX;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** After whatever may have left an order without an answer. Throws `STATE.*` when the latch cannot be written. */
  look(): void {
    const { book, clock, prepared, venue, files, onEvent } = this.#parts;
    const open = book.orders.inDoubt().filter(({ state }) => state === 'unresolved').length;
    const wereAccepted = this.#accepted;
    this.#accepted = Math.max(UNRESOLVED_MAX, open);
    if (open <= wereAccepted) return;
    const now = clock.now();
    const message = `${open} orders were sent and not answered, limit is ${UNRESOLVED_MAX}`;
    const halt = {
      id: `unresolved-${now.toString(36)}`,
      time: new Date(now).toISOString(),
      who: 'engine',
      reason: message,
      scope: `broker:${venue.name}`,
      mode: 'reduce-only',
    } as const;
    writeHalt(prepared.request.home, halt, files);
    onEvent('latch', { key: 'unresolved', message });
  }
}
