import { Dispatcher } from '../../../core/dispatch/dispatcher.js';
import { type CancelErrand, type Errand, keepUnsent } from '../../../core/dispatch/outbox.js';
import { type AccountReading, readAccount } from '../../../core/dispatch/read-account.js';
import type { InstrumentId } from '../../../core/model/ids.js';
import type { ApprovedOrder } from '../../../core/model/order.js';
import type { LiveOrder } from '../../../core/orders/live-orders.js';
import { type Break, findBreaks } from '../../../core/orders/reconcile.js';
import type { Cursor, VenueEvent } from '../../../core/ports/venue.js';
import { Inbox } from '../../../core/state/approvals/inbox.js';
import { haltsFor } from '../halts.js';
import { sha256 } from '../inputs/prepare.js';
import { ApprovalDesk } from '../realtime/approvals.js';
import { passedBefore } from '../realtime/periods.js';
import { decidedUnder } from './book/decided-under.js';
import { DoubtHalt } from './doubt-halt.js';
import { Inputs } from './inputs.js';
import { lastLook } from './last-look.js';
import { type LiveParts, type SavedSession, WARM_UP_BARS } from './live-parts.js';
import { marketNow } from './market/market-time.js';
import { newestClose, rowsUpTo, toRecorded } from './market/recorded-bars.js';
import { protectHeld } from './protect-held.js';

/**
 * A book at a real venue. Every input is recorded before the engine sees it, every order is safe on disk before it leaves, and
 * what the venue says is compared with what we believe. Start and recovery are one path.
 */
export class LiveSession {
  readonly inputs: Inputs;
  readonly dispatcher: Dispatcher;
  readonly #approvals: ApprovalDesk;
  readonly #doubt: DoubtHalt;
  readonly #parts: LiveParts;
  #cursor: Cursor;
  /** Nothing was worked through yet: what closed before is there to learn from, and nobody missed it. */
  #isNew: boolean;
  /** Decided under other settings, and not recorded under these yet. */
  #cancels: readonly CancelErrand[];
  decided = false;
  missed = 0;
  /** The venue can be read; while it cannot, no new risk leaves. */
  known = true;
  #kept = -1;
  #reading: AccountReading | undefined;
  readonly #remarks: { readonly type: string; readonly fields: object }[] = [];

  constructor(parts: LiveParts) {
    const { saved, begun, book, market, halts } = parts;
    this.#parts = parts;
    this.#isNew = saved?.isNew ?? true;
    this.#cursor = saved?.cursor ?? begun.cursor;
    this.#cancels = saved?.cancels ?? [];
    const last = saved?.last ?? begun.at - WARM_UP_BARS * market.timeframeMs;
    this.inputs = new Inputs(parts, last, saved?.breaks ?? []);
    halts.goOn(book.log, saved?.halts ?? [], book.log.records);
    this.#approvals = this.#approvalDesk();
    this.#doubt = new DoubtHalt(parts);
    this.dispatcher = new Dispatcher({
      venue: parts.venue,
      orders: book.orders,
      stopwatch: parts.stopwatch,
      note: (record) => this.inputs.note(record),
      durable: () => book.log.flush(true),
      fence: () => parts.fence(),
      stops: (order) => this.#stops(order),
      cursor: () => this.#cursor,
      advance: (cursor) => {
        this.#cursor = cursor;
      },
      askPerson: (order, why) => this.#askPerson(order, why),
    });
  }

  /** Something worth keeping, when the records of before are done with. */
  onceRecovered(type: string, fields: object): void {
    this.#remarks.push({ type, fields });
  }

  /** Goes over what happened after the last snapshot, then asks the venue what became of it. Throws `BROKER.*`. */
  async recover(): Promise<void> {
    await this.inputs.repeat();
    for (const { type, fields } of this.#remarks) this.inputs.remark(type, fields);
    for (const { clientId } of keepUnsent(this.#parts.outbox, this.#parts.book.orders)) {
      this.inputs.note({ type: 'abandoned', clientId, reason: 'not sent before the last session ended' });
    }
    await this.dispatcher.pull();
    await this.settle();
  }

  /**
   * Ends what was begun under other settings: the records are gone over, and what was never sent never will be. The venue is
   * not asked; what is in doubt stays so. What was to be taken back there is so under any settings: the snapshot keeps it until
   * `takeBackOld` has recorded it anew.
   */
  async closeOldRecords(): Promise<void> {
    await this.inputs.repeat();
    const { outbox, book } = this.#parts;
    const errands = outbox.take();
    for (const errand of errands) {
      if (errand.kind !== 'submit' || book.orders.find(errand.order.clientId)?.state !== 'intended') continue;
      const { clientId } = errand.order;
      this.inputs.note({
        type: 'abandoned',
        clientId,
        reason: 'not sent before the session ended; decided under other settings',
      });
    }
    this.#cancels = [...this.#cancels, ...errands.filter((errand) => errand.kind === 'cancel')];
    this.checkpoint();
  }

  /** Takes back at the venue what was decided under other settings to be taken back. */
  takeBackOld(): void {
    for (const { orderId, reason } of this.#cancels) this.inputs.takeBack(orderId, reason);
    this.#cancels = [];
  }

  /** Waits until the venue has said what became of every order, as far as it ever will. Throws `BROKER.*`. */
  async settle(): Promise<void> {
    for (let due = this.dispatcher.nextLookInMs; due !== undefined; due = this.dispatcher.nextLookInMs) {
      if (this.#isStopping) return;
      await this.#parts.pause(due);
      await this.dispatcher.resolve();
    }
    await this.dispatcher.pull();
  }

  /** Compares with the venue; a difference blocks new risk. Throws `BROKER.*` when the account cannot be read. */
  async reconcile(): Promise<readonly Break[]> {
    const reading = await readAccount(this.#parts.venue, this.dispatcher);
    this.#reading = reading;
    const breaks = this.#compare(reading);
    if (JSON.stringify(breaks) === JSON.stringify(this.inputs.breaks) && !this.#isNew) return breaks;
    const { cash, equity, marginUsed, cursor } = reading.account;
    this.inputs.reconciled({ account: { cash, equity, marginUsed }, cursor }, breaks);
    this.#parts.book.log.flush(true);
    for (const one of breaks) this.#parts.onEvent('break', { ...one });
    return breaks;
  }

  /**
   * Sees to it that a stop works at the venue for everything that is held, and that none is left of what is not, right after a
   * reconcile. An instrument that differs, or has an order in doubt, which may be the very stop, is left until that is clear.
   */
  async protect(): Promise<void> {
    if (this.#reading === undefined) return;
    const { inputs, dispatcher } = this;
    const doubted = this.#parts.book.orders.inDoubt().map(({ intent }) => intent.instrument);
    const differing = inputs.breaks.flatMap(({ instrument }) => instrument ?? []);
    const unclear = new Set([...doubted, ...differing]);
    await protectHeld(this.#reading, { parts: this.#parts, inputs, dispatcher, held: this.#heldUnits(), unclear });
  }

  /** A person takes the venue's word: on positions, on cash, and that orders in doubt never arrived. */
  async adopt(who: string, reason: string): Promise<readonly Break[]> {
    const { venue, clock, book } = this.#parts;
    for (const { clientId } of book.orders.inDoubt()) {
      this.inputs.note({ type: 'never-arrived', clientId, proof: `${who}: ${reason}` });
    }
    const { account, theirs } = await readAccount(venue, this.dispatcher);
    for (const { clientId } of this.#missing(theirs.orders.map((order) => order.venueId))) {
      this.inputs.note({ type: 'never-arrived', clientId, proof: `${who}: ${reason}` });
    }
    const traded = new Set(this.#traded.map(({ id }) => id));
    const positions = theirs.positions
      .filter(({ instrument }) => traded.has(instrument))
      .map(({ instrument, units, averagePrice }) => ({ instrument, units, averagePrice }));
    this.inputs.adopt(who, reason, { kind: 'adopted', ts: clock.now(), cash: account.cash, positions });
    const breaks = await this.reconcile();
    this.checkpoint();
    return breaks;
  }

  /** A new book learns from the venue's past, and keeps what it learnt. */
  async warmUp(): Promise<void> {
    if (!this.#isNew) return;
    const { market, clock, venue } = this.#parts;
    const bars = await market.fetch(this.inputs.last, marketNow(clock, venue));
    const newest = newestClose(bars, this.inputs.last);
    if (newest === this.inputs.last) return;
    const past = rowsUpTo(bars, newest - 1);
    await this.inputs.learn(past, newestClose(past, this.inputs.last));
    this.#isNew = false;
    this.checkpoint();
  }

  /** Works through what closed since the last bar, decides at the newest close only, and sends what was decided. */
  async catchUp(): Promise<void> {
    await this.warmUp();
    const { market, clock, onEvent, book, venue } = this.#parts;
    const trouble = await market.news?.refresh();
    if (trouble !== undefined) onEvent('news', { message: trouble });
    const bars = await market.fetch(this.inputs.last, marketNow(clock, venue));
    const until = newestClose(bars, this.inputs.last);
    // An answer that came before these bars closed is heard before them.
    const heardAt = clock.now();
    this.#approvals.look(heardAt);
    if (until > this.inputs.last) {
      const { closes, periods } = await passedBefore(market.merged(bars), until);
      if (closes > 0) {
        this.missed += closes;
        onEvent('missed', { closes, decidedAt: new Date(until).toISOString() });
      }
      await this.inputs.bars(bars, { until, missedPeriods: periods, heardAt, bars: bars.map(toRecorded) });
      this.decided = true;
      onEvent('bar', { close: new Date(until).toISOString(), equity: book.desk.engine.equity });
    }
    await this.drain();
  }

  /** A moment went by: timers, halts, answers that are due. */
  async tick(): Promise<void> {
    this.#settleLatches();
    const now = this.#parts.clock.now();
    this.#approvals.look(now);
    this.inputs.tick(now);
    await this.drain();
    await this.dispatcher.resolve();
    await this.dispatcher.cancelAgain();
    this.#doubt.look();
  }

  /** What the venue tells of its own accord. */
  async hear(event: VenueEvent): Promise<void> {
    this.dispatcher.hear(event);
    await this.drain();
  }

  /** Sends what waits, cancels first: they need no room, and may be why room is needed. */
  async drain(): Promise<void> {
    const { outbox, book } = this.#parts;
    book.log.flush(true);
    for (let errands = outbox.take(); errands.length > 0; errands = outbox.take()) {
      const cancels = errands.filter(({ kind }) => kind === 'cancel');
      const submits = errands.filter(({ kind }) => kind === 'submit');
      const waiting = [...cancels, ...submits];
      try {
        for (; waiting[0] !== undefined && !this.#isStopping; waiting.shift()) await this.#run(waiting[0]);
      } finally {
        // Left for the next turn, or the next session: a venue that cannot be read must not lose what still waits.
        outbox.putBack(waiting);
      }
      if (this.#isStopping) return;
    }
  }

  checkpointIfChanged(): void {
    if (this.#parts.book.log.position.seq !== this.#kept) this.checkpoint();
  }

  checkpoint(): void {
    const { book, latches, halts, outbox } = this.#parts;
    // What waits to be sent stands in no snapshot: the next start finds it by going over the records again.
    if (!outbox.isEmpty) {
      book.log.flush(true);
      return;
    }
    const extra: SavedSession = {
      last: this.inputs.last,
      cursor: this.#cursor,
      breaks: this.inputs.breaks,
      latched: latches.lines,
      halts: halts.lines,
      limits: this.#parts.limits,
      under: decidedUnder(this.#parts.prepared.loaded),
      isNew: this.#isNew,
      ...(this.#cancels.length === 0 ? {} : { cancels: this.#cancels }),
    };
    book.checkpoint(this.inputs.takeWorked(), extra);
    this.#kept = book.log.position.seq;
  }

  #heldUnits(): ReadonlyMap<InstrumentId, number> {
    const { ledger } = this.#parts.book.desk.engine;
    return new Map(this.#traded.map(({ id }, index) => [id, ledger.units(index)]));
  }

  /** How far the venue's record is known. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  get #traded() {
    const { instruments, tradedCount } = this.#parts.market;
    return instruments.slice(0, tradedCount);
  }

  async #run(errand: Errand): Promise<void> {
    const { orders } = this.#parts.book;
    if (errand.kind === 'submit') {
      // What the last session left unsent may be taken back by the first decision of this one, before it leaves.
      if (orders.find(errand.order.clientId)?.state !== 'intended') return;
      await this.dispatcher.send(errand.order);
      this.#doubt.look();
      return;
    }
    const order = orders.byId(errand.orderId);
    if (order !== undefined) await this.dispatcher.cancel(order.clientId, errand.reason);
  }

  get #isStopping(): boolean {
    return this.#parts.isStopping?.() === true;
  }

  #compare({ theirs }: AccountReading): readonly Break[] {
    const { book, market, venue } = this.#parts;
    const { ledger } = book.desk.engine;
    const positions = this.#heldUnits();
    const steps = new Map(market.instruments.map(({ id, lotStep }) => [id, lotStep]));
    return findBreaks({ cash: ledger.cash, positions, orders: [...book.orders.values()] }, theirs, {
      lotStep: (id) => steps.get(id) ?? Number.MIN_VALUE,
      cashDigits: venue.rules.cashDigits,
    });
  }

  #missing(there: readonly string[]): readonly LiveOrder[] {
    const known = new Set(there);
    return this.#parts.book.orders.working().filter(({ venueId }) => venueId === undefined || !known.has(venueId));
  }

  /** Keeps `HALT` and the engine's latches together. */
  #settleLatches(): void {
    const { book, latches } = this.#parts;
    if (book.desk.engine.latches.length === 0) return;
    const resumes = latches.settle(book.desk.engine);
    if (resumes !== undefined) this.inputs.resume(resumes);
  }

  #stops({ id, clientId, intent }: ApprovedOrder): string | undefined {
    const { prepared, clock, trader, shadow, book } = this.#parts;
    const { engine } = book.desk;
    if (!this.known && !intent.reduceOnly) return 'the broker cannot be read: nothing new leaves';
    const stopped = lastLook(intent, book.orders.find(clientId)?.recordedAt ?? 0, {
      now: clock.now(),
      mono: this.#parts.stopwatch.mono(),
      limits: prepared.loaded.settings.risk,
      halts: haltsFor(prepared.request.home, trader, this.#parts.files),
      breaks: this.inputs.breaks,
      shadow,
      room: this.#parts.room?.(),
      decidedPrice: engine.priceOf(engine.ledger.indexOf(intent.instrument)),
      quote: (id) => this.#parts.quotes.of(id),
      second: (id) => this.#parts.second?.stops(id),
    });
    return stopped ?? engine.overExposed(id);
  }

  #approvalDesk(): ApprovalDesk {
    const { book, prepared, onEvent } = this.#parts;
    return new ApprovalDesk({
      inbox: new Inbox(book.folder, this.#parts.files),
      engine: book.desk.engine,
      configHash: sha256(prepared.loaded.canonical),
      seen: (instrument) => {
        const quote = this.#parts.quotes.of(instrument);
        if (quote === undefined) return undefined;
        const { bid, ask, receivedMono } = quote;
        return {
          price: (bid + ask) / 2,
          spread: ask - bid,
          ageMs: Math.round(this.#parts.stopwatch.mono() - receivedMono),
        };
      },
      answer: (event) => this.inputs.answer(event),
      remark: (type, fields) => this.inputs.remark(type, fields),
      onEvent,
    });
  }

  #askPerson({ id, clientId }: LiveOrder, why: string): void {
    this.#parts.onEvent('unresolved', { orderId: id, clientId, why });
  }
}
