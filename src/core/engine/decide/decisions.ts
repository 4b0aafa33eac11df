import { assert } from '../../base/assert.js';
import type { Approved, SeenPrice } from '../../model/event.js';
import { type ClientId, type EpochMs, type OrderId, orderId, seededClientId } from '../../model/ids.js';
import type { Ledger } from '../../model/ledger.js';
import type { Order, OrderIntent } from '../../model/order.js';
import type { RateBook } from '../../model/rates.js';
import type { Valuation } from '../../model/valuation.js';
import { type Candidate, Projection } from '../../risk/candidate.js';
import { judge } from '../../risk/gate.js';
import type { BookView, Failure, InstrumentView } from '../../risk/rule.js';
import type { Wish } from '../../strategies/strategy.js';
import type { Decision, Effect } from '../effect.js';
import type { MarketMemory } from '../market-memory.js';
import type { OrderBook } from '../order-book.js';
import type { EngineParts, HaltState } from '../parts.js';
import type { AtrColumn } from './atr-column.js';
import { judgeAgain } from './judge-again.js';
import { overExposedNow } from './over-exposed.js';
import { Parked } from './parked.js';
import { type Plan, type PlanContext, planOrder, planSignal, planTarget } from './planner.js';
import { questionOf } from './question.js';
import type { TradeMemory } from './trade-memory.js';

/** What decisions are made from; owned by the engine. */
export interface DecisionState {
  readonly parts: EngineParts;
  readonly ledger: Ledger;
  readonly valuation: Valuation;
  readonly memory: MarketMemory;
  readonly orders: OrderBook;
  readonly rates: RateBook;
  readonly trades: TradeMemory;
  readonly atr: AtrColumn;
  spreadOf(index: number): number;
}

/** The moment of a decision. */
export interface Moment {
  readonly ts: EpochMs;
  readonly knowledge: EpochMs;
  readonly equity: number;
  readonly marginUsed: number;
  readonly exposureFactor: number;
  readonly newPositionsToday: number;
  /** Breakers and latches that block entries. */
  readonly blocked: readonly Failure[];
}

/** `id` is absent in what versions saved that asked nobody. */
interface Sent {
  readonly ts: EpochMs;
  readonly intent: OrderIntent;
  readonly id?: OrderId;
}

/** An intent with the ids it will carry, whether it passes or is refused. */
interface Numbered {
  readonly intent: OrderIntent;
  readonly id: OrderId;
  readonly clientId: ClientId;
  readonly isSized?: boolean;
}

const MINUTE_MS = 60_000;

/** An order that is judged a second time: it is not counted itself, and the price may be a newer one than the last bar's. */
interface Again {
  readonly except: OrderId;
  readonly instrument: Wish['instrument'];
  readonly seen: SeenPrice | undefined;
}

/** From wishes to effects: plan, size, judge as one batch, send or ask. */
export class Decisions {
  /** What waits for a person. */
  readonly parked: Parked;
  readonly #state: DecisionState;
  /** Orders sent lately, for the rate of orders and the duplicate window. */
  #recent: Sent[] = [];
  /** What the gate is shown, made anew for each batch; the map is kept, because making one costs more than filling it. */
  readonly #instruments = new Map<Wish['instrument'], InstrumentView>();
  /** What the gate was shown last: its prices and its equity. */
  #shown: BookView | undefined;

  constructor(state: DecisionState) {
    this.#state = state;
    this.parked = new Parked(state.orders);
  }

  /** Adds the effects of a slice's wishes to `effects`, in the order in which they must be carried out. */
  decide(wishes: readonly Wish[], moment: Moment, effects: Effect[]): void {
    const batch: Numbered[] = [];
    for (const wish of wishes) {
      const plan = this.#plan(wish, moment);
      if (plan.cancelEntries || wish.kind === 'cancel') this.#cancelEntries(wish.instrument, wish.reason, effects);
      const ids: OrderId[] = [];
      for (const intent of plan.intents) {
        const numbered = { ...this.#number(intent), isSized: wish.kind !== 'order' };
        batch.push(numbered);
        ids.push(numbered.id);
      }
      effects.push({ kind: 'decided', decision: decisionOf(wish, plan, ids, moment.ts) });
    }
    if (batch.length > 0) this.#judge(batch, moment, effects);
  }

  /** An exit that a rule asks for (a position's loss, a latch that flattens), through the same gate. */
  exit(index: number, reason: string, moment: Moment): readonly Effect[] {
    const instrument = this.#state.parts.instruments[index];
    assert(instrument !== undefined, 'an exit is of a traded instrument');
    if (this.#state.orders.hasExit(instrument.id)) return [];
    const held = this.#state.ledger.units(index);
    const effects: Effect[] = [];
    const intent: OrderIntent = {
      instrument: instrument.id,
      side: held > 0 ? 'sell' : 'buy',
      units: Math.abs(held),
      type: 'market',
      timeInForce: 'GTC',
      reduceOnly: true,
      reason,
    };
    this.#judge([this.#number(intent)], moment, effects);
    return effects;
  }

  /** A yes: the order is judged again at today's prices, and leaves if it passes. Without an effect when it waits no more. */
  approved(event: Approved, moment: Moment): readonly Effect[] {
    const found = this.parked.find(event.orderId);
    if (found === undefined) return [];
    const { request, order } = found;
    const { ts, seen, orderId: id } = event;
    if (this.parked.isLate(request, event)) {
      return [this.parked.withdraw(id, 'expired', `the answer of ${event.who} came after the deadline`, ts)];
    }
    const { ledger, valuation, parts } = this.#state;
    const { instrument } = order.intent;
    const price = seen?.price ?? valuation.prices[ledger.indexOf(instrument)] ?? Number.NaN;
    const drift = this.parked.driftFailure(request, price);
    const view = this.#view([order.intent], moment, { except: id, instrument, seen });
    const { intent, judgement } = judgeAgain(order, parts.limits, view, request.bandBps);
    if (judgement.kind === 'passed' && drift === undefined) {
      this.parked.release(order, intent, ts);
      this.#recent.push({ ts, intent, id });
      return [{ kind: 'submit', order: judgement.order }];
    }
    const broken = judgement.kind === 'refused' ? judgement.failures : [];
    return [this.parked.refuse(order, drift === undefined ? broken : [drift, ...broken], ts)];
  }

  /** The exposure limits that an entry would break if it left now, in words; undefined when it fits. */
  overExposed(id: OrderId): string | undefined {
    return this.#shown === undefined ? undefined : overExposedNow(id, this.#state, this.#shown);
  }

  #plan(wish: Wish, moment: Moment): Plan {
    if (wish.kind === 'cancel') return { intents: [], cancelEntries: true, sizing: undefined };
    const ctx = this.#context(wish, moment);
    if (wish.kind === 'order') return planOrder(wish, ctx);
    // Without a price nothing can be sized; the wish stands in the journal with no order.
    if (!(ctx.price > 0) || !(ctx.quoteToAccount > 0)) {
      return { intents: [], cancelEntries: false, sizing: { zeroBecause: 'NO_PRICE' } };
    }
    return wish.kind === 'target' ? planTarget(wish, ctx) : planSignal(wish, ctx);
  }

  #context(wish: Wish, moment: Moment): PlanContext {
    const { parts, ledger, valuation, orders, trades, memory, atr } = this.#state;
    const index = ledger.indexOf(wish.instrument);
    const instrument = parts.instruments[index];
    assert(instrument !== undefined, 'a wish is for a traded instrument');
    const sized = wish.kind === 'signal';
    return {
      instrument,
      limits: parts.limits,
      sizing: parts.sizing,
      equity: moment.equity,
      exposureFactor: moment.exposureFactor,
      price: valuation.prices[index] ?? Number.NaN,
      spread: this.#state.spreadOf(index),
      quoteToAccount: valuation.quoteToAccount(index),
      held: ledger.units(index),
      averagePrice: ledger.averagePrice(index),
      currency: parts.currency,
      pending: orders.size === 0 ? 0 : orders.pendingUnits(wish.instrument),
      instrumentCount: parts.tradedCount,
      dailyVolatility: sized && parts.sizing.method === 'volatility-target' ? memory.dailyVolatility(index) : undefined,
      atr: sized && parts.sizing.method === 'atr' ? atr.value(index) : undefined,
      tradeStats: sized && parts.sizing.method === 'kelly' ? trades.stats() : undefined,
      exiting: orders.size > 0 && orders.hasExit(wish.instrument),
    };
  }

  #cancelEntries(instrument: Wish['instrument'], reason: string, effects: Effect[]): void {
    for (const order of this.#state.orders.values()) {
      if (order.intent.instrument !== instrument || order.intent.reduceOnly) continue;
      effects.push({ kind: 'cancel', orderId: order.id, reason });
    }
  }

  #number(intent: OrderIntent): Numbered {
    const sequence = this.#state.orders.nextId();
    const { mint, runKey } = this.#state.parts;
    const id = orderId(`o-${sequence}`);
    return { intent, id, clientId: mint === undefined ? seededClientId(runKey, sequence) : mint(id) };
  }

  #judge(batch: readonly Numbered[], moment: Moment, effects: Effect[]): void {
    const { parts, orders } = this.#state;
    const intents = batch.map(({ intent }) => intent);
    const view = this.#view(intents, moment);
    const judgements = judge(parts.limits, intents, view, (_, place) => numberedAt(batch, place));
    const { approval } = parts;
    const asked = approval === undefined ? undefined : new Projection(view);
    for (let place = 0; place < batch.length; place++) {
      const judgement = judgements[place];
      assert(judgement !== undefined, 'the gate answers for each intent');
      const { id, clientId, intent, isSized = false } = numberedAt(batch, place);
      const passed = judgement.kind === 'passed';
      const order: Order = {
        id,
        clientId,
        createdAt: moment.ts,
        intent: judgement.intent,
        status: passed ? 'working' : 'refused',
        filledUnits: 0,
        averagePrice: 0,
        reason: passed ? intent.reason : refusalText(judgement.failures),
      };
      if (!passed) {
        orders.add(order);
        effects.push({ kind: 'refused', ts: moment.ts, orderId: id, intent, failures: judgement.failures });
        continue;
      }
      this.#recent.push({ ts: moment.ts, intent, id });
      const candidate = asked === undefined ? undefined : counted(asked, intent, view);
      if (candidate !== undefined && !judgement.exit) {
        order.isParked = true;
        order.isSized = isSized;
        effects.push(this.#ask(numberedAt(batch, place), candidate, view, moment));
      } else {
        effects.push({ kind: 'submit', order: judgement.order });
      }
      orders.add(order);
    }
  }

  /** Parks an order that passed: a person is asked whether it may be sent. */
  #ask({ id, clientId, intent }: Numbered, candidate: Candidate, book: BookView, moment: Moment): Effect {
    const { parts, rates } = this.#state;
    const { approval } = parts;
    assert(approval !== undefined, 'who asks knows how');
    const order = { id, clientId, createdAt: moment.ts, intent };
    const usualUnits = this.parked.usualUnits(intent.instrument);
    const { knowledge } = moment;
    const askedAt = Math.max(moment.ts, this.parked.heardAt);
    const request = questionOf({ parts, approval, order, askedAt, candidate, book, rates, knowledge, usualUnits });
    this.parked.park(request);
    return { kind: 'ask', ts: moment.ts, order, request };
  }

  #view(intents: readonly OrderIntent[], moment: Moment, again?: Again): BookView {
    const { parts } = this.#state;
    const lately = this.#lately(moment.ts, again?.except);
    for (let index = 0; index < parts.tradedCount; index++) {
      const view = this.#instrumentView(index, intents, moment, again);
      this.#instruments.set(view.instrument.id, view);
    }
    this.#shown = {
      now: moment.ts,
      equity: moment.equity,
      marginUsed: moment.marginUsed,
      currency: parts.currency,
      instruments: this.#instruments,
      newPositionsToday: moment.newPositionsToday,
      ordersLastMinute: lately.inMinute,
      recentIntents: lately.intents,
      blocked: moment.blocked,
      nothingMayLeave: false,
      carryBook: parts.carryBook,
    };
    return this.#shown;
  }

  /** Orders of the last minute, and what was sent within the duplicate window; older ones are forgotten. */
  #lately(now: EpochMs, except: OrderId | undefined): { inMinute: number; intents: readonly OrderIntent[] } {
    if (this.#recent.length === 0) return { inMinute: 0, intents: [] };
    const { duplicateWindowMs } = this.#state.parts.limits;
    const window = Math.max(MINUTE_MS, duplicateWindowMs);
    while ((this.#recent[0]?.ts ?? now) <= now - window) this.#recent.shift();
    const intents: OrderIntent[] = [];
    let inMinute = 0;
    for (const { ts, intent, id } of this.#recent) {
      if (except !== undefined && id === except) continue;
      if (ts > now - MINUTE_MS) inMinute++;
      if (ts > now - duplicateWindowMs) intents.push(intent);
    }
    return { inMinute, intents };
  }

  #instrumentView(index: number, intents: readonly OrderIntent[], moment: Moment, again?: Again): InstrumentView {
    const { parts, ledger, valuation, memory, orders, rates } = this.#state;
    const instrument = parts.instruments[index];
    assert(instrument !== undefined, 'an index is inside the session');
    const known = instrument.assetClass === 'fx' && !rates.isEmpty;
    const baseKnown = known ? rates.knownAt(instrument.base, moment.knowledge) : undefined;
    const quoteKnown = known ? rates.knownAt(instrument.quote, moment.knowledge) : undefined;
    const oldest = baseKnown === undefined || quoteKnown === undefined ? undefined : Math.min(baseKnown, quoteKnown);
    // Halts have a scope: each instrument that is about to be traded is asked for, and nobody else's halt counts.
    const halt = isTraded(instrument.id, intents) ? parts.halted(instrument) : undefined;
    const seen: Partial<SeenPrice> | undefined =
      again?.instrument === instrument.id ? again.seen : parts.heard?.(instrument.id);
    return {
      instrument,
      units: ledger.units(index),
      pendingUnits: orders.size === 0 ? 0 : orders.pendingUnits(instrument.id, again?.except),
      pendingSides: orders.pendingSides(instrument.id, again?.except),
      leavingUnits: orders.leavingUnits(instrument.id, again?.except),
      price: seen?.price ?? valuation.prices[index] ?? Number.NaN,
      spread: seen?.spread ?? this.#state.spreadOf(index),
      quoteToAccount: valuation.quoteToAccount(index),
      secondPrice: seen?.second,
      quoteAgeMs: seen?.ageMs ?? moment.ts - (memory.lastTs[index] ?? Number.NaN),
      timeframeMs: parts.timeframesMs[index] ?? 0,
      dailyReturns: memory.dailyReturns(index),
      rateAgeMs: oldest === undefined ? undefined : Math.max(0, moment.ts - oldest),
      blocked: halt?.entries === true ? [haltedBy(halt)] : undefined,
      nothingMayLeave: halt?.everything,
    };
  }

  save(): unknown {
    return { recent: this.#recent, parked: this.parked.save() };
  }

  load(state: unknown): void {
    const saved = state as { recent: Sent[]; parked?: unknown };
    this.#recent = [...saved.recent];
    this.parked.load(saved.parked);
  }
}

function haltedBy({ reason }: HaltState): Failure {
  return { limit: 'halted', value: null, max: null, unit: '', message: `halted: ${reason}` };
}

function isTraded(instrument: Wish['instrument'], intents: readonly OrderIntent[]): boolean {
  for (const intent of intents) if (intent.instrument === instrument) return true;
  return false;
}

/** The order against the book with the earlier ones of its batch filled; from now on it is one of them. */
function counted(projection: Projection, intent: OrderIntent, book: BookView): Candidate {
  const view = book.instruments.get(intent.instrument);
  assert(view !== undefined, 'what passed the gate is traded');
  const candidate = projection.candidate(intent, view);
  projection.count(candidate);
  return candidate;
}

function numberedAt(batch: readonly Numbered[], place: number): Numbered {
  const numbered = batch[place];
  assert(numbered !== undefined, 'the gate answers for each intent, and for nothing else');
  return numbered;
}

function decisionOf(wish: Wish, plan: Plan, orders: readonly OrderId[], ts: EpochMs): Decision {
  return {
    ts,
    instrument: wish.instrument,
    wish: describe(wish),
    reason: wish.reason,
    inputs: ('inputs' in wish ? wish.inputs : undefined) ?? {},
    orders,
    sizing: plan.sizing,
  };
}

function describe(wish: Wish): string {
  switch (wish.kind) {
    case 'target':
      return `target ${wish.weight}`;
    case 'signal':
      return `signal ${wish.exposure}`;
    case 'order':
      return `${wish.side} ${wish.units} ${wish.type ?? 'market'}`;
    case 'cancel':
      return 'cancel entries';
  }
}

function refusalText(failures: readonly Failure[]): string {
  return failures.map((failure) => `${failure.limit}: ${failure.message}`).join('; ');
}
