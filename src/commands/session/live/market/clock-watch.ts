import type { Clock, Stopwatch } from '../../../../core/ports/clock.js';

/** Steps of a time server stay below; a hand at the clock, or a machine that slept, do not. */
const JUMP_MS = 2_000;

/**
 * Sees the clock on the wall jump (reliability.md 2.1, P7). Ages, deadlines and windows follow the stopwatch, so nothing that
 * is on its way is harmed; but a person must know: bars close, halts expire and records are dated by the wall.
 */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  #apart: number;

  constructor(clock: Clock, stopwatch: Stopwatch) {
    this.#clock = clock;
    this.#stopwatch = stopwatch;
    this.#apart = this.#now();
  }

  /** How far it jumped since the last look, ms, positive forward; undefined when it went on as it should. */
  look(): number | undefined {
    const apart = this.#now();
    const jump = apart - this.#apart;
    this.#apart = apart;
    return Math.abs(jump) > JUMP_MS ? Math.round(jump) : undefined;
  }

  #now(): number {
    return this.#clock.now() - this.#stopwatch.mono();
  }
}
