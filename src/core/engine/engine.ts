import type { ApprovalRequest } from '../approvals/request.js';
import { assert, unreachable } from '../base/assert.js';
import { rollAfter } from '../model/calendar/calendar.js';
import type { BarEvent, BrokerEvent, EngineEvent } from '../model/event.js';
import type { EpochMs, OrderId } from '../model/ids.js';
import { Ledger } from '../model/ledger.js';
import { LAST_OF_SLICE } from '../model/market.js';
import { type Fill, signOf, type Trade } from '../model/order.js';
import { RateBook } from '../model/rates.js';
import { Valuation } from '../model/valuation.js';
import { Breakers, type Latch } from '../risk/breakers.js';
import type { BreakerEffect } from '../risk/losses.js';
import { Asker } from './asker.js';
import { AtrColumn } from './decide/atr-column.js';
import { Decisions, type Moment } from './decide/decisions.js';
import { cancelEntries, cancelEvery } from './decide/entries.js';
import { TradeMemory } from './decide/trade-memory.js';
import { type Effect, NO_EFFECTS } from './effect.js';
import { MarketMemory } from './market-memory.js';
import { OrderBook } from './order-book.js';
import type { EngineParts } from './parts.js';
import { PositionWatch } from './position-watch.js';
import type { Recorder } from './record/recorder.js';
import { type Keepers, loadAll, type SavedEngine, saveAll } from './saved-engine.js';
import { Slice } from './slice.js';
import { StrategyView } from './strategy-view.js';
import { adoptedTold, lateFillTold, marginCalled, splitTold, takeOver, toldOf } from './told.js';

const NOTHING_DUE: readonly BreakerEffect[] = [];

/**
 * The machine in the middle: told about the world by events, answers with effects. Synchronous and deterministic: the same
 * parts and the same events give the same effects, which makes the journal a debugger, a recovery and a test.
 */
export class Engine {
  readonly ledger: Ledger;
  readonly orders: OrderBook;
  readonly #parts: EngineParts;
  readonly #recorder: Recorder;
  readonly #valuation: Valuation;
  readonly #memory: MarketMemory;
  readonly #rates: RateBook;
  readonly #breakers: Breakers;
  readonly #watch: PositionWatch;
  readonly #decisions: Decisions;
  readonly #asker: Asker;
  readonly #keepers: Keepers;
  readonly #trades = new TradeMemory();
  readonly #atr: AtrColumn;
  readonly #usesAtr: boolean;
  /** The current bar of each traded instrument; reused by the broker. */
  readonly #bars: (BarEvent | undefined)[];
  readonly #slice = new Slice();
  #barTs = Number.NEGATIVE_INFINITY;
  /** Fills or prices changed since equity was computed. */
  #stale = true;
  #decideFrom: EpochMs = 0;
  #dayEnd: EpochMs = 0;
  #newPositionsToday = 0;
  #firstFills = new Set<string>();
  #effects: Effect[] = [];
  /** Why an entry that passed the gate must not leave after all: what it counted on has not come. Undefined: it may. */
  readonly overExposed = (id: OrderId): string | undefined => this.#decisions.overExposed(id);

  constructor(parts: EngineParts, recorder: Recorder) {
    const ids = parts.instruments.map((instrument) => instrument.id);
    this.#parts = parts;
    this.#decideFrom = parts.decideFrom;
    this.#recorder = recorder;
    this.ledger = new Ledger(ids, parts.capital, parts.minorUnitDigits);
    this.orders = new OrderBook(recorder);
    this.#valuation = new Valuation(parts.instruments, parts.tradedCount, parts.currency);
    this.#memory = new MarketMemory(parts.tradedCount, parts.history);
    this.#rates = new RateBook(parts.rates);
    this.#breakers = new Breakers(parts.limits, this.ledger.cash);
    this.#watch = new PositionWatch(parts, this.ledger, this.#valuation, this.#breakers);
    this.#atr = new AtrColumn(parts.tradedCount, parts.sizing.atrWindow);
    this.#usesAtr = parts.sizing.method === 'atr';
    this.#bars = parts.instruments.map(() => undefined);
    this.#slice.equity = this.ledger.cash;
    const spreadOf = (index: number) => this.#bars[index]?.spread ?? 0;
    const slice = this.#slice;
    const shared = { ledger: this.ledger, valuation: this.#valuation, memory: this.#memory, orders: this.orders };
    const rates = new RateBook(parts.rates);
    const deciding = { parts, rates: this.#rates, trades: this.#trades, atr: this.#atr, spreadOf };
    this.#decisions = new Decisions({ ...shared, ...deciding });
    const view = new StrategyView({ ...shared, parts, slice, ids: ids.slice(0, parts.tradedCount), rates, spreadOf });
    this.#asker = new Asker(parts, view);
    const kept = { memory: this.#memory, decisions: this.#decisions, trades: this.#trades, atr: this.#atr };
    this.#keepers = { ledger: this.ledger, orders: this.orders, breakers: this.#breakers, ...kept };
  }

  /** Last close time seen, NaN before the first. */
  get now(): EpochMs {
    return this.#slice.ts;
  }

  /** Cash plus open profit at the last mids, account currency, unrounded. */
  get equity(): number {
    if (this.#stale) this.#mark();
    return this.#slice.equity;
  }

  /** Limits that block entries until a person resumes. */
  get latches(): readonly Latch[] {
    return this.#breakers.latches;
  }

  /** Orders that wait for a person, each with its question. */
  get waiting(): Iterable<ApprovalRequest> {
    return this.#decisions.parked.requests();
  }

  /** Last mid of an instrument, NaN before its first bar. */
  priceOf(index: number): number {
    return this.#valuation.prices[index] ?? Number.NaN;
  }

  /** Account currency per unit of an instrument's quote currency. */
  quoteToAccountOf(index: number): number {
    return this.#valuation.quoteToAccount(index);
  }

  step(event: EngineEvent): readonly Effect[] {
    switch (event.kind) {
      case 'bar':
        return this.#onBar(event);
      case 'tick':
        return this.#onTick(event.ts);
      case 'resumed':
        this.#breakers.resume();
        return NO_EFFECTS;
      case 'approved':
        return this.#decisions.approved(event, this.#moment(event.ts));
      case 'declined':
        return this.#decisions.parked.decline(event);
      default:
        return this.#onBroker(event);
    }
  }

  /** Bars before `ts` are worked through without a decision: what was missed is not made up for. People are asked at `heardAt`. */
  holdUntil(ts: EpochMs, heardAt: EpochMs = 0): void {
    this.#decideFrom = ts;
    this.#decisions.parked.heardAt = heardAt;
  }

  /** Ends the last slice: its equity row is written. */
  finish(): void {
    this.#closeSlice();
  }

  #onBar(bar: BarEvent): readonly Effect[] {
    if (bar.ts !== this.#slice.ts) {
      // What a venue tells may come before the bar in which it happened; bars themselves are in order.
      assert(!(bar.ts < this.#barTs), 'bars come in time order');
      this.#barTs = bar.ts;
      this.#closeSlice();
      this.#slice.ts = bar.ts;
    }
    const { index } = bar;
    this.#stale = true;
    this.#valuation.prices[index] = bar.close;
    if (index < this.#parts.tradedCount) {
      this.#bars[index] = bar;
      this.#memory.bar(index, bar.ts, bar.close);
      if (this.#usesAtr) this.#atr.update(index, bar.high, bar.low, bar.close);
      this.#asker.see(bar);
    }
    if ((bar.flags & LAST_OF_SLICE) === 0) return NO_EFFECTS;
    this.#slice.flags = bar.flags;
    return this.#endSlice();
  }

  #onTick(ts: EpochMs): readonly Effect[] {
    this.#closeSlice();
    this.#effects = [];
    cancelEntries(this.#parts, this.ledger, this.orders, ts, this.#effects);
    if (this.#decisions.parked.size > 0) this.#decisions.parked.settle(ts, this.#effects);
    return this.#effects;
  }

  /** All bars of a close time are known: judge the book, ask the strategy, decide. */
  #endSlice(): readonly Effect[] {
    const slice = this.#slice;
    this.#mark();
    if (slice.ts >= this.#dayEnd) {
      this.#dayEnd = rollAfter(slice.ts);
      this.#newPositionsToday = 0;
    }
    if (slice.endsDay) this.#memory.endDay(this.#valuation.prices);
    if (this.#effects.length > 0) this.#effects = [];
    const breaks = this.#breakers.onSlice(this.#slice.equity, slice.ts);
    if (breaks.length > 0) this.#obey(breaks, slice.ts);
    const due = this.ledger.openIndexes.length > 0 ? this.#watch.positions(slice) : NOTHING_DUE;
    if (due.length > 0) this.#obey(due, slice.ts);
    if (this.orders.size > 0) cancelEntries(this.#parts, this.ledger, this.orders, slice.ts, this.#effects);
    const { parked } = this.#decisions;
    if (parked.size > 0) parked.settle(slice.ts, this.#effects);
    const wishes = this.#asker.ask();
    if (wishes !== undefined && wishes.length > 0 && slice.ts >= this.#decideFrom) {
      this.#decisions.decide(wishes, this.#moment(), this.#effects);
      if (parked.size > 0) parked.keepFromVenue(this.#effects, slice.ts);
    }
    return this.#effects.length === 0 ? NO_EFFECTS : this.#effects;
  }

  #onBroker(event: BrokerEvent): readonly Effect[] {
    // What happens inside the next bar ends the slice before it; what answers this slice's orders belongs to it.
    if (event.ts > this.#slice.ts) {
      this.#closeSlice();
      this.#slice.ts = event.ts;
    }
    this.#stale = true;
    switch (event.kind) {
      case 'fill':
        return this.#onFill(event.fill);
      case 'cancelled':
      case 'rejected':
      case 'expired':
        this.orders.end(event.orderId, event.kind, event.reason);
        return NO_EFFECTS;
      case 'child':
        this.orders.addChild(event.order, event.ts);
        return NO_EFFECTS;
      case 'trailed':
        this.orders.retrail(event.orderId, event.stopPrice);
        return NO_EFFECTS;
      case 'financing':
      case 'dividend':
        return this.#onInterest(event.instrument, event.cost);
      case 'split':
        return this.#onSplit(event);
      case 'late-fill':
        return this.#onLateFill(event.fill);
      case 'transfer':
        this.ledger.transfer(event.amount);
        this.#breakers.transfer(event.amount);
        return NO_EFFECTS;
      case 'adopted':
        return this.#onAdopted(event);
      case 'margin-call':
        return [marginCalled(event)];
      default:
        return unreachable(event);
    }
  }

  #onFill(fill: Fill): readonly Effect[] {
    const index = this.ledger.indexOf(fill.instrument);
    const order = this.orders.fill(fill);
    // The venue booked at the rate of the fill's own moment, which may lie before the close that comes next.
    const rate = fill.quoteToAccount ?? this.#valuation.quoteToAccount(index);
    const { stopLoss } = order.intent;
    const risk = stopLoss === undefined ? Number.NaN : Math.abs(fill.price - stopLoss) * fill.units * rate;
    const before = this.ledger.units(index);
    const { trade, opened } = this.ledger.applyFill(fill, rate, risk);
    this.#recorder.filled(fill, fill.units * fill.price * rate);
    if (opened) this.#newPositionsToday++;
    this.#effects = [];
    if (trade !== undefined) this.#onTrade(trade, rate, fill.ts);
    const grows = signOf(fill.side) === Math.sign(before) || opened;
    if (grows && !this.#firstFills.has(order.id)) {
      this.#obey(this.#breakers.onExecution(this.#parts.strategyName, fill.instrument, fill.side), fill.ts);
    }
    if (order.status === 'working') this.#firstFills.add(order.id);
    else this.#firstFills.delete(order.id);
    return this.#effects.length === 0 ? NO_EFFECTS : this.#effects;
  }

  /** Its order is no longer in the book, so nothing but the money and the position can follow. */
  #onLateFill(fill: Fill): readonly Effect[] {
    const rate = fill.quoteToAccount ?? this.#valuation.quoteToAccount(this.ledger.indexOf(fill.instrument));
    const { trade } = this.ledger.applyFill(fill, rate, Number.NaN);
    this.#recorder.filled(fill, fill.units * fill.price * rate);
    this.#effects = [];
    if (trade !== undefined) this.#onTrade(trade, rate, fill.ts);
    return [lateFillTold(fill), ...this.#effects];
  }

  /** What a person did by hand is not a loss of the strategy. */
  #onAdopted(event: Extract<BrokerEvent, { kind: 'adopted' }>): readonly Effect[] {
    const before = this.equity;
    takeOver(this.ledger, event);
    this.#mark();
    this.#breakers.transfer(this.#slice.equity - before);
    return [adoptedTold(event)];
  }

  #onTrade(trade: Trade, rate: number, ts: EpochMs): void {
    this.#trades.add(trade, trade.units * trade.entryPrice * rate);
    this.#recorder.traded(trade);
    this.#obey(this.#breakers.onTradeClosed(this.#parts.strategyName, trade.netPnl, ts), ts);
  }

  #onInterest(instrument: Fill['instrument'], cost: number): readonly Effect[] {
    const before = this.ledger.cash;
    this.ledger.bookFinancing(this.ledger.indexOf(instrument), cost);
    this.#recorder.financed(before - this.ledger.cash);
    return NO_EFFECTS;
  }

  #onSplit(event: Extract<BrokerEvent, { kind: 'split' }>): readonly Effect[] {
    const index = this.ledger.indexOf(event.instrument);
    const instrument = this.#parts.instruments[index];
    assert(instrument !== undefined, 'a split is of a known instrument');
    this.#valuation.prices[index] = event.price;
    this.#memory.split(index, event.ratio);
    this.#atr.split(index, event.ratio);
    this.#asker.split(event.instrument, event.ratio, event.ts);
    this.#effects = [];
    this.#decisions.parked.split(event.instrument, event.ratio, event.ts, this.#effects);
    this.orders.split(instrument, event.ratio);
    if (this.ledger.units(index) !== 0) {
      const rate = this.#valuation.quoteToAccount(index);
      const trade = this.ledger.applySplit(index, { ...event, lotStep: instrument.lotStep, quoteToAccount: rate });
      if (trade !== undefined) this.#onTrade(trade, rate, event.ts);
    }
    return [splitTold(event), ...this.#effects];
  }

  #obey(effects: readonly BreakerEffect[], ts: EpochMs): void {
    for (const effect of effects) {
      const said = toldOf(effect, ts);
      switch (effect.kind) {
        case 'breaker':
        case 'latch':
        case 'alert':
          this.#effects.push(said.effect);
          break;
        case 'exit': {
          assert(effect.instrument !== undefined, 'an exit names its instrument');
          const index = this.ledger.indexOf(effect.instrument);
          this.#effects.push(...this.#decisions.exit(index, `${effect.key}: ${said.message}`, this.#moment()));
          break;
        }
        case 'close-all':
          cancelEvery(this.orders, said.message, this.#effects);
          for (const index of this.ledger.openIndexes) {
            this.#effects.push(...this.#decisions.exit(index, said.message, this.#moment()));
          }
      }
    }
    if (this.#decisions.parked.size > 0) this.#decisions.parked.keepFromVenue(this.#effects, ts);
  }

  #moment(ts = this.#slice.ts): Moment {
    return {
      ts,
      knowledge: this.#slice.knowledge,
      equity: this.equity,
      marginUsed: this.#valuation.marginUsed(this.ledger),
      exposureFactor: this.#breakers.exposureFactor,
      newPositionsToday: this.#newPositionsToday,
      blocked: this.#breakers.blocked(this.#parts.strategyName, ts),
    };
  }

  #closeSlice(): void {
    if (Number.isNaN(this.#slice.ts) || this.#slice.flags === 0) return;
    if (this.#stale) this.#mark();
    this.#recorder.slice(this.#slice, this.ledger, this.#valuation);
    this.#slice.flags = 0;
  }

  #mark(): void {
    this.#slice.equity = this.#valuation.equity(this.ledger);
    this.#stale = false;
  }

  /** State between two slices as plain JSON; the broker and the recorder save theirs. */
  save(): unknown {
    return {
      ...saveAll(this.#keepers),
      prices: Array.from(this.#valuation.prices, (price) => (Number.isNaN(price) ? null : price)),
      sliceTs: Number.isNaN(this.#slice.ts) ? null : this.#slice.ts,
      sliceFlags: this.#slice.flags,
      dayEnd: this.#dayEnd,
      newPositionsToday: this.#newPositionsToday,
      firstFills: [...this.#firstFills],
      strategy: this.#parts.strategy.save?.() ?? null,
    };
  }

  /** `bars`: the broker's own, restored before, so that spreads are known. */
  load(state: unknown, bars: readonly BarEvent[]): void {
    const saved = state as SavedEngine;
    loadAll(this.#keepers, saved);
    for (const order of this.orders.values()) this.#recorder.relink(order);
    this.#valuation.prices.set(saved.prices.map((price) => price ?? Number.NaN));
    this.#slice.ts = saved.sliceTs ?? Number.NaN;
    this.#slice.flags = saved.sliceFlags;
    this.#dayEnd = saved.dayEnd;
    this.#newPositionsToday = saved.newPositionsToday;
    this.#firstFills = new Set(saved.firstFills);
    for (const bar of bars.slice(0, this.#parts.tradedCount)) if (!Number.isNaN(bar.ts)) this.#bars[bar.index] = bar;
    this.#parts.strategy.load?.(saved.strategy);
    this.#stale = true;
  }
}
