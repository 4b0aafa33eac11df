import { FxError } from '../base/errors.js';
import { roundTo } from '../base/num.js';
import type { ClientId, InstrumentId, OrderId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { ApprovedOrder, OrderIntent } from '../model/order.js';
import { closePlan, largestOrder } from '../orders/close-plan.js';
import { isFinal, type LiveOrder, type LiveOrders } from '../orders/live-orders.js';
import type { OrderRecord } from '../orders/records.js';
import { sentAgo } from '../orders/resolve.js';
import type { Clock } from '../ports/clock.js';
import type { CancelOutcome, Cursor, Venue, VenueOrder, VenuePosition, VenueQuote } from '../ports/venue.js';
import { Dispatcher } from './dispatcher.js';
import { readAgain, type Stubborn, type SweepTime, sweep } from './sweep.js';

export interface FlattenParts {
  readonly venue: Venue;
  /** Orders of the book, folded from its journal. */
  readonly orders: LiveOrders;
  /** Orders of other books of the account that were sent and not answered. */
  readonly others?: readonly LiveOrder[];
  /** Orders that a damaged journal names and that nobody can read: they may have been entries. */
  readonly strays?: readonly ClientId[];
  /** Journals a record; not yet safe on disk. The fold is done here. */
  note(record: OrderRecord): void;
  durable(): void;
  /** Makes an order of an intent: the risk gate's `judge`, in a view in which exits pass. Its words when it says no. */
  approve(intent: OrderIntent, position: VenuePosition, instrument: Instrument): ApprovedOrder | string;
  readonly clock: Clock;
  readonly time: SweepTime;
  /** Gives up what is not flat after this long, ms. */
  readonly patienceMs: number;
  readonly reason: string;
}

/** What was closed of one instrument. */
export interface Closed {
  readonly instrument: InstrumentId;
  /** Signed units that were held and are no more. */
  readonly units: number;
  /** Mean price of our closes; null when it went by itself (a stop, a person). */
  readonly price: number | null;
  /** Mid when it began; null when there was no quote. */
  readonly mid: number | null;
  readonly orders: number;
}

/** What is still held, why, and what a person should do. */
export interface Residual {
  readonly instrument: InstrumentId;
  readonly units: number;
  readonly reason: string;
  readonly next: string;
}

export interface Flattened {
  readonly closed: readonly Closed[];
  readonly residual: readonly Residual[];
  readonly cancelled: readonly VenueOrder[];
  readonly notCancelled: readonly Stubborn[];
  /** True only when two readings one in-flight window apart saw no position and no order; null: not known. */
  readonly flat: boolean | null;
  /** Why it is not known; undefined when it is. */
  readonly unknown: FxError | undefined;
}

/** How far through the price each further try goes, as a fraction; the first is a market order. */
const COLLARS = [undefined, 0.005, 0.02, 0.05] as const;
const ROUNDS = 60;
const LOOK_MS = 250;

interface Plan {
  /** Place in `COLLARS`. */
  step: number;
  given: string | undefined;
  /** Units that the last try was about. */
  tried: number;
}

/**
 * Brings an account to nothing: cancels every order, stops included, then closes what the venue says it holds, exactly that,
 * reduce-only, each close journalled before it leaves (reliability.md 3.6). A close that the market refuses is tried as a limit
 * 0.5 %, 2 % and 5 % through the price; in a market that is shut nothing is queued. What is left is named with what to do.
 */
export class Flattening {
  readonly #parts: FlattenParts;
  readonly #dispatcher: Dispatcher;
  #cursor: Cursor = '';
  readonly #plans = new Map<InstrumentId, Plan>();
  readonly #began = new Map<InstrumentId, { readonly units: number; mid: number | null }>();
  readonly #sent: LiveOrder[] = [];
  readonly #cancelled = new Map<string, VenueOrder>();
  #stubborn: readonly Stubborn[] = [];
  #held: readonly VenuePosition[] = [];
  #deadline = 0;

  constructor(parts: FlattenParts) {
    this.#parts = parts;
    const { venue, orders, time } = parts;
    this.#dispatcher = new Dispatcher({
      venue,
      orders,
      stopwatch: time,
      note: (record) => this.#note(record),
      durable: () => parts.durable(),
      // Whoever flattens holds the fence of the account already.
      fence: async () => () => undefined,
      stops: ({ intent }) => (intent.reduceOnly ? undefined : 'only what shrinks a position may leave'),
      cursor: () => this.#cursor,
      advance: (cursor) => {
        this.#cursor = cursor;
      },
      askPerson: () => undefined,
    });
  }

  async run(): Promise<Flattened> {
    const { venue, time, patienceMs } = this.#parts;
    this.#deadline = time.mono() + patienceMs;
    try {
      this.#cursor = (await this.#read(() => venue.account())).cursor;
      for (;;) {
        await this.#cancelAll();
        await this.#closeAll();
        const flat = await this.#isFlat();
        // An entry that was sent before and not answered may still open something: flat now is not flat yet.
        if (flat && (await this.#mayArrive())) continue;
        if (flat) this.#buryDoubts();
        if (flat || this.#isOver()) return this.#result(flat, undefined);
      }
    } catch (error) {
      if (error instanceof FxError && error.code.startsWith('BROKER.')) return this.#result(null, error);
      throw error;
    }
  }

  /** Asks what became of entries in doubt; true while one of them may still arrive. */
  async #mayArrive(): Promise<boolean> {
    const { orders, clock, venue, time } = this.#parts;
    await this.#dispatcher.resolve();
    const doubted = [...orders.inDoubt(), ...(await this.#absentOthers())];
    const open = doubted.filter(({ intent }) => !intent.reduceOnly);
    const { strays = [] } = this.#parts;
    if (open.length === 0 && strays.length === 0) return false;
    const { settleWindowMs } = venue.rules;
    const isComing = open.some((order) => sentAgo(order, time, clock.now()) < settleWindowMs);
    if (isComing && time.mono() <= this.#deadline) return true;
    const names = [...open.map(({ id, clientId }) => `${id} (${clientId})`), ...strays];
    throw new FxError('BROKER.OUTCOME_UNKNOWN', {
      message: `${names.join(', ')} was sent and never answered: it may have been an order`,
      next: 'look at the account at the broker',
      facts: { orders: [...open.map(({ clientId }) => clientId), ...strays] },
    });
  }

  /** Those of other books that the venue knows nothing of; of what it knows, orders are taken back and positions closed. */
  async #absentOthers(): Promise<readonly LiveOrder[]> {
    const absent: LiveOrder[] = [];
    for (const order of this.#parts.others ?? []) {
      const found = await this.#read(() => this.#parts.venue.lookUp(order.clientId, order.cursor ?? '0'));
      if (found.kind === 'absent') absent.push(order);
    }
    return absent;
  }

  #isOver(): boolean {
    const isHopeless = this.#held.every(({ instrument }) => this.#plans.get(instrument)?.given !== undefined);
    return (this.#held.length > 0 && isHopeless) || this.#parts.time.mono() > this.#deadline;
  }

  async #cancelAll(): Promise<void> {
    const { venue, time } = this.#parts;
    const swept = await sweep({
      venue,
      time,
      wanted: () => true,
      cancel: (order) => this.#cancel(order),
      patienceMs: Math.max(0, Math.min(CANCEL_MS, this.#deadline - time.mono())),
    });
    for (const order of swept.cancelled) this.#cancelled.set(order.venueId, order);
    this.#stubborn = swept.left;
  }

  /** Ours through the journal, everybody else's straight. */
  async #cancel(order: VenueOrder): Promise<CancelOutcome> {
    const { orders, venue, reason } = this.#parts;
    const { venueId, clientId } = order;
    const known = orders.byVenueId(venueId) ?? (clientId === undefined ? undefined : orders.find(clientId));
    if (known === undefined || isFinal(known.state) || known.state === 'dormant' || known.state === 'intended') {
      return venue.cancel({ venueId, ...(clientId === undefined ? {} : { clientId }) });
    }
    await this.#dispatcher.cancel(known.clientId, reason);
    return isFinal(known.state) ? { kind: 'cancelled', events: [] } : { kind: 'unresolved', why: 'no clear answer' };
  }

  async #closeAll(): Promise<void> {
    const { venue, time } = this.#parts;
    for (let round = 0; round < ROUNDS && time.mono() <= this.#deadline; round++) {
      this.#held = await this.#read(() => venue.positions());
      for (const { instrument, units } of this.#held) {
        if (!this.#began.has(instrument)) this.#began.set(instrument, { units, mid: null });
      }
      const open = this.#held.filter((position) => this.#isWorthATry(position));
      if (open.length === 0) return;
      const ids = open.map(({ instrument }) => instrument);
      const instruments = new Map((await this.#read(() => venue.instruments(ids))).map((one) => [one.id, one]));
      const quotes = new Map((await this.#read(() => venue.latestQuotes(ids))).map((one) => [one.instrument, one]));
      const sent = open.flatMap((position) => this.#next(position, instruments, quotes) ?? []);
      await Promise.all(sent.map((order) => this.#dispatcher.send(order)));
      await this.#settle(sent);
      for (const order of sent) this.#judgeTry(order);
    }
  }

  /** A position that changed is another one: whatever was given up is tried again. */
  #isWorthATry({ instrument, units }: VenuePosition): boolean {
    const plan = this.#planOf(instrument);
    if (plan.given === undefined) return true;
    if (plan.tried === units) return false;
    Object.assign(plan, { given: undefined, step: 0 });
    return true;
  }

  #next(
    position: VenuePosition,
    instruments: ReadonlyMap<InstrumentId, Instrument>,
    quotes: ReadonlyMap<InstrumentId, VenueQuote>,
  ): ApprovedOrder | undefined {
    const { approve, reason } = this.#parts;
    const { instrument: id, units } = position;
    const plan = this.#planOf(id);
    const quote = quotes.get(id);
    const instrument = instruments.get(id);
    plan.tried = units;
    const giveUp = (why: string): undefined => {
      plan.given = why;
    };
    if (instrument === undefined) return giveUp('the venue does not say how it is traded');
    if (quote !== undefined) {
      const began = this.#began.get(id);
      if (began !== undefined) began.mid ??= (quote.bid + quote.ask) / 2;
    }
    if (quote?.tradeable === false) return giveUp('it cannot be traded now, and nothing is queued for later');
    const collar = COLLARS[plan.step];
    if (plan.step > 0 && (quote === undefined || collar === undefined)) return giveUp('every close was refused');
    const { orders, left } = closePlan([position], {
      instruments: new Map([[id, instrument]]),
      notionalOf: () => undefined,
      // One slice at a time: what is left is read anew before the next one.
      maxUnits: () => largestOrder(instrument),
      reason,
    });
    const [market] = orders;
    if (market === undefined) return giveUp(left[0]?.reason ?? 'nothing of it can be closed');
    const intent = collar === undefined || quote === undefined ? market : limited(market, quote, collar, instrument);
    const order = approve(intent, position, instrument);
    if (typeof order === 'string') return giveUp(order);
    this.#note({ type: 'submit', order: recorded(order) });
    const live = this.#parts.orders.find(order.clientId);
    if (live !== undefined) this.#sent.push(live);
    return order;
  }

  #judgeTry({ clientId, intent }: ApprovedOrder): void {
    const order = this.#parts.orders.find(clientId);
    const plan = this.#planOf(intent.instrument);
    if (order === undefined || order.filledUnits > 0) return;
    const isUnknown = order.state === 'attempted' || order.state === 'unresolved';
    // One that may only reduce does no harm when it comes after all; without that, only a person can go on.
    if (isUnknown && !this.#parts.venue.rules.reduceOnly) plan.given = 'nobody knows what became of a close';
    else if (!isUnknown) plan.step++;
    if (plan.step >= COLLARS.length) plan.given = `every close was refused, the last with: ${order.why}`;
  }

  /** Asks for what was not answered, as long as an answer may come. */
  async #settle(sent: readonly ApprovedOrder[]): Promise<void> {
    const { time, venue, orders } = this.#parts;
    const until = time.mono() + 2 * venue.rules.inFlightWindowMs;
    const open = () =>
      sent.some(({ clientId }) => {
        const state = orders.find(clientId)?.state;
        return state !== undefined && !isFinal(state);
      });
    while (open()) {
      await this.#dispatcher.resolve();
      if (!open()) return;
      await this.#read(() => this.#dispatcher.pull());
      if (!open() || time.mono() >= until) return;
      await time.wait(LOOK_MS);
    }
  }

  /** No position and no order, twice, one window apart. */
  async #isFlat(): Promise<boolean> {
    const { venue, time } = this.#parts;
    for (let look = 0; look < 2; look++) {
      if (look > 0) await time.wait(venue.rules.inFlightWindowMs);
      this.#held = await this.#read(() => venue.positions());
      const orders = await this.#read(() => venue.openOrders());
      if (this.#held.length > 0 || orders.length > 0) return false;
    }
    return true;
  }

  /** A close that may still arrive can do nothing where nothing is held. */
  #buryDoubts(): void {
    if (!this.#parts.venue.rules.reduceOnly) return;
    const proof = 'it may only reduce, and the account is flat: seen twice, one in-flight window apart';
    for (const { clientId, intent } of this.#parts.orders.inDoubt()) {
      if (intent.reduceOnly) this.#note({ type: 'never-arrived', clientId, proof });
    }
    this.#parts.durable();
  }

  #result(flat: boolean | null, unknown: FxError | undefined): Flattened {
    const held = new Map(this.#held.map(({ instrument, units }) => [instrument, units]));
    const closed = [...this.#began].flatMap(([instrument, { units, mid }]): Closed[] => {
      const gone = units - (held.get(instrument) ?? 0);
      if (gone === 0) return [];
      const own = this.#sent.filter(({ intent, filledUnits }) => intent.instrument === instrument && filledUnits > 0);
      return [{ instrument, units: gone, price: this.#priceOf(own), mid, orders: own.length }];
    });
    const residual = this.#held.map(({ instrument, units }): Residual => {
      const reason = this.#plans.get(instrument)?.given ?? 'time was up';
      return { instrument, units, reason, next: nextOf(instrument, units, reason) };
    });
    const cancelled = [...this.#cancelled.values()];
    return { closed, residual, cancelled, notCancelled: this.#stubborn, flat, unknown };
  }

  readonly #fills = new Map<ClientId, { units: number; value: number }>();

  #priceOf(orders: readonly LiveOrder[]): number | null {
    let [units, value] = [0, 0];
    for (const { clientId } of orders) {
      const fill = this.#fills.get(clientId);
      units += fill?.units ?? 0;
      value += fill?.value ?? 0;
    }
    return units === 0 ? null : value / units;
  }

  #note(record: OrderRecord): void {
    const { orders, note, clock } = this.#parts;
    note(record);
    const change = orders.apply(record, clock.now());
    if (change.kind !== 'fill' || change.order === undefined) return;
    const { clientId } = change.order;
    const { units, price } = change.event;
    const known = this.#fills.get(clientId) ?? { units: 0, value: 0 };
    this.#fills.set(clientId, { units: known.units + units, value: known.value + units * price });
  }

  #planOf(instrument: InstrumentId): Plan {
    const known = this.#plans.get(instrument);
    if (known !== undefined) return known;
    const fresh: Plan = { step: 0, given: undefined, tried: 0 };
    this.#plans.set(instrument, fresh);
    return fresh;
  }

  #read<T>(read: () => Promise<T>): Promise<T> {
    return readAgain(this.#parts.time, read);
  }
}

/** How long orders are asked away before positions are looked at all the same, ms. */
const CANCEL_MS = 10_000;

/** The close as a limit so far through the price; what does not fill at once is gone. */
function limited(intent: OrderIntent, { bid, ask }: VenueQuote, collar: number, { tick }: Instrument): OrderIntent {
  const price = intent.side === 'sell' ? bid * (1 - collar) : ask * (1 + collar);
  return { ...intent, type: 'limit', price: roundTo(price, tick), timeInForce: 'IOC' };
}

function recorded({ id, clientId, createdAt, intent }: ApprovedOrder): {
  readonly id: OrderId;
  readonly clientId: ClientId;
  readonly createdAt: number;
  readonly intent: OrderIntent;
} {
  return { id, clientId, createdAt, intent };
}

function nextOf(instrument: InstrumentId, units: number, reason: string): string {
  const how = `${units > 0 ? 'sell' : 'buy'} ${Math.abs(units)} ${instrument} at the broker by hand`;
  return reason.startsWith('it cannot be traded') ? `run fxtrade close-all again when it trades, or ${how}` : how;
}
