import type { HaltState } from '../../../core/engine/parts.js';
import type { Instrument } from '../../../core/model/instrument.js';
import type { Clock } from '../../../core/ports/clock.js';
import { missingHalts } from '../../../core/state/emergency/missing-halts.js';
import type { FileCalls } from '../../../core/state/file-calls.js';
import { type HaltLine, writeHalt } from '../../../core/state/halt-file.js';
import { haltStateOf, haltsFor, type Trader } from '../halts.js';

/** Where halts are recorded: a journal, or one that catches up. */
export interface HaltLog {
  readonly position: { readonly seq: number };
  append(ts: number, type: string, fields: object): void;
}

interface HaltsRecord {
  readonly ts: number;
  /** Which question since the record before it brought the news: 0 for a look between two inputs. */
  readonly ask: number;
  readonly halts: readonly HaltLine[];
}

/**
 * Halts as the engine of a real-time book sees them. What the latch says is an input like a price: each change is recorded
 * before the engine acts on it, and a restart that repeats the journal is told what was so then, not what is so now.
 * Otherwise a halt that was lifted since would make the repetition differ from what happened.
 */
export class RecordedHalts {
  readonly #home: string;
  readonly #trader: Trader;
  readonly #clock: Clock;
  readonly #files: FileCalls | undefined;
  #journal: HaltLog | undefined;
  #lines: readonly HaltLine[] = [];
  readonly #recorded = new Map<number, HaltsRecord>();
  /** Number of the last record that is to be repeated. */
  #repeatTo = 0;
  #asking = false;
  #asks = 0;
  #askedAt = -1;

  constructor(home: string, trader: Trader, clock: Clock, files?: FileCalls) {
    this.#home = home;
    this.#trader = trader;
    this.#clock = clock;
    this.#files = files;
  }

  /** As of the last snapshot: the halts then, and what the journal holds after it. */
  goOn(journal: HaltLog, lines: readonly HaltLine[], tail: readonly Readonly<Record<string, unknown>>[]): void {
    this.#journal = journal;
    this.#lines = lines;
    for (const record of tail) {
      const seq = Number(record['seq']);
      this.#repeatTo = Math.max(this.#repeatTo, seq);
      if (record['type'] !== 'halts') continue;
      const halts = record['halts'] as readonly HaltLine[];
      this.#recorded.set(seq, { ts: Date.parse(String(record['ts'])), ask: Number(record['ask']), halts });
    }
  }

  get lines(): readonly HaltLine[] {
    return this.#lines;
  }

  /** What the engine is told of one instrument. */
  readonly stateOf = (instrument: Instrument): HaltState => {
    if (this.#asking) this.#look(this.#count());
    return haltStateOf(this.#lines, instrument.id);
  };

  /** What the journal says of halts, where nobody asks for it again. */
  recall(lines: readonly HaltLine[]): void {
    this.#lines = lines;
  }

  /** Between two inputs. */
  look(): void {
    this.#look(0);
  }

  /** While `work` runs, each question of the engine looks at the latch anew: a halt set a moment ago is seen. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#asking = true;
    try {
      return await work();
    } finally {
      this.#asking = false;
    }
  }

  #count(): number {
    const at = this.#journal?.position.seq ?? 0;
    this.#asks = at === this.#askedAt ? this.#asks + 1 : 1;
    this.#askedAt = at;
    return this.#asks;
  }

  #look(ask: number): void {
    const journal = this.#journal;
    if (journal === undefined) return;
    const next = journal.position.seq + 1;
    const recorded = this.#recorded.get(next);
    if (recorded?.ask === ask) this.#told(journal, recorded);
    else if (next > this.#repeatTo) {
      const kept = this.#restore();
      const there = haltsFor(this.#home, this.#trader, this.#files);
      const halts = [...there, ...kept.filter(({ id }) => there.every((line) => line.id !== id))];
      if (JSON.stringify(halts) !== JSON.stringify(this.#lines))
        this.#told(journal, { ts: this.#clock.now(), ask, halts });
    }
  }

  /**
   * A halt that is gone from the latch without a resume on record was taken away by somebody, not lifted: it is written again,
   * and holds even where that fails.
   */
  #restore(): readonly HaltLine[] {
    const gone = missingHalts(this.#home, this.#lines, this.#files);
    for (const line of gone) {
      try {
        writeHalt(this.#home, line, this.#files);
      } catch {
        // The disk refuses: what this session knows halts it all the same.
      }
    }
    return gone;
  }

  #told(journal: HaltLog, { ts, ask, halts }: HaltsRecord): void {
    journal.append(ts, 'halts', { ask, halts });
    this.#lines = halts;
  }
}
