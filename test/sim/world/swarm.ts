import { type Fault, FaultPlan } from '../../../src/brokers/oanda/sandbox/faults.js';
import type { Operation } from '../../../src/brokers/oanda/sandbox/routes.js';
import { type Rng, seededRng } from '../../../src/core/base/rng.js';

type Kind = Fault['kind'];

/** Where each fault of the network may strike; reads are everything that changes nothing. */
const ON_SUBMIT: readonly Kind[] = [
  'hidden',
  'partial-fill',
  'drop-before',
  'drop-after',
  'silence-after',
  'late',
  'duplicate',
  'error-before',
  'error-after',
  'html',
  'empty',
  'error-in-200',
  'too-many',
  'slow',
  'malformed',
  'wrong-id',
];
const ON_CANCEL = ON_SUBMIT.filter((kind) => kind !== 'hidden' && kind !== 'partial-fill');
const ON_READ: readonly Kind[] = [
  'drop-before',
  'silence-after',
  'error-before',
  'html',
  'empty',
  'error-in-200',
  'too-many',
  'slow',
  'malformed',
];
const ON_STREAM: readonly Kind[] = ['stall', 'drop-stream', 'error-before'];

/** What the world does besides the network. */
export const WORLD_FAULTS = [
  'kill',
  'kill-in-call',
  'power-loss',
  'disk-error',
  'short-write',
  'clock-jump',
  'market-halt',
  'transfer',
  'halt',
  'refused-connection',
  'long-latency',
] as const;
export type WorldFault = (typeof WORLD_FAULTS)[number];

/** Faults that leave the answer to another one. */
const WITH_OTHERS: ReadonlySet<string> = new Set(['hidden', 'partial-fill']);

export type FaultCounts = Record<string, number>;

/** How many requests a fault strikes at least, and at most, where it is on. */
const LEAST = 0.02;
const MOST = 0.3;

/**
 * The faults of one seed: a random part of all there are, each at a rate of its own, since a run with three of them finds
 * what a run with all of them hides. Same seed, same faults.
 */
export class Swarm extends FaultPlan {
  readonly counts: FaultCounts = {};
  readonly rates = new Map<string, number>();
  /** An end of all trouble. */
  isOver = false;
  readonly #rng: Rng;
  readonly #idsAreForEver: boolean;

  /** `always`: faults that are on whatever the seed says. `often`: how often they strike, of what is usual. */
  constructor(seed: string | number, idsAreForEver: boolean, always: readonly string[] = [], often = 1) {
    super({ rules: [], events: [] }, seed);
    this.#rng = seededRng(`swarm ${seed}`);
    this.#idsAreForEver = idsAreForEver;
    const share = this.#rng.next() * 0.5;
    for (const kind of [...ON_SUBMIT, 'stall', 'drop-stream', ...WORLD_FAULTS]) {
      const on = this.#rng.next() < share;
      const rate = (LEAST + this.#rng.next() * (MOST - LEAST)) * often;
      if (always.includes(kind)) this.rates.set(kind, MOST);
      else if (on) this.rates.set(kind, rate);
    }
  }

  /** True when something of the world's goes wrong now; counted. */
  strikes(kind: WorldFault, scale = 1): boolean {
    const rate = this.rates.get(kind);
    if (this.isOver || rate === undefined || this.#rng.next() >= rate * scale) return false;
    this.count(kind);
    return true;
  }

  count(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  override next(operation: Operation): readonly Fault[] {
    if (this.isOver) return [];
    const faults: Fault[] = [];
    for (const kind of kindsOn(operation)) {
      const rate = this.rates.get(kind);
      if (rate === undefined || this.#rng.next() >= rate) continue;
      // A network that repeats an order where ids may be used again fills it twice, whatever a client does.
      if (kind === 'duplicate' && operation === 'submit' && !this.#idsAreForEver) continue;
      this.count(kind);
      faults.push(this.#fault(kind));
      // Of two that stand in for the answer each would act on its own: the venue would hear the request twice.
      if (!WITH_OTHERS.has(kind)) break;
    }
    return faults;
  }

  #fault(kind: Kind): Fault {
    const rng = this.#rng;
    const ms = (most: number): number => Math.floor(rng.next() * most);
    switch (kind) {
      case 'late':
        return { kind, ms: ms(29_000) };
      case 'slow':
        return { kind, ms: ms(20_000) };
      case 'hidden':
        return { kind, ms: ms(10_000) };
      case 'stall':
      case 'drop-stream':
        return { kind, ms: ms(60_000) };
      case 'error-before':
        return { kind, status: [500, 502, 503, 504][ms(4)] ?? 500 };
      case 'error-after':
        return { kind, status: [500, 502, 503, 504][ms(4)] ?? 500 };
      case 'html':
      case 'empty':
        return { kind, after: rng.next() < 0.5 };
      case 'too-many': {
        const retryAfter = [undefined, '1', '-3', '1e9', 'Wed, 10 Jan 2024 15:00:05 GMT'][ms(5)];
        return retryAfter === undefined ? { kind } : { kind, retryAfter };
      }
      case 'partial-fill':
        return { kind, share: 0.1 + rng.next() * 0.8 };
      default:
        return { kind } as Fault;
    }
  }
}

function kindsOn(operation: Operation): readonly Kind[] {
  switch (operation) {
    case 'submit':
      return ON_SUBMIT;
    case 'cancel':
      return ON_CANCEL;
    case 'price-stream':
    case 'transaction-stream':
      return ON_STREAM;
    default:
      return ON_READ;
  }
}
