import { z } from 'zod';
import { FxError } from '../../../core/base/errors.js';
import { type Rng, seededRng } from '../../../core/base/rng.js';
import type { Operation } from './routes.js';

const ms = z.number().int().min(0).max(86_400_000);
const units = z.number();

/** What goes wrong with one request, one stream, or at the venue itself. */
const fault = z.discriminatedUnion('kind', [
  /** The connection dies and nothing arrived. */
  z.strictObject({ kind: z.literal('drop-before') }),
  /** The venue does it, and the connection dies before the answer. */
  z.strictObject({ kind: z.literal('drop-after') }),
  /** As `drop-after`, but the connection stays open and silent. */
  z.strictObject({ kind: z.literal('silence-after') }),
  /** The connection dies now and the request arrives later. */
  z.strictObject({ kind: z.literal('late'), ms }),
  /** The request arrives twice; the first answer comes back. */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** A status without effect, or after the effect. */
  z.strictObject({ kind: z.literal('error-before'), status: z.number().int().min(400).max(599).default(503) }),
  z.strictObject({ kind: z.literal('error-after'), status: z.number().int().min(500).max(599).default(504) }),
  /** A proxy's page instead of an answer, before or after the effect. */
  z.strictObject({ kind: z.literal('html'), after: z.boolean().default(false) }),
  z.strictObject({ kind: z.literal('empty'), after: z.boolean().default(true) }),
  /** Status 200 and an error in the body, without effect. */
  z.strictObject({ kind: z.literal('error-in-200') }),
  /** 429; `retryAfter` as it stands in the header: seconds, a date, negative, huge. */
  z.strictObject({ kind: z.literal('too-many'), retryAfter: z.string().optional() }),
  z.strictObject({ kind: z.literal('slow'), ms }),
  z.strictObject({ kind: z.literal('slow-body'), bytesPerSecond: z.number().min(1).default(1) }),
  z.strictObject({ kind: z.literal('endless-body') }),
  z.strictObject({ kind: z.literal('malformed') }),
  /** The answer speaks of another order. */
  z.strictObject({ kind: z.literal('wrong-id') }),
  /** Done, but a look at the order says 404 for a while. */
  z.strictObject({ kind: z.literal('hidden'), ms }),
  z.strictObject({ kind: z.literal('partial-fill'), share: z.number().gt(0).lt(1).default(0.5) }),
  /** The key is no good any more. */
  z.strictObject({ kind: z.literal('revoked') }),
  /** On a stream: lines stop, the connection stays. */
  z.strictObject({ kind: z.literal('stall'), ms }),
  z.strictObject({ kind: z.literal('drop-stream'), ms }),
  /** At the venue, right before the request is heard. */
  z.strictObject({ kind: z.literal('halt'), instrument: z.string(), halted: z.boolean().default(true) }),
  z.strictObject({ kind: z.literal('trade-by-hand'), instrument: z.string(), units }),
  z.strictObject({ kind: z.literal('close-out'), instrument: z.string().optional() }),
  z.strictObject({ kind: z.literal('transfer'), amount: z.number() }),
  z.strictObject({ kind: z.literal('clock-skew'), ms: z.number().int() }),
]);

export type Fault = z.infer<typeof fault>;

/** The names of all faults, in their order. */
export const faultKinds: readonly Fault['kind'][] = fault.options.map((one) => one.shape.kind.value);

const OPERATIONS = [
  'any',
  'submit',
  'cancel',
  'close',
  'orders',
  'positions',
  'trades',
  'transactions',
  'account',
  'prices',
  'candles',
  'price-stream',
  'transaction-stream',
  'other',
] as const satisfies readonly (Operation | 'any')[];

const rule = z.strictObject({
  on: z.enum(OPERATIONS),
  /** This call of the operation and no other, counted from 1. */
  call: z.number().int().min(1).optional(),
  /** Every call from this one on. */
  from: z.number().int().min(1).optional(),
  /** Every call up to and with this one. */
  to: z.number().int().min(1).optional(),
  /** Of each call that the numbers above allow. */
  chance: z.number().min(0).max(1).optional(),
  /** At most so often. */
  times: z.number().int().min(1).optional(),
  fault,
});

/** What happens at a moment, ms after the start. */
const timed = z.strictObject({
  atMs: z.number().int().min(0),
  event: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('halt'), instrument: z.string(), halted: z.boolean() }),
    z.strictObject({ kind: z.literal('trade-by-hand'), instrument: z.string(), units }),
    z.strictObject({ kind: z.literal('cancel-by-hand'), orderId: z.string() }),
    z.strictObject({ kind: z.literal('close-out'), instrument: z.string().exactOptional() }),
    z.strictObject({ kind: z.literal('transfer'), amount: z.number() }),
    z.strictObject({ kind: z.literal('clock-skew'), ms: z.number().int() }),
  ]),
});

const script = z.strictObject({ rules: z.array(rule).default([]), events: z.array(timed).default([]) });

export type FaultRule = z.infer<typeof rule>;
/** What goes wrong and when, as plain data. */
export type FaultScript = z.infer<typeof script>;

/** Reads a script; what it says that no fault has is `CONFIG.FAULTS`. */
export function parseFaultScript(value: unknown): FaultScript {
  const parsed = script.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new FxError('CONFIG.FAULTS', {
    message: `the fault script is not one${at === '' ? '' : `, at ${at}`}: ${issue?.message ?? 'it is no object'}`,
    next: 'write {"rules":[{"on":"submit","call":1,"fault":{"kind":"drop-after"}}],"events":[]}',
    facts: { at },
  });
}

/** Decides, call by call, what goes wrong. Same script and seed, same decisions. */
export class FaultPlan {
  readonly script: FaultScript;
  readonly #rng: Rng;
  readonly #calls = new Map<string, number>();
  readonly #used: number[];

  constructor(script: FaultScript, seed: number | string) {
    this.script = script;
    this.#rng = seededRng(`faults ${seed}`);
    this.#used = script.rules.map(() => 0);
  }

  /** The faults of the next call of an operation, in the order of the rules. */
  next(operation: Operation): readonly Fault[] {
    const all = this.#count('any');
    const own = this.#count(operation);
    const faults: Fault[] = [];
    this.script.rules.forEach((one, i) => {
      if (one.on !== 'any' && one.on !== operation) return;
      if (!this.#applies(one, one.on === 'any' ? all : own, i)) return;
      this.#used[i] = (this.#used[i] ?? 0) + 1;
      faults.push(one.fault);
    });
    return faults;
  }

  #count(name: string): number {
    const count = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, count);
    return count;
  }

  #applies({ call, from, to, chance, times }: FaultRule, count: number, index: number): boolean {
    if (call !== undefined && count !== call) return false;
    if (count < (from ?? 1) || count > (to ?? count)) return false;
    if (times !== undefined && (this.#used[index] ?? 0) >= times) return false;
    return chance === undefined || this.#rng.next() < chance;
  }
}
