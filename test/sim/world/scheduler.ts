import { type Rng, seededRng } from '../../../src/core/base/rng.js';

interface Due {
  readonly at: number;
  /** Drawn from the seed, so that ties at one moment are tried in every order. */
  readonly priority: number;
  readonly sequence: number;
  readonly what: string;
  readonly act: () => void;
  isOff: boolean;
}

/** Takes an event back that has not happened. */
export type Cancel = () => void;

/**
 * Promise turns after each event: deep enough for a request to pass every layer. Work that needs more goes on after the
 * next event; the count is the same in every run, so the order of everything is too.
 */
const TURNS = 40;

/** Virtual time: the earliest event happens, promises run, checkers look, and so on. Nothing waits, nothing is random. */
export class Scheduler {
  now: number;
  events = 0;
  /** Lines of what happened, kept only for a replay of one seed. */
  readonly trace: string[] | undefined;
  readonly #start: number;
  readonly #rng: Rng;
  readonly #heap: Due[] = [];
  #sequence = 0;
  #hash = 0x811c9dc5;

  constructor(start: number, seed: string | number, trace = false) {
    this.now = start;
    this.#start = start;
    this.#rng = seededRng(`schedule ${seed}`);
    this.trace = trace ? [] : undefined;
  }

  /** Of everything that happened, with its time and order. */
  get traceHash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  in(ms: number, what: string, act: () => void): Cancel {
    const at = this.now + Math.max(0, ms);
    const due: Due = { at, priority: this.#rng.next(), sequence: this.#sequence++, what, act, isOff: false };
    const heap = this.#heap;
    let place = heap.push(due) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = due;
    return () => {
      due.isOff = true;
    };
  }

  /** What is worth seeing in a replay, and what two runs of a seed must agree on. */
  note(what: string): void {
    const line = `${this.now - this.#start} ${what}`;
    for (let i = 0; i < line.length; i++) this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    this.trace?.push(line);
  }

  /** Lets everything happen until a moment, or until `after`, which is called after each event, says that it is enough. */
  async run(until: number, before: () => void, after: (what: string) => boolean): Promise<void> {
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      if (next.isOff) continue;
      this.now = Math.max(this.now, next.at);
      before();
      this.events++;
      this.note(next.what);
      next.act();
      await turns();
      if (after(next.what)) return;
    }
    this.now = Math.max(this.now, until);
    before();
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      if (a === undefined) break;
      const child = b !== undefined && isBefore(b, a) ? b : a;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = child === a ? left : left + 1;
    }
    heap[place] = last;
  }
}

function isBefore(a: Due, b: Due): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.priority !== b.priority) return a.priority < b.priority;
  return a.sequence < b.sequence;
}

/** Lets promises run. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await null;
}
