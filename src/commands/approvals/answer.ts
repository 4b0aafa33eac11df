import { decisionOn, type Outcome } from '../../core/approvals/decision.js';
import { type ApprovalRequest, needsAmount, USUAL_TIMES_MAX } from '../../core/approvals/request.js';
import { FxError } from '../../core/base/errors.js';
import { readHalts } from '../../core/state/halt-file.js';
import { livingHolder } from '../../core/state/lock/lock-file.js';
import type { Asked } from './waiting.js';

/** What a person said, and whether a session is there to hear it. */
export interface Answered {
  readonly id: string;
  readonly book: string;
  readonly hash: string;
  readonly outcome: Outcome;
  readonly instrument: string;
  readonly side: string;
  readonly units: number;
  readonly who: string;
  readonly reason: string;
  readonly at: string;
  /** A session of the book runs and takes it in within a second; else the next one does, if it comes before the deadline. */
  readonly sessionRuns: boolean;
}

export interface PersonsAnswer {
  readonly outcome: 'accepted' | 'rejected';
  readonly who: string;
  readonly reason: string;
  /** Units as they were typed. */
  readonly amount: number | undefined;
}

/** Makes the answer, durable and first, or throws `APPROVAL.*` because another was; `HALT.ACTIVE` for a yes under a halt. */
export function answer(home: string, asked: Asked, said: PersonsAnswer, now: () => number): Answered {
  const { request, inbox, book } = asked;
  const { outcome, who, reason, amount } = said;
  requireOpen({ request, found: inbox.decision(request.id) }, now());
  if (outcome === 'accepted') {
    requireNoHalt(home, request);
    requireAmount(request, amount);
  }
  const at = now();
  if (at >= request.expiresAt) throw expired(request);
  const typed = outcome === 'accepted' ? amount : undefined;
  if (!inbox.decide(decisionOn(request, { outcome, who, reason, at, amount: typed }))) {
    throw decided(request, inbox.decision(request.id));
  }
  const { id, hash, instrument, side, units } = request;
  const sessionRuns = livingHolder(book.folder) !== undefined;
  const time = new Date(at).toISOString();
  return { id, book: book.name, hash, outcome, instrument, side, units, who, reason, at: time, sessionRuns };
}

/** Throws when nobody can answer any more. */
export function requireOpen({ request, found }: Pick<Asked, 'request' | 'found'>, now: number): void {
  if (found.kind !== 'none') throw decided(request, found);
  if (now >= request.expiresAt) throw expired(request);
}

function decided(request: ApprovalRequest, found: Asked['found']): FxError {
  const { id } = request;
  const facts = {
    id,
    ...(found.kind === 'decision' ? { outcome: found.decision.outcome, who: found.decision.who } : {}),
  };
  if (found.kind === 'decision' && found.decision.outcome === 'expired') return expired(request);
  const by =
    found.kind === 'decision'
      ? `${found.decision.outcome} by ${found.decision.who} at ${new Date(found.decision.at).toISOString()}`
      : 'an answer lies there already';
  return new FxError('APPROVAL.DECIDED', {
    message: `order ${id} is decided: ${by}`,
    next: 'the first answer holds; see what still waits: fxtrade approve --list',
    facts,
  });
}

function expired({ id, expiresAt }: ApprovalRequest): FxError {
  const time = new Date(expiresAt).toISOString();
  return new FxError('APPROVAL.EXPIRED', {
    message: `order ${id} waited until ${time}: it is too late to answer`,
    next: 'the strategy asks again when it still wants it; approval.timeout says how long an answer may take',
    facts: { id, expiresAt: time },
  });
}

/** A halt takes back what waits: a yes under it would say something that is not so. */
function requireNoHalt(home: string, { id, broker, strategy, instrument }: ApprovalRequest): void {
  const scopes = new Set(['all', `broker:${broker}`, `strategy:${strategy}`, `instrument:${instrument}`]);
  const halt = readHalts(home).find(({ scope }) => scopes.has(scope));
  if (halt === undefined) return;
  throw new FxError('HALT.ACTIVE', {
    message: `trading is halted: ${halt.reason} (${halt.scope}, ${halt.time}); order ${id} cannot be approved`,
    next: 'look into the reason, then: fxtrade resume --reason TEXT; the strategy asks again when it still wants it',
    facts: { id, reason: halt.reason, scope: halt.scope },
  });
}

function requireAmount(request: ApprovalRequest, amount: number | undefined): void {
  const { id, units, multiple, usualUnits } = request;
  if (amount !== undefined && amount !== units) {
    throw new FxError('USAGE.WRONG_AMOUNT', {
      message: `the amount given is ${amount}, order ${id} is of ${units} units`,
      next: 'look at the order again: fxtrade approve --list',
      facts: { id, amount, units },
    });
  }
  if (amount !== undefined || !needsAmount(request)) return;
  throw new FxError('USAGE.MISSING_AMOUNT', {
    message: `order ${id} is ${multiple} times the usual size of ${usualUnits} units; above ${USUAL_TIMES_MAX} times its size must be given`,
    next: 'if this size is meant, give it: --amount UNITS',
    facts: { id, multiple, flag: '--amount' },
  });
}
