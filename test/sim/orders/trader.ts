import { FxError } from '../../../src/core/base/errors.js';
import { type Rng, seededRng } from '../../../src/core/base/rng.js';
import { Dispatcher } from '../../../src/core/dispatch/dispatcher.js';
import { readAccount } from '../../../src/core/dispatch/read-account.js';
import { instrumentId, mintedClientId, orderId } from '../../../src/core/model/ids.js';
import type { ApprovedOrder, OrderIntent } from '../../../src/core/model/order.js';
import { isFinal, LiveOrders } from '../../../src/core/orders/live-orders.js';
import { type Break, findBreaks } from '../../../src/core/orders/reconcile.js';
import { isOrderRecord, type OrderRecord } from '../../../src/core/orders/records.js';
import type { Cursor, Venue, VenueEvent } from '../../../src/core/ports/venue.js';
import { Journal, type JournalRecord } from '../../../src/core/state/books/journal.js';
import { JOURNAL_START } from '../../../src/core/state/books/journal-check.js';
import { readSnapshot, writeSnapshot } from '../../../src/core/state/books/snapshot.js';
import { removeStaleFiles } from '../../../src/core/state/books/stale-files.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';
import { readHalts, writeHalt } from '../../../src/core/state/halt-file.js';
import { type SimProcess, wordsOf } from '../world/process.js';
import type { Actor } from './actor.js';
import { Money } from './money.js';
import { BOOK, HOME, MOST_UNITS } from './places.js';
import type { OrderWorld } from './world.js';

const TICK_MS = 1_000;
const RECONCILE_MS = 30_000;
const SYMBOLS = ['EUR/USD', 'GBP/USD'].map(instrumentId);

interface Saved {
  readonly orders: unknown;
  readonly cursor: Cursor;
  readonly money: unknown;
}

/**
 * A session without an engine: the real journal, orders, dispatcher, resolver, adapter and latch, driven by decisions of a
 * seed. One turn a second, as the real one.
 */
export class Trader implements Actor {
  readonly orders = new LiveOrders();
  readonly money = new Money();
  readonly journal: Journal;
  readonly process: SimProcess;
  readonly asked = new Set<string>();
  breaks: readonly Break[] = [];
  reconciled = 0;
  /** Why it ended by itself; undefined while it runs. */
  ended: string | undefined;
  isReady = false;
  readonly #world: OrderWorld;
  readonly #files: FileCalls;
  readonly #venue: Venue;
  readonly #rng: Rng;
  readonly #dispatcher: Dispatcher;
  #cursor: Cursor = '1';
  #heard: VenueEvent[] = [];
  #mustPull = false;

  constructor(world: OrderWorld, process: SimProcess, files: FileCalls, venue: Venue) {
    this.#world = world;
    this.process = process;
    this.#files = files;
    this.#venue = venue;
    this.#rng = seededRng(`decisions ${world.seed} ${process.name}`);
    removeStaleFiles(BOOK, files);
    const snapshot = readSnapshot(BOOK, files);
    const boot = world.scheduler.now;
    this.journal = new Journal(BOOK, {
      fs: files,
      recoveredAt: () => world.wall(),
      stamp: () => ({ mono: world.scheduler.now - boot, boot: String(boot), build: 'sim' }),
      onFailure: (error) => this.#haltFor(error),
    });
    if (snapshot !== undefined) {
      const saved = snapshot.state as Saved;
      this.orders.load(saved.orders);
      this.money.load(saved.money);
      this.#cursor = saved.cursor;
    }
    for (const record of this.journal.recordsAfter(snapshot?.journal ?? JOURNAL_START)) this.#fold(record);
    this.#dispatcher = new Dispatcher({
      venue,
      orders: this.orders,
      stopwatch: { mono: () => world.scheduler.now, boot: 'sim' },
      note: (record) => this.#note(record),
      durable: () => this.journal.flush(true),
      fence: () => world.fence.take(process),
      stops: (order) => this.#stops(order),
      cursor: () => this.#cursor,
      advance: (cursor) => {
        this.#cursor = cursor;
      },
      askPerson: ({ clientId }) => {
        this.asked.add(clientId);
        world.askPerson(this, clientId);
      },
    });
  }

  get journalBytes(): number {
    return this.journal.position.bytes;
  }

  get cash(): number {
    return this.money.cash;
  }

  /** Runs until it dies or must not go on; never throws. */
  async run(): Promise<void> {
    try {
      await this.#recover();
      this.isReady = true;
      void this.#listen();
      for (;;) {
        await this.#turn();
        await this.process.wait(this.#world.isQuiet ? TICK_MS * 20 : TICK_MS);
      }
    } catch (error) {
      if (!this.process.isAlive) return;
      this.ended = wordsOf(error);
      this.#world.output.push(this.ended);
      this.process.kill(`ends: ${this.ended}`);
    }
  }

  /** A person says that an order never arrived. */
  settleByPerson(clientId: string): void {
    const order = this.orders.inDoubt().find((one) => one.clientId === clientId);
    if (order === undefined) return;
    try {
      this.#note({ type: 'never-arrived', clientId: order.clientId, proof: 'a person looked' });
      this.journal.flush(true);
    } catch (error) {
      this.process.kill(wordsOf(error));
    }
  }

  async #recover(): Promise<void> {
    // What was never attempted was decided in another market.
    for (const { clientId, state } of this.orders.values()) {
      if (state === 'intended') this.#note({ type: 'abandoned', clientId, reason: 'found at a start' });
    }
    this.journal.flush(true);
    await this.#stubborn(() => this.#dispatcher.pull());
    await this.#stubborn(() => this.#reconcile());
  }

  /** A start that meets a broken network is repeated, as a person would. */
  async #stubborn(act: () => Promise<unknown>): Promise<void> {
    for (;;) {
      if (await this.#tried(act)) return;
      await this.process.wait(2_000);
    }
  }

  async #tried(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof FxError) || !error.code.startsWith('BROKER.')) throw error;
      this.#world.output.push(wordsOf(error));
      this.#mustPull = true;
      return false;
    }
  }

  async #listen(): Promise<void> {
    const never = new AbortController().signal;
    for (;;) {
      this.#mustPull = true;
      try {
        for await (const said of this.#venue.events(never)) if (said.kind !== 'heartbeat') this.#heard.push(said);
      } catch (error) {
        this.#world.output.push(wordsOf(error));
      }
      await this.process.wait(1_000);
    }
  }

  async #turn(): Promise<void> {
    const heard = this.#heard;
    this.#heard = [];
    for (const event of heard) this.#dispatcher.hear(event);
    await this.#tried(async () => {
      if (this.#mustPull) {
        this.#mustPull = false;
        await this.#dispatcher.pull();
      }
      await this.#decide();
      await this.#dispatcher.resolve();
      if (this.#world.scheduler.now - this.reconciled >= RECONCILE_MS || this.breaks.length > 0)
        await this.#reconcile();
    });
    this.journal.flush(true);
    if (this.#rng.next() < 0.15) this.#checkpoint();
  }

  async #decide(): Promise<void> {
    if (this.#world.isQuiet) return;
    const chance = this.#rng.next();
    if (chance < 0.35) await this.#enter();
    else if (chance < 0.5) await this.#cancelOne();
  }

  async #enter(): Promise<void> {
    const made = Array.from({ length: this.#rng.next() < 0.3 ? 2 : 1 }, () => this.#submitted());
    await Promise.all(made.map((order) => (order === undefined ? undefined : this.#dispatcher.send(order))));
  }

  #submitted(): ApprovedOrder | undefined {
    const intent = this.#world.anIntent(this.#rng, SYMBOLS);
    if (!this.#hasRoom(intent)) return undefined;
    const id = orderId(`o-${++this.#world.orderCount}`);
    const clientId = mintedClientId('lv', this.#world.randomBits());
    const order = { id, clientId, createdAt: this.#world.wall(), intent };
    this.#note({ type: 'submit', order });
    this.journal.flush(true);
    return order as unknown as ApprovedOrder;
  }

  /** What is not known to be dead counts as filled. */
  #hasRoom({ instrument, side, units, reduceOnly }: OrderIntent): boolean {
    if (this.breaks.length > 0) return reduceOnly;
    if (reduceOnly) return true;
    const held = this.money.units(instrument);
    // What is held may be gone before an order against it fills.
    let [long, short] = [Math.max(0, held), Math.max(0, -held)];
    for (const { intent, state, filledUnits } of this.orders.values()) {
      if (isFinal(state) || state === 'dormant' || intent.instrument !== instrument || intent.reduceOnly) continue;
      if (intent.side === 'buy') long += intent.units - filledUnits;
      else short += intent.units - filledUnits;
    }
    return (side === 'buy' ? long : short) + units <= MOST_UNITS;
  }

  async #cancelOne(): Promise<void> {
    const working = this.orders.working();
    const order = working[Math.floor(this.#rng.next() * working.length)];
    if (order !== undefined) await this.#dispatcher.cancel(order.clientId, 'a change of mind');
  }

  async #reconcile(): Promise<void> {
    const { theirs } = await readAccount(this.#venue, this.#dispatcher);
    const positions = new Map(SYMBOLS.map((id) => [id, this.money.units(id)]));
    const ours = { cash: this.money.cash, positions, orders: [...this.orders.values()] };
    this.breaks = findBreaks(ours, theirs, { lotStep: () => 1, cashDigits: 4 });
    this.reconciled = this.#world.scheduler.now;
    this.#world.compared(this, theirs.cash);
  }

  #stops({ clientId, intent }: ApprovedOrder): string | undefined {
    const halts = readHalts(HOME, this.#files);
    if (halts.some(({ mode }) => mode === 'all' || !intent.reduceOnly)) return 'halted';
    const recordedAt = this.orders.find(clientId)?.recordedAt ?? 0;
    return this.#world.wall() - recordedAt > 60_000 ? 'too old' : undefined;
  }

  #note(record: OrderRecord): void {
    const { type, ...fields } = record;
    const ts = this.#world.wall();
    this.journal.append(ts, type, fields);
    this.money.apply(this.orders.apply(record, ts));
  }

  #fold(record: JournalRecord): void {
    if (!isOrderRecord(record)) return;
    this.money.apply(this.orders.apply(record, Date.parse(String((record as JournalRecord)['ts']))));
  }

  #checkpoint(): void {
    this.journal.flush(true);
    this.journal.head();
    const state: Saved = { orders: this.orders.save(), cursor: this.#cursor, money: this.money.save() };
    const offsets = { equity: 0, returns: 0, trades: 0, orders: 0 };
    const snapshot = { version: 1, rows: 0, journal: this.journal.position, offsets, finished: false, state } as const;
    writeSnapshot(BOOK, snapshot, this.#files);
  }

  #haltFor(error: FxError): void {
    const time = new Date(this.#world.wall()).toISOString();
    const line = { id: `state-${time}`, time, who: 'engine', reason: error.message } as const;
    try {
      writeHalt(HOME, { ...line, scope: 'broker:oanda', mode: 'reduce-only' }, this.#files);
    } catch {
      // The disk takes nothing: the session ends with this very error.
    }
  }
}
