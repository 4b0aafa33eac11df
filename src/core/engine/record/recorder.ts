import type { EpochMs } from '../../model/ids.js';
import type { Instrument } from '../../model/instrument.js';
import type { Ledger } from '../../model/ledger.js';
import type { Fill, Order, Trade } from '../../model/order.js';
import type { Valuation } from '../../model/valuation.js';
import type { RowSink } from '../../ports/sink.js';
import type { OrderListener } from '../order-book.js';
import type { Slice } from '../slice.js';
import { OrderRows } from './order-rows.js';
import { Samples } from './samples.js';

const DAY_MS = 86_400_000;
/** One less than the 2,000 of the contract: the last point is always added. */
const CURVE_POINTS = 1_999;
const EXPOSURE_POINTS = 399;
const NEWEST_TRADES = 1_000;

/** Net exposure of each currency as a fraction of equity. */
export interface ExposurePoint {
  readonly ts: EpochMs;
  readonly currencies: Readonly<Record<string, number>>;
}

export interface MonthNumbers {
  /** Months since year 0. */
  readonly month: number;
  readonly equityStart: number;
  readonly equityEnd: number;
  readonly carry: number;
  readonly costs: number;
}

/** Everything a run's metrics stand on. Amounts in account currency. */
export interface RunNumbers {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly bars: number;
  readonly exposedBars: number;
  readonly startEquity: number;
  readonly endEquity: number;
  readonly meanEquity: number;
  readonly maxDrawdown: number;
  readonly maxDrawdownMs: number;
  readonly tradedNotional: number;
  readonly costs: { spread: number; commission: number; slippage: number; impact: number; financing: number };
  readonly counts: { orders: number; fills: number; trades: number; refused: number };
  readonly refusals: Readonly<Record<string, number>>;
  /** Wishes without a size, for want of a stop. */
  readonly unsized: number;
  readonly days: readonly (readonly [day: number, dayReturn: number])[];
  readonly tradePnl: readonly number[];
  /** NaN where a trade had no stop. */
  readonly tradeRisk: readonly number[];
  readonly newestTrades: readonly Trade[];
  readonly curve: readonly (readonly [ts: EpochMs, equity: number, drawdown: number])[];
  readonly months: readonly MonthNumbers[];
  readonly exposure: readonly ExposurePoint[];
}

export interface RecorderOptions {
  readonly instruments: readonly Instrument[];
  readonly capital: number;
  /** Bars before it are warm-up and not part of the run. */
  readonly from: EpochMs;
  /** A row of equity a bar time, or a day. */
  readonly equityRows: 'bar' | 'day';
}

/** Keeps the books of a run: rows go out as they happen, sums stay, memory does not grow with the number of bars. */
export class Recorder implements OrderListener {
  readonly #options: RecorderOptions;
  readonly #sink: RowSink;
  readonly #orders: OrderRows;
  #state: RecorderState;
  #days: [number, number][] = [];
  #tradePnl: number[] = [];
  #tradeRisk: number[] = [];
  #newest: Trade[] = [];
  #months: MonthNumbers[] = [];
  readonly #curve = new Samples<[number, number, number]>(CURVE_POINTS);
  readonly #exposure = new Samples<ExposurePoint>(EXPOSURE_POINTS);

  constructor(options: RecorderOptions, sink: RowSink) {
    this.#options = options;
    this.#sink = sink;
    this.#orders = new OrderRows(sink);
    this.#state = initialState(options.capital);
  }

  opened(order: Order): void {
    this.#state.orders++;
    this.#orders.opened(order);
  }

  closed(order: Order): void {
    if (order.status === 'refused') this.#state.refused++;
    this.#orders.closed();
  }

  /** After a restart the book holds its own copies of the working orders: rows follow those. */
  relink(order: Order): void {
    this.#orders.relink(order);
  }

  /** Counts the limits that a refused order broke. */
  refused(limits: readonly string[]): void {
    const { refusals } = this.#state;
    for (const limit of limits) refusals[limit] = (refusals[limit] ?? 0) + 1;
  }

  /** A wish that could be given no size for want of a stop to size from. */
  unsized(): void {
    this.#state.unsized++;
  }

  filled(fill: Fill, notional: number): void {
    const state = this.#state;
    state.fills++;
    state.notional += notional;
    state.spread += fill.spreadCost;
    state.commission += fill.commission;
    state.slippage += fill.slippageCost;
    state.impact += fill.impactCost;
    state.monthCosts += fill.spreadCost + fill.commission + fill.slippageCost + fill.impactCost;
  }

  financed(cost: number): void {
    this.#state.financing += cost;
    this.#state.monthCarry -= cost;
  }

  traded(trade: Trade): void {
    this.#tradePnl.push(trade.netPnl);
    this.#tradeRisk.push(trade.initialRisk ?? Number.NaN);
    this.#newest.push(trade);
    if (this.#newest.length >= 2 * NEWEST_TRADES) this.#newest = this.#newest.slice(-NEWEST_TRADES);
    this.#sink.trade(trade);
  }

  /** The end of a bar time: equity after everything that happened at it. */
  slice(slice: Slice, ledger: Ledger, valuation: Valuation): void {
    const { ts, equity } = slice;
    if (ts < this.#options.from) return;
    const state = this.#state;
    const day = dayOf(ts);
    if (day !== state.day) this.#beginDay(slice.ts);
    state.bars++;
    state.equitySum += equity;
    if (ledger.openIndexes.length > 0) state.exposedBars++;
    const drawdown = this.#drawdown(ts, equity);
    state.lastTs = ts;
    state.lastEquity = equity;
    state.lastCash = ledger.cash;
    state.lastDrawdown = drawdown;
    if (this.#options.equityRows === 'bar') this.#sink.equity(ts, equity, ledger.cash, drawdown);
    if (this.#curve.isDue()) this.#curve.add([ts, equity, drawdown]);
    state.exposureDue = ledger.openIndexes.length > 0 || state.hadExposure;
    if (day !== state.exposureDay && state.exposureDue) this.#expose(slice, ledger, valuation);
  }

  /** Closes the last day and writes what is still working. Call once, at the end. */
  finish(): RunNumbers {
    const state = this.#state;
    if (state.bars > 0) this.#endDay();
    if (state.bars > 0) this.#endMonth();
    this.#orders.flushAll();
    return this.numbers();
  }

  /** The numbers so far; the last, unfinished day is in them only after `finish`. */
  numbers(): RunNumbers {
    const state = this.#state;
    const last: [number, number, number] = [state.lastTs, state.lastEquity, state.lastDrawdown];
    const points = this.#curve.points;
    const complete = points.at(-1)?.[0] === state.lastTs || state.bars === 0;
    return {
      from: state.from,
      to: state.lastTs,
      bars: state.bars,
      exposedBars: state.exposedBars,
      startEquity: this.#options.capital,
      endEquity: state.lastEquity,
      meanEquity: state.bars === 0 ? this.#options.capital : state.equitySum / state.bars,
      maxDrawdown: state.maxDrawdown,
      maxDrawdownMs: Math.max(state.longestUnder, state.under ? state.lastTs - state.peakTs : 0),
      tradedNotional: state.notional,
      costs: {
        spread: state.spread,
        commission: state.commission,
        slippage: state.slippage,
        impact: state.impact,
        financing: state.financing,
      },
      counts: {
        orders: state.orders,
        fills: state.fills,
        trades: this.#tradePnl.length,
        refused: state.refused,
      },
      refusals: { ...state.refusals },
      unsized: state.unsized,
      days: this.#days,
      tradePnl: this.#tradePnl,
      tradeRisk: this.#tradeRisk,
      newestTrades: this.#newest.slice(-NEWEST_TRADES),
      curve: complete ? points : [...points, last],
      months: this.#months,
      exposure: this.#exposure.points,
    };
  }

  #drawdown(ts: EpochMs, equity: number): number {
    const state = this.#state;
    if (equity >= state.peak) {
      if (state.under) state.longestUnder = Math.max(state.longestUnder, ts - state.peakTs);
      state.peak = equity;
      state.peakTs = ts;
      state.under = false;
      return 0;
    }
    state.under = true;
    const drawdown = (state.peak - equity) / state.peak;
    if (drawdown > state.maxDrawdown) state.maxDrawdown = drawdown;
    return drawdown;
  }

  #beginDay(ts: EpochMs): void {
    const state = this.#state;
    const day = dayOf(ts);
    if (state.bars === 0) {
      state.from = ts;
      state.peakTs = ts;
    } else {
      this.#endDay();
    }
    const date = new Date(day * DAY_MS);
    const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
    if (month !== state.month && state.bars > 0) this.#endMonth();
    state.month = month;
    state.day = day;
  }

  #endDay(): void {
    const state = this.#state;
    const dayReturn = state.dayEquity === 0 ? 0 : state.lastEquity / state.dayEquity - 1;
    state.dayEquity = state.lastEquity;
    this.#days.push([state.day, dayReturn]);
    this.#sink.day(state.day, dayReturn);
    if (this.#options.equityRows === 'day') {
      this.#sink.equity(state.lastTs, state.lastEquity, state.lastCash, state.lastDrawdown);
    }
  }

  #endMonth(): void {
    const state = this.#state;
    this.#months.push({
      month: state.month,
      equityStart: state.monthEquity,
      equityEnd: state.lastEquity,
      carry: state.monthCarry,
      costs: state.monthCosts,
    });
    state.monthEquity = state.lastEquity;
    state.monthCarry = 0;
    state.monthCosts = 0;
  }

  #expose({ ts, equity }: Slice, ledger: Ledger, valuation: Valuation): void {
    const state = this.#state;
    state.exposureDay = dayOf(ts);
    state.hadExposure = ledger.openIndexes.length > 0;
    if (!this.#exposure.isDue()) return;
    const currencies: Record<string, number> = {};
    for (const index of ledger.openIndexes) {
      const instrument = this.#options.instruments[index];
      if (instrument === undefined || !(equity > 0)) continue;
      const price = valuation.prices[index] ?? Number.NaN;
      const share = (ledger.units(index) * price * valuation.quoteToAccount(index)) / equity;
      currencies[instrument.base] = (currencies[instrument.base] ?? 0) + share;
      currencies[instrument.quote] = (currencies[instrument.quote] ?? 0) - share;
    }
    this.#exposure.add({ ts, currencies });
  }

  /** Everything but the rows that are already on disk: the caller gives those back to `load`. */
  save(): unknown {
    return {
      state: this.#state,
      orders: this.#orders.save(),
      months: this.#months,
      curve: this.#curve.save(),
      exposure: this.#exposure.save(),
    };
  }

  /** `rows`: what the files hold up to the moment of the snapshot. */
  load(saved: unknown, rows: { days: readonly (readonly [number, number])[]; trades: readonly Trade[] }): void {
    const from = saved as {
      state: RecorderState;
      orders: unknown;
      months: MonthNumbers[];
      curve: unknown;
      exposure: unknown;
    };
    this.#state = { ...from.state, refusals: { ...from.state.refusals }, unsized: from.state.unsized ?? 0 };
    this.#orders.load(from.orders);
    this.#months = [...from.months];
    this.#curve.load(from.curve);
    this.#exposure.load(from.exposure);
    this.#days = rows.days.map(([day, dayReturn]) => [day, dayReturn]);
    this.#tradePnl = rows.trades.map((trade) => trade.netPnl);
    this.#tradeRisk = rows.trades.map((trade) => trade.initialRisk ?? Number.NaN);
    this.#newest = rows.trades.slice(-NEWEST_TRADES);
  }
}

/** Days since 1970, UTC; a bar that closes at midnight belongs to the day before. */
function dayOf(ts: EpochMs): number {
  return Math.floor((ts - 1) / DAY_MS);
}

type RecorderState = ReturnType<typeof initialState>;

function initialState(capital: number) {
  return {
    from: 0,
    bars: 0,
    exposedBars: 0,
    equitySum: 0,
    lastTs: 0,
    lastEquity: capital,
    lastCash: capital,
    lastDrawdown: 0,
    peak: capital,
    peakTs: 0,
    under: false,
    maxDrawdown: 0,
    longestUnder: 0,
    notional: 0,
    spread: 0,
    commission: 0,
    slippage: 0,
    impact: 0,
    financing: 0,
    orders: 0,
    fills: 0,
    refused: 0,
    refusals: {} as Record<string, number>,
    unsized: 0,
    day: Number.MIN_SAFE_INTEGER,
    dayEquity: capital,
    month: Number.MIN_SAFE_INTEGER,
    monthEquity: capital,
    monthCarry: 0,
    monthCosts: 0,
    exposureDay: Number.MIN_SAFE_INTEGER,
    exposureDue: false,
    hadExposure: false,
  };
}
