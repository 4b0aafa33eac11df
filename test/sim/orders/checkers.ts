import type { TrueOrder } from '../../../src/brokers/oanda/sandbox/message.js';
import { FxError } from '../../../src/core/base/errors.js';
import { within } from '../../../src/core/base/num.js';
import { isFinal, LiveOrders } from '../../../src/core/orders/live-orders.js';
import { isOrderRecord, type RecordedOrder } from '../../../src/core/orders/records.js';
import { checkJournal } from '../../../src/core/state/books/journal-check.js';
import type { HttpRequest } from '../../../src/wire/message.js';
import { type SimProcess, wordsOf } from '../world/process.js';
import type { Actor } from './actor.js';
import { BOOK, CANARY, JOURNAL_FILE } from './places.js';
import type { OrderWorld } from './world.js';

/** A rule of reliability.md 2.5.5 that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** What an entry was judged with: equity, and what a unit of each instrument is worth by its name at the venue; account currency. */
export interface Valuation {
  readonly equity: number;
  readonly mids: Readonly<Record<string, number>>;
}

export interface Checkers {
  after(what: string): void;
  /** A session decided to send an order. */
  decided(clientId: string, valuation: Valuation): void;
  atReconcile(actor: Actor, cash: number): void;
  atEnd(): void;
  /** The latch is on disk, and the halt has held the fence: whatever leaves from now on saw it. */
  fenced(): void;
  leaves(request: HttpRequest): void;
  halted(proven: boolean): void;
  lifted(): void;
  failedStart(process: SimProcess, error: unknown): void;
  /** True when it knows what became of every order, has the venue's cash, and was compared after `since`. */
  isSettled(actor: Actor, since: number): boolean;
  /** An actor ended by itself. */
  endedBy(error: unknown): void;
}

const SAFE_STARTS: ReadonlySet<string> = new Set(['STATE.DISK_ERROR', 'STATE.DISK_FULL']);

/** Families of errors with which a session may end: the venue cannot be read at the start, a halt. */
const MAY_END: ReadonlySet<string> = new Set(['BROKER', 'HALT']);

export function ordersCheckers(world: OrderWorld): Checkers {
  return new OrdersCheckers(world);
}

class OrdersCheckers implements Checkers {
  readonly #world: OrderWorld;
  readonly #sent = new Map<string, number>();
  readonly #filled = new Map<string, number>();
  readonly #intended = new Map<string, number>();
  #orders = 0;
  #fills = 0;
  readonly #decisions: Valuation[] = [];
  readonly #decidedAt = new Map<string, number>();
  /** Most units of each instrument that what works could come to hold. */
  readonly #most = new Map<string, number>();
  #provenAt: number | undefined;
  #fencedAt: number | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;
  #readBytes = 0;
  #folded = new LiveOrders();
  #failure: Broken | undefined;

  constructor(world: OrderWorld) {
    this.#world = world;
  }

  after(what: string): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (what.startsWith('trader')) this.#foldEqualsLive();
    // What did not reach the venue changed nothing there.
    if (what.endsWith('arrives') || what.startsWith('world')) this.#lookAtVenue();
  }

  /** Goes over what came to the venue, and was filled there, since the last look. */
  #lookAtVenue(): void {
    const { orders, fills } = this.#world.sandbox.truth();
    const entries: TrueOrder[] = [];
    for (; this.#orders < orders.length; this.#orders++) {
      const order = orders[this.#orders];
      if (this.#arrived(order) && order !== undefined && this.#mayGrow(order)) entries.push(order);
    }
    for (; this.#fills < fills.length; this.#fills++) {
      const fill = fills[this.#fills];
      if (fill?.clientId === undefined) continue;
      const units = (this.#filled.get(fill.clientId) ?? 0) + Math.abs(fill.units);
      this.#filled.set(fill.clientId, units);
      const intended = this.#intended.get(fill.clientId);
      if (intended !== undefined && units > intended) fail('b', `${fill.clientId} filled ${units} of ${intended}`);
    }
    this.#exposure(entries);
  }

  decided(clientId: string, valuation: Valuation): void {
    this.#decidedAt.set(clientId, this.#decisions.push(valuation) - 1);
  }

  atReconcile(actor: Actor, cash: number): void {
    this.#comparedAt = this.#world.scheduler.now;
    const { breaks } = actor;
    // Nobody but us trades here, and every order is ours: there is nothing to differ.
    if (breaks.length === 0) return;
    const bad = breaks.find(({ kind }) => kind !== 'missing-order' || this.#world.isQuiet);
    if (bad === undefined) return;
    this.#failure = new Broken(`(f) ${breaks.map(({ message }) => message).join('; ')} (${cash})`);
  }

  fenced(): void {
    this.#fencedAt = this.#world.scheduler.now;
  }

  leaves({ method, url }: HttpRequest): void {
    if (this.#fencedAt === undefined || method !== 'POST' || !url.endsWith('/orders')) return;
    const ms = this.#world.scheduler.now - this.#fencedAt;
    this.#failure ??= new Broken(`(d) an order left ${ms} ms after the halt had the fence`);
  }

  halted(proven: boolean): void {
    if (proven) {
      try {
        this.#lookAtVenue();
      } catch (error) {
        if (!(error instanceof Broken)) throw error;
        this.#failure = error;
      }
      this.#provenAt = this.#world.scheduler.now;
      const open = this.#world.sandbox.truth().orders.filter((order) => this.#mayGrow(order));
      for (const { id, state } of open)
        if (state === 'PENDING') this.#failure = new Broken(`(d) order ${id} still works`);
    }
  }

  lifted(): void {
    this.#provenAt = undefined;
    this.#fencedAt = undefined;
  }

  failedStart(process: SimProcess, error: unknown): void {
    if (!process.isAlive) return;
    if (error instanceof FxError && SAFE_STARTS.has(error.code)) return;
    this.#failure = new Broken(`(e) a start failed: ${wordsOf(error)}`);
  }

  endedBy(error: unknown): void {
    if (error instanceof FxError && error.code.startsWith('HALT.')) this.#world.resumeSoon();
    if (error instanceof FxError && MAY_END.has(error.code.split('.')[0] ?? '')) return;
    if (error instanceof FxError && SAFE_STARTS.has(error.code)) return;
    this.#failure ??= new Broken(`(e) a session ended: ${wordsOf(error)} ${(error as Error).stack ?? ''}`);
  }

  atEnd(): void {
    this.#foldEqualsLive();
    this.after('world');
    const { trader, output } = this.#world;
    const files = this.#world.disk.calls(() => undefined);
    const { torn } = checkJournal(BOOK, { fs: files });
    if (torn !== undefined) fail('g', 'the journal is torn though nobody died');
    for (const text of output) if (text.includes(CANARY)) fail('h', `a secret was said: ${text}`);
    for (const [path, text] of this.#world.disk.texts()) if (text.includes(CANARY)) fail('h', `a secret is in ${path}`);
    if (trader === undefined || !trader.process.isAlive) fail('i', `nobody trades: ${trader?.ended ?? ''}`);
    else this.#alive(trader);
  }

  isSettled(actor: Actor, since: number): boolean {
    return this.#comparedAt > since && this.#unsettled(actor) === undefined;
  }

  #alive(trader: Actor): void {
    if (!trader.isReady) fail('i', 'ten minutes without trouble, and the trader is not ready');
    const found = this.#unsettled(trader);
    if (found !== undefined) throw found;
  }

  /** What is not as it must be ten minutes after the last trouble. */
  #unsettled(trader: Actor): Broken | undefined {
    const truth = this.#world.sandbox.truth();
    const states = new Map(truth.orders.map((order) => [order.id, order.state]));
    for (const order of trader.orders?.values() ?? []) {
      const { state, clientId, venueId } = order;
      if (isFinal(state) || state === 'dormant') continue;
      const there = venueId === undefined ? undefined : states.get(venueId);
      if (state !== 'working') return new Broken(`(i) ${clientId} is ${state} after ten minutes without trouble`);
      if (there !== 'PENDING') return new Broken(`(i) ${clientId} works here and is ${there} there`);
    }
    for (const { id, state, reason, clientId } of truth.orders) {
      if (state !== 'PENDING' || (reason !== 'CLIENT_ORDER' && reason !== 'REPLACEMENT')) continue;
      const ours = [...(trader.orders?.values() ?? [])].find((order) => order.clientId === clientId);
      if (ours?.state !== 'working')
        return new Broken(`(i) order ${id} works there and is ${ours?.state ?? 'unknown'} here`);
    }
    if (trader.breaks.length > 0) return new Broken(`(f) ${trader.breaks.map(({ message }) => message).join('; ')}`);
    const account = truth.accounts[0];
    // Both book in ten-thousandths, rounded: the numbers are the same, not only near.
    if (account === undefined || account.balance === trader.cash) return undefined;
    return new Broken(`(f) cash here ${trader.cash}, there ${account.balance}`);
  }

  /** An order that the venue took has one intent, which was safe on disk before. True when it is one that it took. */
  #arrived(order: TrueOrder | undefined): boolean {
    if (order?.reason !== 'CLIENT_ORDER') return false;
    const { clientId, state, arrivedAt } = order;
    if (state === 'REFUSED') return false;
    if (clientId === undefined) fail('a', `order ${order.id} has no id of ours`);
    const record = submitOf(this.#world.disk.safeBytes(JOURNAL_FILE), clientId);
    if (record === undefined) fail('a', `order ${order.id} (${clientId}) was sent and no intent of it is safe`);
    const { id, intent } = record.order;
    const count = (this.#sent.get(id) ?? 0) + 1;
    this.#sent.set(id, count);
    if (count > 1) fail('a', `${id} is ${count} orders at the venue`);
    this.#intended.set(clientId, intent.units);
    // A yes is to one order, and the order is sent once.
    if (this.#world.options.asks === true && !intent.reduceOnly && !this.#world.yeses.has(clientId)) {
      fail('j', `order ${id} was sent, and nobody has said yes to it`);
    }
    this.#world.intents.set(clientId, intent);
    if (this.#provenAt !== undefined && arrivedAt > this.#provenAt && this.#mayGrow(order)) {
      fail('d', `order ${order.id} was taken ${arrivedAt - this.#provenAt} ms after the halt was proven`);
    }
    return true;
  }

  /** An entry of ours, or what a partial fill has left of one. */
  #mayGrow({ clientId, reason }: TrueOrder): boolean {
    const isEntry = reason === 'CLIENT_ORDER' || reason === 'REPLACEMENT';
    return isEntry && this.#world.intents.get(clientId ?? '')?.reduceOnly !== true;
  }

  /**
   * The most that may come to be held of each instrument, whatever fills and in whatever order: what is held may be closed by a
   * stop or an exit before the orders against it fill. It grows only when an entry arrives, and then within the limits. Prices
   * move after a decision, and so does equity: gross is valued as a decision saw it that counted this entry, its own or a later
   * one, and no tolerance but that of rounding is needed.
   */
  #exposure(entries: readonly TrueOrder[]): void {
    const { mostUnits = Number.POSITIVE_INFINITY } = this.#world.options;
    const { orders, positions } = this.#world.sandbox.truth();
    let grown: TrueOrder | undefined;
    for (const instrument of Object.keys(this.#world.mids)) {
      const held = positions.find((one) => one.instrument === instrument)?.units ?? 0;
      let [long, short] = [Math.max(0, held), Math.max(0, -held)];
      for (const order of orders) {
        if (order.state !== 'PENDING' || order.instrument !== instrument || !this.#mayGrow(order)) continue;
        if (order.units > 0) long += order.units;
        else short -= order.units;
      }
      const most = Math.max(long, short);
      if (most > mostUnits) fail('c', `${instrument} may become ${long} or ${-short}`);
      const last = this.#most.get(instrument) ?? 0;
      this.#most.set(instrument, most);
      if (most <= last) continue;
      grown = entries.find((order) => order.instrument === instrument);
      if (grown === undefined) fail('c', `${instrument} may become ${most} units, before ${last}, without a new order`);
    }
    if (grown !== undefined) this.#gross(grown);
  }

  #gross({ id, clientId }: TrueOrder): void {
    const { mostGross } = this.#world.options;
    if (mostGross === undefined) return;
    const since = this.#decidedAt.get(clientId ?? '') ?? this.#decisions.length - 1;
    const seen = this.#decisions.slice(Math.max(0, since));
    const now = this.#world.trader?.valuation;
    if (now !== undefined) seen.push(now);
    const times = seen.map(({ equity, mids }) => {
      let gross = 0;
      for (const [instrument, most] of this.#most) gross += most * (mids[instrument] ?? Number.NaN);
      return gross / equity;
    });
    const least = Math.min(...times);
    if (!within(least, mostGross))
      fail('c', `with order ${id} the account may come to hold ${least} times what it has`);
  }

  /** Reads the journal as it grows, and compares what it says with what the living trader believes. */
  #foldEqualsLive(): void {
    const { trader, disk } = this.#world;
    if (trader?.process.isAlive !== true || trader.orders === undefined) {
      this.#readBytes = 0;
      return;
    }
    const bytes = disk.bytes(JOURNAL_FILE);
    if (bytes === undefined || bytes.length !== trader.journalBytes) return;
    if (this.#readBytes === 0 || bytes.length < this.#readBytes) {
      this.#folded = new LiveOrders();
      this.#readBytes = 0;
    }
    if (bytes.length === this.#readBytes) return;
    for (const line of bytes.toString('utf8', this.#readBytes).split('\n')) {
      const record = line === '' ? undefined : JSON.parse(line).r;
      if (record !== undefined && isOrderRecord(record)) {
        this.#folded.apply(record, Date.parse(String((record as { ts?: unknown }).ts)));
      }
    }
    this.#readBytes = bytes.length;
    const [told, live] = [this.#folded, trader.orders].map(stateOf);
    if (told !== live) fail('e', `the journal says ${told}, the trader believes ${live}`);
  }
}

/** The record of an order that may be sent; a question to a person names the order before it. */
function submitOf(journal: Buffer | undefined, clientId: string): { readonly order: RecordedOrder } | undefined {
  if (journal === undefined) return undefined;
  const name = `"clientId":"${clientId}"`;
  for (let at = journal.lastIndexOf(name); at >= 0; at = at === 0 ? -1 : journal.lastIndexOf(name, at - 1)) {
    const line = journal.toString('utf8', journal.lastIndexOf('\n', at) + 1, journal.indexOf('\n', at));
    const record = JSON.parse(line).r;
    if (record.type === 'submit') return record;
  }
  return undefined;
}

/** Orders that are not final, as text; those that were final at a snapshot are not kept. */
function stateOf(orders: LiveOrders): string {
  return [...orders.values()]
    .filter(({ state }) => !isFinal(state))
    .map(({ clientId, state, filledUnits, venueId }) => `${clientId} ${state} ${filledUnits} ${venueId}`)
    .sort()
    .join();
}

function fail(rule: string, message: string): never {
  throw new Broken(`(${rule}) ${message}`);
}
