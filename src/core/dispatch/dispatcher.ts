import { assert, unreachable } from '../base/assert.js';
import type { ClientId } from '../model/ids.js';
import type { ApprovedOrder } from '../model/order.js';
import { isFinal, type LiveOrder, type LiveOrders } from '../orders/live-orders.js';
import { moreThanRecorded } from '../orders/more-than-recorded.js';
import type { Instant, OrderRecord } from '../orders/records.js';
import { pauseBefore, resolveAbsent } from '../orders/resolve.js';
import type { Stopwatch } from '../ports/clock.js';
import type { CancelOutcome, Cursor, LookUp, SubmitOutcome, Venue, VenueEvent } from '../ports/venue.js';

/** Gives a fence back; calling it twice changes nothing. */
export type Release = () => void;

/** What a dispatcher is made of: a venue, and what its session does for it. */
export interface DispatchParts {
  readonly venue: Pick<Venue, 'rules' | 'submit' | 'cancel' | 'lookUp' | 'history'>;
  readonly orders: LiveOrders;
  /** What windows are measured with: the clock on the wall may be set while an order is in doubt. */
  readonly stopwatch: Stopwatch;
  /** Journals a record, folds it into `orders` and tells the engine. Not yet safe on disk. */
  note(record: OrderRecord): void;
  /** Returns when everything that was noted is safe on disk; throws when it cannot be. */
  durable(): void;
  /** Held around the last look at the latch and the send: who sets the latch and then holds it knows that nothing follows. */
  fence(): Promise<Release>;
  /** Why an order may not leave now: the latch, a price too old, a time limit. Asked again right before the bytes leave. */
  stops(order: ApprovedOrder): string | undefined;
  /** How far the venue's record is known. */
  cursor(): Cursor;
  /** Everything up to here was told. */
  advance(cursor: Cursor): void;
  /** Only a person can say what became of it; told once an order. */
  askPerson(order: LiveOrder, why: string): void;
}

/** Look-ups of one order in doubt. */
interface Doubt {
  /** By the stopwatch: when it was sent, and when it is looked up next. */
  readonly since: number;
  nextLookAt: number;
  looks: number;
  absentAfterWindow: number;
  asked: boolean;
}

/** Between two requests to take one order back, ms: twice this, then twice as long each time. */
const CANCEL_AGAIN_MS = 1_000;
const LONGEST_CANCEL_PAUSE_MS = 60_000;

/**
 * Carries approved orders to a venue so that none is lost and none is sent twice (reliability.md 3.1): recorded and safe on
 * disk before the bytes leave; sent once; whatever is no clear answer is looked up until it is known, and stays counted as
 * filled until then. It never sends anything again.
 */
export class Dispatcher {
  readonly #parts: DispatchParts;
  readonly #doubts = new Map<ClientId, Doubt>();
  /** When what was asked to be taken back is asked again, by the stopwatch. */
  readonly #cancels = new Map<ClientId, { readonly tries: number; readonly againAt: number }>();

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Sends an order whose `submit` record stands in the journal. */
  async send(order: ApprovedOrder): Promise<void> {
    const parts = this.#parts;
    const { clientId } = order;
    const recorded = parts.orders.find(clientId);
    assert(recorded?.state === 'intended', 'an order is sent once, after it was recorded');
    const more = moreThanRecorded(order.intent, recorded, parts.orders);
    assert(more === undefined, `no order leaves that is more than the journal says: ${more ?? ''}`);
    const release = await parts.fence();
    try {
      const stopped = parts.stops(order);
      if (stopped !== undefined) {
        this.#abandon(clientId, stopped);
        return;
      }
      this.#doubtOf(recorded);
      parts.note({ type: 'attempt', clientId, cursor: parts.cursor(), ...this.#instant() });
      parts.durable();
      // The disk may have taken seconds: prices age and halts fall meanwhile.
      const late = parts.stops(order);
      if (late !== undefined) {
        this.#abandon(clientId, late);
        return;
      }
      const mayLeave = (): boolean => {
        const leaves = parts.stops(order) === undefined;
        // The bytes leave in this very turn; the answer may take seconds, and a halt must not wait for it.
        queueMicrotask(release);
        return leaves;
      };
      this.#settle(clientId, await this.#submitted(order, mayLeave));
    } finally {
      release();
    }
    parts.durable();
  }

  /** Takes a working order back; one that was never sent never will be. */
  async cancel(clientId: ClientId, reason: string): Promise<void> {
    const order = this.#parts.orders.find(clientId);
    if (order === undefined || isFinal(order.state) || order.state === 'dormant') return;
    if (order.state === 'intended') {
      this.#abandon(clientId, `taken back before it left: ${reason}`);
      return;
    }
    const tries = (this.#cancels.get(clientId)?.tries ?? 0) + 1;
    const pauseMs = Math.min(CANCEL_AGAIN_MS * 2 ** tries, LONGEST_CANCEL_PAUSE_MS);
    this.#cancels.set(clientId, { tries, againAt: this.#parts.stopwatch.mono() + pauseMs });
    this.#parts.note({ type: 'cancel-request', clientId, reason });
    this.#parts.durable();
    const venueId = order.venueId === undefined ? {} : { venueId: order.venueId };
    const outcome = await this.#cancelled({ clientId, ...venueId });
    if (outcome.kind === 'cancelled') this.#tell(outcome.events);
    // Gone or unknown: its state changes only by what the account's record says.
    else await this.pull();
    this.#parts.durable();
  }

  /**
   * Asks again to take back what still works although it was asked before: an answer got lost, or the order was in doubt then
   * and came later. Further apart each time; the first time at once in a new process.
   */
  async cancelAgain(): Promise<void> {
    const { orders, stopwatch } = this.#parts;
    for (const { clientId, cancelRequestedAt } of orders.working()) {
      if (cancelRequestedAt === undefined) continue;
      const before = this.#cancels.get(clientId);
      if (before !== undefined && stopwatch.mono() < before.againAt) continue;
      await this.cancel(clientId, 'asked before, and it still works');
    }
  }

  /** Asks the venue about every order in doubt whose time has come. */
  async resolve(): Promise<void> {
    for (const order of this.#parts.orders.inDoubt()) {
      const doubt = this.#doubtOf(order);
      if (doubt.asked || this.#parts.stopwatch.mono() < doubt.nextLookAt) continue;
      await this.#look(order, doubt);
    }
  }

  /** How long until the next look-up is due, ms; undefined when nothing is in doubt. */
  get nextLookInMs(): number | undefined {
    const due = this.#parts.orders.inDoubt().flatMap((order) => {
      const doubt = this.#doubtOf(order);
      return doubt.asked ? [] : [Math.max(0, doubt.nextLookAt - this.#parts.stopwatch.mono())];
    });
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Reads what happened to the account since the last time. Throws `BROKER.*` when the venue cannot be read. */
  async pull(): Promise<readonly VenueEvent[]> {
    const { events, cursor } = await this.#parts.venue.history(this.#parts.cursor());
    const fresh = events.filter((event) => !this.#parts.orders.knows(event));
    this.#tell(fresh);
    this.#parts.advance(cursor);
    if (fresh.length > 0) this.#parts.durable();
    return fresh;
  }

  /** What the venue tells of its own accord. */
  hear(event: VenueEvent): void {
    if (!this.#parts.orders.knows(event)) this.#parts.note({ type: 'venue', event });
  }

  #tell(events: readonly VenueEvent[]): void {
    for (const event of events) this.hear(event);
  }

  async #submitted(order: ApprovedOrder, mayLeave: () => boolean): Promise<SubmitOutcome> {
    try {
      return await this.#parts.venue.submit(order, mayLeave);
    } catch (error) {
      // An adapter that fails in a way nobody foresaw may have sent it.
      return { kind: 'unresolved', why: wordsOf(error) };
    }
  }

  async #cancelled(order: Parameters<Venue['cancel']>[0]): Promise<CancelOutcome> {
    try {
      return await this.#parts.venue.cancel(order);
    } catch (error) {
      return { kind: 'unresolved', why: wordsOf(error) };
    }
  }

  #settle(clientId: ClientId, outcome: SubmitOutcome): void {
    const { note } = this.#parts;
    switch (outcome.kind) {
      case 'accepted':
        note({ type: 'accepted', clientId, venueId: outcome.venueId });
        this.#tell(outcome.events);
        break;
      case 'refused':
        note({ type: 'refusal', clientId, code: outcome.code, reason: outcome.reason });
        break;
      case 'held':
        this.#abandon(clientId, 'stopped at the last moment, nothing left');
        break;
      case 'unresolved':
        note({ type: 'unresolved', clientId, why: outcome.why });
        break;
      default:
        unreachable(outcome);
    }
  }

  async #look(order: LiveOrder, doubt: Doubt): Promise<void> {
    const { clientId } = order;
    let found: LookUp;
    doubt.nextLookAt = this.#parts.stopwatch.mono() + pauseBefore(++doubt.looks);
    try {
      found = await this.#parts.venue.lookUp(clientId, order.cursor ?? this.#parts.cursor());
    } catch {
      return;
    }
    const { venue, note } = this.#parts;
    // What the stream told meanwhile counts as well.
    if (order.state !== 'attempted' && order.state !== 'unresolved') return;
    if (found.kind === 'found') {
      note({ type: 'accepted', clientId, venueId: found.venueId });
      this.#tell(found.events);
    } else if (found.kind === 'refused') {
      note({ type: 'refusal', clientId, code: 'refused', reason: found.reason });
    } else {
      const elapsedMs = this.#parts.stopwatch.mono() - doubt.since;
      if (elapsedMs >= venue.rules.settleWindowMs) doubt.absentAfterWindow++;
      const verdict = resolveAbsent(order, venue.rules, { elapsedMs, absentAfterWindow: doubt.absentAfterWindow });
      if (verdict.kind === 'never-arrived') note({ type: 'never-arrived', clientId, proof: verdict.proof });
      if (verdict.kind === 'person') {
        doubt.asked = true;
        this.#parts.askPerson(order, 'the venue knows nothing of it, and that proves nothing');
      }
    }
    this.#parts.durable();
  }

  #abandon(clientId: ClientId, reason: string): void {
    this.#parts.note({ type: 'abandoned', clientId, reason });
    this.#parts.durable();
  }

  /** Now, as a later process can read it. */
  #instant(): { readonly sent?: Instant } {
    const { stopwatch } = this.#parts;
    const { boot } = stopwatch;
    return boot === undefined ? {} : { sent: { mono: Math.round(stopwatch.mono()), boot } };
  }

  /** Since the send, where the machine's stopwatch went on since then: a program that is started again and again comes to an end too. */
  #doubtOf({ clientId, sent }: LiveOrder): Doubt {
    const known = this.#doubts.get(clientId);
    if (known !== undefined) return known;
    const { stopwatch } = this.#parts;
    const now = stopwatch.mono();
    const since = sent !== undefined && sent.boot === stopwatch.boot ? Math.min(now, sent.mono) : now;
    const fresh: Doubt = { since, nextLookAt: now + pauseBefore(0), looks: 0, absentAfterWindow: 0, asked: false };
    this.#doubts.set(clientId, fresh);
    return fresh;
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
