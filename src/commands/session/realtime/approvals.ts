import { decisionFlaw, decisionOn, type Outcome } from '../../../core/approvals/decision.js';
import type { ApprovalRequest } from '../../../core/approvals/request.js';
import type { Engine } from '../../../core/engine/engine.js';
import type { Approved, Declined, SeenPrice } from '../../../core/model/event.js';
import type { EpochMs, InstrumentId, OrderId } from '../../../core/model/ids.js';
import type { FoundDecision, Inbox } from '../../../core/state/approvals/inbox.js';

export interface ApprovalDeskParts {
  readonly inbox: Inbox;
  readonly engine: Pick<Engine, 'waiting' | 'priceOf' | 'ledger'>;
  /** What the settings of today hash to: a question of other settings is taken back. */
  readonly configHash: string;
  /** The newest price of an instrument, where the session knows one that is younger than the last bar. */
  seen(instrument: InstrumentId, now: EpochMs): SeenPrice | undefined;
  /** Records an answer, then tells the engine. */
  answer(event: Approved | Declined): void;
  /** Records something that is no answer. */
  remark(type: string, fields: Readonly<Record<string, unknown>>): void;
  onEvent(kind: string, fields: Readonly<Record<string, unknown>>): void;
}

const SESSION = 'session';
/** An answer as a journal keeps it, with its time put back. */
export function recordedAnswer(record: Readonly<Record<string, unknown>>, ts: EpochMs): Approved | Declined {
  const shared = { ts, orderId: record['orderId'] as OrderId, who: String(record['who']) };
  if (record['type'] === 'declined') return { kind: 'declined', ...shared, reason: String(record['reason']) };
  const seen = record['seen'] as SeenPrice | undefined;
  return { kind: 'approved', ...shared, at: Number(record['at']), ...(seen === undefined ? {} : { seen }) };
}

/** Answered questions stay this long for people to look up; the journal has them for good. */
const KEPT_MS = 7 * 86_400_000;
/** Times that a deadline tries to be the first; each that fails has set one file aside that was no answer. */
const TRIES = 3;

/**
 * The session's side of the inbox: puts down what waits for a person, takes in what came back, and answers itself at the
 * deadline. Holds nothing that a restart would need: what waits is the engine's, what was answered lies in the inbox.
 *
 * `look` comes before every input with the same time or a later one, so that the engine never lets a question expire whose
 * answer came first.
 */
export class ApprovalDesk {
  readonly #parts: ApprovalDeskParts;
  /** Questions that this session has put down, or has found waiting. */
  readonly #open = new Map<string, ApprovalRequest>();
  #isNew = true;
  #shown = '';

  constructor(parts: ApprovalDeskParts) {
    this.#parts = parts;
  }

  look(now: EpochMs): void {
    const waiting = [...this.#parts.engine.waiting];
    if (this.#isNew) this.#begin(now, waiting);
    if (waiting.length === 0 && this.#open.size === 0) return;
    for (const request of waiting) {
      this.#put(request);
      this.#take(request, now);
    }
    this.#close(now);
    this.#showPrices(now);
  }

  /** What a session before this one asked and took back without saying so here. */
  #begin(now: EpochMs, waiting: readonly ApprovalRequest[]): void {
    this.#isNew = false;
    const { inbox } = this.#parts;
    const ids = new Set<string>(waiting.map(({ id }) => id));
    inbox.tidy(now - KEPT_MS, ids);
    for (const found of inbox.requests()) {
      if ('request' in found && !ids.has(found.id)) this.#open.set(found.id, found.request);
    }
  }

  #put(request: ApprovalRequest): void {
    if (this.#open.has(request.id)) return;
    this.#parts.inbox.ask(request);
    this.#open.set(request.id, request);
  }

  #take(request: ApprovalRequest, now: EpochMs): void {
    const { id, expiresAt, configHash } = request;
    if (configHash !== this.#parts.configHash) {
      this.#decline(request, SESSION, 'the settings changed since it was asked', now);
      return;
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const found = this.#parts.inbox.decision(id);
      const due = now >= expiresAt;
      const unsaid = found.kind === 'none' || (found.kind === 'unfinished' && !due);
      if (unsaid && !due) return;
      if (unsaid) {
        if (this.#end(request, 'expired', 'nobody answered within approval.timeout', now)) return;
        continue;
      }
      if (this.#obey(request, found, now)) return;
      // What lay there was no answer: it is out of the way, and a deadline that has passed takes its place.
    }
  }

  /** True when what lies there is an answer, which the engine was told. */
  #obey(request: ApprovalRequest, found: FoundDecision, now: EpochMs): boolean {
    const flaw = flawOf(found, request);
    if (flaw !== undefined) {
      this.#refuse(request, flaw, now);
      return false;
    }
    if (found.kind !== 'decision') return false;
    const { outcome, who, reason, at } = found.decision;
    switch (outcome) {
      case 'accepted': {
        const seen = this.#parts.seen(request.instrument, now);
        const event = { kind: 'approved', ts: now, orderId: request.id, who, at } as const;
        this.#tell(request, outcome, who);
        this.#parts.answer(seen === undefined ? event : { ...event, seen });
        return true;
      }
      case 'rejected':
        this.#decline(request, who, reason, now);
        return true;
      default:
        // The engine ends what has expired by itself; before that time the word of a session that died is a no.
        if (outcome === 'withdrawn' || now < request.expiresAt) this.#decline(request, who, reason, now);
        return true;
    }
  }

  #decline(request: ApprovalRequest, who: string, reason: string, now: EpochMs): void {
    this.#tell(request, 'rejected', who, reason);
    this.#parts.answer({ kind: 'declined', ts: now, orderId: request.id, who, reason });
  }

  /** Keeps what is no answer, says so, and leaves the place free for one. */
  #refuse({ id }: ApprovalRequest, why: string, now: EpochMs): void {
    this.#parts.inbox.setAside(id, now);
    this.#parts.remark('approval-refused', { orderId: id, why });
    this.#parts.onEvent('approval-refused', { orderId: id, reason: `the answer is not taken: ${why}` });
  }

  /** Answers in the place of a person who did not; false when somebody was faster. */
  #end(request: ApprovalRequest, outcome: Outcome, reason: string, now: EpochMs): boolean {
    const first = this.#parts.inbox.decide(decisionOn(request, { outcome, who: SESSION, reason, at: now }));
    if (first) this.#tell(request, outcome, SESSION, reason);
    return first;
  }

  /** Questions that wait no more and that nobody answered were taken back: by a halt, the strategy, a split. */
  #close(now: EpochMs): void {
    const ids = new Set<string>();
    for (const { id } of this.#parts.engine.waiting) ids.add(id);
    for (const [id, request] of this.#open) {
      if (ids.has(id)) continue;
      this.#open.delete(id);
      if (this.#parts.inbox.decision(id).kind !== 'none') continue;
      this.#end(request, 'withdrawn', 'the order was taken back before anybody answered', now);
    }
  }

  /** For people who are asked: how far the price has gone since. */
  #showPrices(now: EpochMs): void {
    const { engine, seen, inbox } = this.#parts;
    if (this.#open.size === 0) return;
    const prices: Record<string, number> = {};
    for (const { instrument } of this.#open.values()) {
      const price = seen(instrument, now)?.price ?? engine.priceOf(engine.ledger.indexOf(instrument));
      if (Number.isFinite(price)) prices[instrument] = price;
    }
    const text = JSON.stringify(prices);
    if (text === this.#shown) return;
    this.#shown = text;
    inbox.showPrices(now, prices);
  }

  #tell({ id, instrument, side, units }: ApprovalRequest, outcome: Outcome, who: string, reason = ''): void {
    const message = `${outcome} by ${who}${reason === '' ? '' : `: ${reason}`}`;
    this.#parts.onEvent('approval', { orderId: id, instrument, side, units, outcome, who, reason, message });
  }
}

function flawOf(found: FoundDecision, request: ApprovalRequest): string | undefined {
  switch (found.kind) {
    case 'decision':
      return decisionFlaw(found.decision, request);
    case 'unfinished':
      return 'it is not whole';
    case 'bad':
      return found.why;
    case 'none':
      return undefined;
  }
}
