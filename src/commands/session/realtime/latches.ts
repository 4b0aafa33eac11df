import type { Effect } from '../../../core/engine/effect.js';
import type { Engine } from '../../../core/engine/engine.js';
import type { Instrument } from '../../../core/model/instrument.js';
import type { FileCalls } from '../../../core/state/file-calls.js';
import { type HaltLine, readHalts, writeHalt } from '../../../core/state/halt-file.js';
import { recordedResumes } from '../../../core/state/lift-halt.js';
import { findHalt, type Trader } from '../halts.js';

/** Who lifted the halt of a latch, when and why; goes into the journal. */
export interface LatchResume {
  readonly id: string;
  readonly time: string;
  readonly who: string;
  readonly reason: string;
}

export interface LatchContext {
  readonly home: string;
  readonly book: string;
  readonly trader: Trader;
  /** What the session trades. */
  readonly instruments: readonly Instrument[];
  /** Default: the machine's disk. */
  readonly files?: FileCalls;
}

/**
 * The latches of a real-time book and their lines in `HALT`. A latch of the engine has a line with an id of its own; only
 * when every line is gone *and* stands in the evidence of a `resume` are the latches open. A line that is gone without
 * such evidence was taken away by somebody, not lifted: it is written again.
 */
export class Latches {
  readonly #context: LatchContext;
  #lines: HaltLine[];
  /** Lines that this session wrote. */
  readonly #written = new Set<string>();

  /** `saved`: the lines of latches that were closed when the book was left. */
  constructor(context: LatchContext, saved: readonly HaltLine[]) {
    this.#context = context;
    this.#lines = [...saved];
  }

  get lines(): readonly HaltLine[] {
    return this.#lines;
  }

  closed(latch: Extract<Effect, { kind: 'latch' }>): void {
    this.#lines.push(this.#lineOf(latch.key, latch.ts, latch.message));
  }

  opened(): void {
    this.#lines = [];
  }

  /**
   * Sees to it that `HALT` says what the engine's latches say. Returns the resumes that lifted every one of them, or
   * undefined as long as one stands, or another halt concerns the session.
   */
  settle(engine: Pick<Engine, 'latches' | 'now'>): readonly LatchResume[] | undefined {
    this.#adopt(engine);
    const { home, trader, instruments, files } = this.#context;
    const there = new Set(readHalts(home, files).map((line) => line.id));
    const resumes = recordedResumes(home, files);
    for (const line of this.#lines) if (!there.has(line.id) && !resumes.has(line.id)) this.#write(line);
    if (findHalt(home, trader, instruments, files) !== undefined) return undefined;
    const lifted = this.#lines.map(({ id }) => {
      const resume = resumes.get(id);
      return resume && { id, time: resume.time, who: resume.who, reason: resume.reason };
    });
    return lifted.every((one) => one !== undefined) ? lifted : undefined;
  }

  /** A book of an earlier version knows its latches and has no lines for them. */
  #adopt({ latches, now }: Pick<Engine, 'latches' | 'now'>): void {
    if (this.#lines.length > 0) return;
    for (const { key, value, limit } of latches) {
      this.#lines.push(this.#lineOf(key, now, `${key} reached: ${value.toFixed(1)}, limit ${limit}`));
    }
  }

  /** Once where everything is halted anyway: a latch that cannot be read would grow by a line a second. */
  #write(line: HaltLine): void {
    const { home, files } = this.#context;
    if (this.#written.has(line.id) && readHalts(home, files).some((one) => one.scope === 'all')) return;
    this.#written.add(line.id);
    writeHalt(home, line, files);
  }

  #lineOf(key: string, ts: number, message: string): HaltLine {
    const { book, trader } = this.#context;
    return {
      id: `latch-${book}-${key}-${ts.toString(36)}`,
      time: new Date(ts).toISOString(),
      who: 'engine',
      reason: `${message} (book ${book})`,
      // Too many executions are one strategy's; a loss is the account's. Exits may leave: a loss must be endable.
      scope: key === 'maxRepeatedExecutions' ? `strategy:${trader.strategy}` : `broker:${trader.broker}`,
      mode: 'reduce-only',
    };
  }
}
