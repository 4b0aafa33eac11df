import { createHash } from 'node:crypto';
import type { EpochMs, InstrumentId, OrderId } from '../model/ids.js';
import type { OrderIntent, Side } from '../model/order.js';

/** How much of a limit is used, without the order and with it. */
export interface LimitUse {
  /** Key of the limit: `maxGrossLeverage`. */
  readonly limit: string;
  /** `bps of equity`, `times equity`, `positions`. */
  readonly unit: string;
  readonly max: number;
  readonly before: number;
  readonly after: number;
  /** Share of the limit that is used, 1 is all of it; null where the limit is 0. */
  readonly usedBefore: number | null;
  readonly usedAfter: number | null;
}

/** What a person is asked: one order, what it would do to the book, and what a yes binds to. Amounts in `currency`. */
export interface ApprovalRequest {
  readonly version: 1;
  readonly id: OrderId;
  /** SHA-256 over every other field: an answer binds to it. */
  readonly hash: string;
  /** The order's own client id: 80 bits that no other order has. */
  readonly nonce: string;
  /** `paper`, or the broker and the account's id. */
  readonly account: string;
  readonly configHash: string;
  readonly broker: string;
  readonly strategy: string;
  readonly askedAt: EpochMs;
  /** A yes at this moment or later is late. */
  readonly expiresAt: EpochMs;
  /** Exactly what would be sent. */
  readonly intent: OrderIntent;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly units: number;
  /** Where it is expected to fill: its own price, else the mid when it was proposed. */
  readonly price: number;
  /** Mid when it was proposed, from which drift is counted. */
  readonly referencePrice: number;
  /** Furthest the mid may move until the yes, bps of `referencePrice`; null sets no limit. */
  readonly bandBps: number | null;
  /** Protective stop; null without one. */
  readonly stopPrice: number | null;
  readonly currency: string;
  /** Loss at the protective stop, positive; null without a stop. */
  readonly worstLoss: number | null;
  readonly notional: number;
  /** One night's interest on the order, positive when paid; null where the rates are not known. */
  readonly financingPerDay: number | null;
  readonly marginBefore: number;
  readonly marginAfter: number;
  readonly limits: readonly LimitUse[];
  /** Median units of earlier orders of the instrument; null before the first. */
  readonly usualUnits: number | null;
  /** Units ÷ the usual size; null before the first order. */
  readonly multiple: number | null;
}

/** A request as it is before it is sealed. */
export type Unsealed = Omit<ApprovalRequest, 'hash'>;

/** More than this many times the usual size, and the size must be typed. */
export const USUAL_TIMES_MAX = 5;

/** Puts the seal on a request: the hash over all of it. */
export function sealed(request: Unsealed): ApprovalRequest {
  return { ...request, hash: sealOf(request) };
}

/** True while a request says what it said when it was sealed. */
export function isSealed(request: ApprovalRequest): boolean {
  const { hash, ...rest } = request;
  return hash === sealOf(rest);
}

/** True for an order so much larger than usual that a person must type its units. */
export function needsAmount({ multiple }: Pick<ApprovalRequest, 'multiple'>): boolean {
  return multiple !== null && multiple > USUAL_TIMES_MAX;
}

/** How far a price is from another, bps of the first, without sign. */
export function driftBps(from: number, to: number): number {
  return (Math.abs(to - from) / from) * 10_000;
}

/** Middle of the sizes; mean of the two middle ones of an even number; null of none. */
export function median(sizes: readonly number[]): number | null {
  const sorted = [...sizes].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[half - 1], sorted[half]];
  if (high === undefined) return null;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}

function sealOf(request: Unsealed): string {
  return createHash('sha256').update(canonical(request)).digest('hex');
}

/** JSON with the keys of every object in order of their names, so that one request has one text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}
