import type { EpochMs } from '../model/ids.js';
import { type ApprovalRequest, needsAmount } from './request.js';

/** How a question ended: by a person, by its deadline, or because the order was taken back before anybody answered. */
export type Outcome = 'accepted' | 'rejected' | 'expired' | 'withdrawn';

/** The one answer to a request, as it lies on disk; whoever makes it first has decided. */
export interface ApprovalDecision {
  readonly version: 1;
  readonly id: string;
  readonly outcome: Outcome;
  readonly hash: string;
  readonly nonce: string;
  readonly account: string;
  readonly configHash: string;
  readonly expiresAt: EpochMs;
  /** Units that were typed; null where none had to be. */
  readonly amount: number | null;
  readonly who: string;
  readonly reason: string;
  /** When it was decided. */
  readonly at: EpochMs;
}

/** What a person or the session says to a request. */
export interface Answer {
  readonly outcome: Outcome;
  readonly who: string;
  readonly reason: string;
  readonly at: EpochMs;
  readonly amount?: number | undefined;
}

/** An answer bound to its request. */
export function decisionOn(request: ApprovalRequest, answer: Answer): ApprovalDecision {
  const { id, hash, nonce, account, configHash, expiresAt } = request;
  const { outcome, who, reason, at, amount } = answer;
  const bound = { id, hash, nonce, account, configHash, expiresAt };
  return { version: 1, outcome, ...bound, amount: amount ?? null, who, reason, at };
}

/** What an answer binds to, in the words of a person. */
const BOUND = {
  id: 'another order',
  hash: 'another proposal',
  nonce: 'another order (its nonce)',
  account: 'another account',
  configHash: 'other settings',
  expiresAt: 'another deadline',
} as const;

/** Why a decision is no answer to this request, or undefined when it is one. */
export function decisionFlaw(decision: ApprovalDecision, request: ApprovalRequest): string | undefined {
  for (const key of Object.keys(BOUND) as (keyof typeof BOUND)[]) {
    if (decision[key] !== request[key]) return `it answers ${BOUND[key]}`;
  }
  if (decision.outcome !== 'accepted') return undefined;
  if (!(decision.at < request.expiresAt)) return 'it says yes after the deadline';
  if (decision.amount !== null && decision.amount !== request.units) return 'its amount is not the order’s';
  if (decision.amount === null && needsAmount(request)) return 'the size of an unusually large order was not typed';
  return undefined;
}
