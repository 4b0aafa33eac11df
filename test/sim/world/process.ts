import { FxError } from '../../../src/core/base/errors.js';
import type { Wait } from '../../../src/core/ports/clock.js';
import type { Cancel, Scheduler } from './scheduler.js';

/** What a process that was killed in the middle of a call sees last; nothing it does after it counts. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * One process of the simulated machine. When it dies, what it waited for never comes, what it sent is on its way, and what
 * it would do in the turn in which it died reaches neither disk nor network.
 */
export class SimProcess {
  isAlive = true;
  /** Calls of the disk that it may still make. */
  callsLeft = Number.POSITIVE_INFINITY;
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly #atDeath: (() => void)[] = [];

  constructor(name: string, scheduler: Scheduler) {
    this.name = name;
    this.scheduler = scheduler;
  }

  onDeath(act: () => void): void {
    this.#atDeath.push(act);
  }

  kill(why: string): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.scheduler.note(`${this.name} dies: ${why}`);
    for (const act of this.#atDeath) act();
  }

  /** Something that happens to this process later, if it lives then. */
  in(ms: number, what: string, act: () => void): Cancel {
    return this.scheduler.in(ms, `${this.name} ${what}`, () => {
      if (this.isAlive) act();
    });
  }

  readonly wait: Wait = (ms, signal) =>
    new Promise((done) => {
      if (signal?.aborted === true) done();
      else {
        signal?.addEventListener('abort', () => done(), { once: true });
        this.in(ms, 'wakes', done);
      }
    });
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  if (error instanceof FxError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** A lock that the kernel gives to one process at a time and takes back from the dead. */
export class SimLock {
  #holder: SimProcess | undefined;

  try(process: SimProcess): (() => void) | undefined {
    if (this.#holder?.isAlive === true) return undefined;
    this.#holder = process;
    let held = true;
    return () => {
      if (held && this.#holder === process) this.#holder = undefined;
      held = false;
    };
  }

  async take(process: SimProcess): Promise<() => void> {
    for (;;) {
      const release = this.try(process);
      if (release !== undefined) return release;
      await process.wait(5);
    }
  }
}
