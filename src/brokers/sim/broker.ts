import { assert } from '../../core/base/assert.js';
import { type Rng, restoredRng, seededRng } from '../../core/base/rng.js';
import type { BrokerEvent, EngineEvent, EventBatch } from '../../core/model/event.js';
import type { EpochMs, OrderId } from '../../core/model/ids.js';
import { Ledger } from '../../core/model/ledger.js';
import { type BarBatch, LAST_OF_SLICE } from '../../core/model/market.js';
import { type ApprovedOrder, signOf } from '../../core/model/order.js';
import { Valuation } from '../../core/model/valuation.js';
import type { Broker } from '../../core/ports/broker.js';
import { Account } from './account.js';
import { EventQueue } from './event-queue.js';
import { readSide, spreadModel } from './execution.js';
import { Executor, type SimOptions } from './executor.js';
import { type Match, matchAt, matchInside, trail } from './matching.js';
import { OrderDesk } from './order-desk.js';
import { Settlement } from './settlement.js';
import { SimBar } from './sim-bar.js';
import {
  FILL_ORDER,
  loadedOrder,
  newWorkingOrder,
  roleOf,
  type SavedOrder,
  savedOrder,
  type WorkingOrder,
} from './working-order.js';
import { WovenEvents } from './woven-events.js';

/** Below this share of margin used, equity is not enough and the venue closes everything (ESMA's 50 % rule). */
const CLOSE_OUT_SHARE = 0.5;

/** The simulated venue: matches while it passes bars through, so that every answer comes in its place in time. */
export class SimBroker implements Broker {
  readonly bars: readonly SimBar[];
  readonly #options: SimOptions;
  readonly #ledger: Ledger;
  readonly #valuation: Valuation;
  readonly #settlement: Settlement;
  readonly #executor: Executor;
  readonly #account: Account;
  readonly #desk: OrderDesk;
  /** Events that were not handed on yet; whoever walks the market takes them first. */
  readonly queue = new EventQueue();
  readonly #emit = (event: EngineEvent): void => {
    this.queue.push(event);
  };
  #submitted: WorkingOrder[] = [];
  #rng: Rng;
  #marginCalled = false;
  #now: EpochMs = 0;

  constructor(options: SimOptions) {
    const { instruments, costs } = options;
    const ids = instruments.map((instrument) => instrument.id);
    this.#options = options;
    this.#ledger = new Ledger(ids, options.capital, options.minorUnitDigits);
    this.#valuation = new Valuation(instruments, options.tradedCount, options.currency);
    this.#settlement = new Settlement(instruments, this.#ledger, this.#valuation, costs, options.rates);
    this.#executor = new Executor(options, this.#ledger, this.#valuation);
    this.#account = new Account(instruments, this.#ledger, this.#valuation);
    this.#desk = new OrderDesk(instruments.length);
    const model = spreadModel(costs);
    this.bars = instruments.map((one, index) => new SimBar(index, one, readSide(options.sides[index], costs), model));
    this.#rng = seededRng(`venue ${options.seed}`);
  }

  get cash(): number {
    return this.#ledger.cash;
  }

  weave(batch: BarBatch, from: number, to: number): EventBatch {
    if (from === 0 && batch.actions !== undefined) this.#settlement.announce(batch.actions);
    return new WovenEvents(this, batch, from, to);
  }

  /** Everything up to the close of row `row` is queued before it; the bar itself is the answer. */
  pass(batch: BarBatch, row: number): SimBar {
    const index = batch.instrument[row] ?? 0;
    const bar = this.bars[index];
    assert(bar !== undefined, 'a row belongs to an instrument of the session');
    bar.read(batch, row);
    this.#now = bar.ts;
    const due = !(bar.ts < (this.#settlement.nextRoll[index] ?? Number.NaN));
    if (due || this.#desk.has(index) || this.#settlement.hasActions) this.#before(bar, due);
    this.#valuation.prices[index] = bar.close;
    this.#executor.watch(index, bar.close);
    if ((bar.flags & LAST_OF_SLICE) !== 0 && this.#ledger.openIndexes.length > 0 && this.#isShort()) {
      this.#margin(bar.ts);
    }
    return bar;
  }

  /** Answers what was submitted or cancelled while the last bar was looked at. */
  settle(): void {
    if (this.#submitted.length > 0) this.#arrive();
  }

  submit(order: ApprovedOrder): void {
    const { intent } = order;
    this.#submitted.push(
      newWorkingOrder({
        id: order.id,
        clientId: order.clientId,
        intent,
        index: this.#ledger.indexOf(intent.instrument),
        sentAt: this.#now,
        // One that a person let go between two bars meets no price from before the answer.
        activeFrom: Math.max(this.#now, order.createdAt) + this.#options.costs.fills.latencyMs,
      }),
    );
  }

  cancel(id: OrderId, reason: string): void {
    const queued = this.#submitted.findIndex((order) => order.id === id);
    const order = queued >= 0 ? this.#submitted.splice(queued, 1)[0] : this.#desk.find(id);
    if (order === undefined) return;
    this.#desk.remove(order);
    this.#emit({ kind: 'cancelled', ts: this.#now, orderId: id, reason });
  }

  /**
   * Ends every order, then closes every position as a margin close-out would. What that leads to is the answer: a session
   * tells its engine at once, no bar is waited for.
   */
  flatten(reason: string): readonly BrokerEvent[] {
    for (const { id } of [...this.#submitted, ...this.#desk.all()]) this.cancel(id, reason);
    this.#closeOut(this.#now, reason);
    // Bars never wait there.
    return this.queue.drain() as readonly BrokerEvent[];
  }

  /** Everything that happens up to the close of `bar`: actions, the open, interest, the path inside, interest at the close. */
  #before(bar: SimBar, rolls: boolean): void {
    const { index } = bar;
    if (this.#settlement.hasActions) this.#act(bar);
    // Over a gap (a weekend, say) the rolls come before the open: who buys at it has not held over them, who sells has.
    const opensAt = this.#opensAt(bar);
    if (rolls) this.#settlement.roll(index, opensAt, opensAt < bar.ts, bar.open, this.#emit);
    if (this.#desk.has(index)) {
      this.#expire(index, opensAt);
      this.#open(bar);
    }
    if (rolls) this.#settlement.roll(index, bar.ts, false, bar.open, this.#emit);
    if (this.#desk.has(index)) {
      this.#inside(bar);
      this.#expire(index, bar.ts);
    }
    if (rolls) this.#settlement.roll(index, bar.ts, true, bar.close, this.#emit);
  }

  #act(bar: SimBar): void {
    this.#settlement.act(bar.index, bar.ts, (event) => {
      this.#emit(event);
      if (event.kind !== 'split') return;
      this.#executor.split(bar.index, event.ratio);
      for (const order of this.#desk.split(bar.index, event.ratio, bar.definition)) {
        this.#emit(this.#end(order, 'cancelled', 'less than a lot after the split'));
      }
    });
  }

  #open(bar: SimBar): void {
    this.#valuation.prices[bar.index] = bar.open;
    for (const order of this.#desk.of(bar.index)) {
      if (!this.#isActive(order, bar)) continue;
      const match = matchAt(order, bar.corners(order.intent.side).open);
      if (match !== undefined) this.#fill(order, bar, match);
      order.bars++;
      const { timeInForce } = order.intent;
      if (this.#desk.holds(order) && (timeInForce === 'IOC' || timeInForce === 'FOK')) {
        this.#emit(this.#end(order, 'cancelled', `${timeInForce} not filled`));
      }
    }
  }

  #inside(bar: SimBar): void {
    // A child of an entry that filled at the open lives through the whole bar; one born later only may have.
    const whole = this.#desk.of(bar.index);
    let working = whole;
    for (const [role, withNew] of FILL_ORDER[this.#options.intrabar]) {
      let changed = false;
      for (const order of working) {
        const meets = roleOf(order) === role && this.#isActive(order, bar) && (withNew || whole.includes(order));
        const match = meets ? matchInside(order, bar.corners(order.intent.side)) : undefined;
        if (match === undefined) continue;
        this.#fill(order, bar, match);
        changed = true;
      }
      if (changed) working = this.#desk.of(bar.index);
    }
    this.#trail(bar, working, whole);
  }

  #trail(bar: SimBar, working: readonly WorkingOrder[], whole: readonly WorkingOrder[]): void {
    for (const order of working) {
      if (order.bars === 0) order.bars++;
      if (order.intent.trailDistance === undefined || order.triggered || !this.#isActive(order, bar)) continue;
      const corners = bar.corners(order.intent.side);
      // The best price of the bar may lie before the fill that bore this stop; only the close is certainly after it.
      const all = whole.includes(order) || this.#options.intrabar === 'optimistic';
      const seen = all ? corners : { ...corners, high: corners.close, low: corners.close };
      const stop = trail(order, seen, bar.definition.tick);
      if (stop === order.stop) continue;
      order.stop = stop;
      this.#emit({ kind: 'trailed', ts: bar.ts, orderId: order.id, stopPrice: stop });
      // The close is the one price inside the bar that certainly came after the best one.
      const match = matchAt(order, corners.close);
      if (match !== undefined) this.#fill(order, bar, { price: stop, taking: true });
    }
  }

  /** Takes in what was submitted at this bar; in close mode fills it at this very close. */
  #arrive(): void {
    const arrived = this.#submitted;
    this.#submitted = [];
    for (const order of arrived) {
      const bar = this.bars[order.index];
      assert(bar !== undefined, 'an order belongs to an instrument of the session');
      const rejectRate = this.#options.costs.fills.rejectRate;
      if (rejectRate > 0 && order.intent.type === 'market' && this.#rng.next() < rejectRate) {
        this.#emit({ kind: 'rejected', ts: this.#now, orderId: order.id, reason: 'rejected by the simulated venue' });
        continue;
      }
      this.#desk.add(order);
      if (this.#options.fill === 'close' && bar.ts === this.#now && order.activeFrom <= this.#now)
        this.#atClose(order, bar);
    }
  }

  #atClose(order: WorkingOrder, bar: SimBar): void {
    const match = matchAt(order, bar.corners(order.intent.side).close);
    if (match !== undefined) this.#fill(order, bar, { price: match.price, taking: match.taking, atClose: true });
    const { timeInForce } = order.intent;
    if (this.#desk.holds(order) && (timeInForce === 'IOC' || timeInForce === 'FOK')) {
      this.#emit(this.#end(order, 'cancelled', `${timeInForce} not filled`));
    }
  }

  #fill(order: WorkingOrder, bar: SimBar, match: Match): void {
    const { intent } = order;
    if (!this.#desk.holds(order) || order.cutAt === bar.ts) return;
    const wanted = intent.reduceOnly ? Math.min(order.remaining, this.#reducible(order)) : order.remaining;
    if (wanted <= 0) {
      this.#emit(this.#end(order, 'cancelled', 'nothing left to reduce'));
      return;
    }
    const units = this.#desk.available(wanted, bar, this.#options.costs.fills.participation);
    if (units < wanted) order.cutAt = bar.ts;
    if (units <= 0 || (intent.timeInForce === 'FOK' && units < order.remaining)) return;
    if (!intent.reduceOnly && !this.#account.canAfford(order.index, signOf(intent.side) * units, match.price)) {
      this.#emit(this.#end(order, 'rejected', 'not enough margin'));
      return;
    }
    this.#emit(this.#executor.execute(order, bar, match, units));
    this.#consequences(order, bar, units, wanted);
  }

  #consequences(order: WorkingOrder, bar: SimBar, units: number, wanted: number): void {
    const { intent } = order;
    order.remaining -= units;
    const done = order.remaining <= 1e-9 || (intent.reduceOnly && units >= wanted);
    if (done) this.#desk.remove(order);
    if (intent.reduceOnly && done && order.remaining > 1e-9) {
      this.#emit({ kind: 'cancelled', ts: bar.ts, orderId: order.id, reason: 'nothing left to reduce' });
    }
    // A target that fills in parts must not take the stop of the rest away; two entries of a group must never both fill.
    const others = done || !intent.reduceOnly ? this.#desk.siblings(order) : [];
    for (const other of others) this.#emit(this.#end(other, 'cancelled', `${order.id} filled`));
    for (const child of this.#desk.bear(order, units, bar.ts)) {
      this.#emit({
        kind: 'child',
        ts: bar.ts,
        parentId: order.id,
        order: { id: child.id, clientId: child.clientId, intent: child.intent },
      });
    }
    const held = this.#ledger.units(order.index);
    for (const other of this.#desk.of(order.index)) {
      if (!other.intent.reduceOnly || signOf(other.intent.side) === -Math.sign(held)) continue;
      this.#emit(this.#end(other, 'cancelled', 'position closed'));
    }
  }

  /** Units of the position that a reduce-only order can still take away. */
  #reducible(order: WorkingOrder): number {
    const held = this.#ledger.units(order.index);
    return signOf(order.intent.side) === -Math.sign(held) ? Math.abs(held) : 0;
  }

  /** A bar during which an order arrives does not meet it: which of its prices came after the arrival, nobody knows. */
  #isActive(order: WorkingOrder, bar: SimBar): boolean {
    const timeframe = this.#options.timeframesMs[order.index] ?? 0;
    if (timeframe === 0) return bar.ts >= order.activeFrom;
    const noDelay = order.activeFrom <= order.sentAt;
    return noDelay ? bar.ts > order.activeFrom : this.#opensAt(bar) >= order.activeFrom;
  }

  /** When the bar began: a timeframe before its close, where the bar before it ended by then. */
  #opensAt(bar: SimBar): EpochMs {
    const began = bar.ts - (this.#options.timeframesMs[bar.index] ?? 0);
    return Number.isNaN(bar.previousTs) ? began : Math.max(bar.previousTs, began);
  }

  /** Ends what does not live beyond `ts`. */
  #expire(index: number, ts: EpochMs): void {
    for (const order of this.#desk.overBy(index, ts)) this.#emit(this.#end(order, 'expired', 'time in force ended'));
  }

  #end(order: WorkingOrder, kind: 'cancelled' | 'rejected' | 'expired', reason: string): BrokerEvent {
    this.#desk.remove(order);
    return { kind, ts: this.#now, orderId: order.id, reason };
  }

  #isShort(): boolean {
    if (this.#account.isShort()) return true;
    this.#marginCalled = false;
    return false;
  }

  /** Warns when equity falls under the margin in use, closes everything at half of it. */
  #margin(ts: EpochMs): void {
    const { equity, marginUsed } = this.#account;
    if (!this.#marginCalled) this.#emit({ kind: 'margin-call', ts, equity, marginUsed });
    this.#marginCalled = true;
    if (equity > marginUsed * CLOSE_OUT_SHARE) return;
    this.#closeOut(ts, 'margin close-out');
  }

  /** The venue's own orders end every position at its last close, costs as of any market order. */
  #closeOut(ts: EpochMs, reason: string): void {
    for (const index of [...this.#ledger.openIndexes]) {
      const bar = this.bars[index];
      if (bar === undefined) continue;
      const held = this.#ledger.units(index);
      const child = this.#desk.closeOut(bar, held, ts, reason);
      const { id, clientId, intent } = child;
      this.#emit({ kind: 'child', ts, parentId: id, order: { id, clientId, intent } });
      const { close } = bar.corners(intent.side);
      this.#emit(this.#executor.execute(child, bar, { price: close, taking: true, atClose: true }, intent.units));
      this.#consequences(child, bar, intent.units, intent.units);
    }
  }

  save(): unknown {
    return {
      ledger: this.#ledger.save(),
      prices: Array.from(this.#valuation.prices, (price) => (Number.isNaN(price) ? null : price)),
      settlement: this.#settlement.save(),
      executor: this.#executor.save(),
      desk: this.#desk.save(),
      submitted: this.#submitted.map(savedOrder),
      bars: this.bars.map((bar) => bar.save()),
      rng: this.#rng.save(),
      marginCalled: this.#marginCalled,
      now: this.#now,
    };
  }

  load(state: unknown): void {
    const saved = state as ReturnType<SimBroker['save']> & SavedVenue;
    this.#ledger.load(saved.ledger);
    this.#valuation.prices.set(saved.prices.map((price) => price ?? Number.NaN));
    this.#settlement.load(saved.settlement);
    this.#executor.load(saved.executor);
    this.#desk.load(saved.desk);
    this.#submitted = (saved.submitted ?? []).map(loadedOrder);
    saved.bars.forEach((bar, index) => {
      this.bars[index]?.load(bar);
    });
    this.#rng = restoredRng(saved.rng);
    this.#marginCalled = saved.marginCalled;
    this.#now = saved.now;
  }
}

interface SavedVenue {
  readonly ledger: unknown;
  readonly prices: readonly (number | null)[];
  readonly settlement: unknown;
  readonly executor: unknown;
  readonly desk: unknown;
  /** Sent and not arrived. Snapshots of earlier versions do not say. */
  readonly submitted?: readonly SavedOrder[];
  readonly bars: readonly unknown[];
  readonly rng: readonly [number, number, number, number];
  readonly marginCalled: boolean;
  readonly now: number;
}
