import { orderCommission } from '../../core/costs/commission.js';
import type { CostModel } from '../../core/costs/model.js';
import { DAY_MS, monthNumber } from '../../core/model/calendar/calendar.js';
import type { BrokerEvent } from '../../core/model/event.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Ledger } from '../../core/model/ledger.js';
import type { RateSeries } from '../../core/model/market.js';
import { toMinorUnit } from '../../core/model/money.js';
import type { Valuation } from '../../core/model/valuation.js';
import { execute } from './execution.js';
import type { Match } from './matching.js';
import type { SimBar } from './sim-bar.js';
import { VolatilityTracker } from './volatility.js';
import type { WorkingOrder } from './working-order.js';

/** What the simulated venue is set up with. */
export interface SimOptions {
  /** Traded ones first, then those that only convert. */
  readonly instruments: readonly Instrument[];
  readonly tradedCount: number;
  /** By instrument: what the data holds. */
  readonly sides: readonly ('mid' | 'bid' | 'both')[];
  readonly timeframesMs: readonly number[];
  readonly currency: string;
  readonly minorUnitDigits: number;
  readonly capital: number;
  readonly costs: CostModel;
  readonly rates: readonly RateSeries[];
  readonly fill: 'next-open' | 'close';
  readonly intrabar: 'pessimistic' | 'optimistic';
  readonly seed: number;
}

type ExecutorOptions = Pick<SimOptions, 'costs' | 'timeframesMs' | 'minorUnitDigits'>;

/** Turns a match into a fill: its price, its costs, its commission, booked in the venue's own ledger. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #ledger: Ledger;
  readonly #valuation: Valuation;
  readonly #volatility: VolatilityTracker;
  readonly #tracksVolatility: boolean;
  #executions = 0;
  #month = 0;
  /** Notional traded in the month, account currency. */
  #monthVolume = 0;

  constructor(options: ExecutorOptions, ledger: Ledger, valuation: Valuation) {
    const { slippage, impact } = options.costs;
    this.#options = options;
    this.#ledger = ledger;
    this.#valuation = valuation;
    this.#volatility = new VolatilityTracker(options.timeframesMs);
    this.#tracksVolatility = slippage.volatilityMultiple > 0 || impact.y > 0;
  }

  /** Told of each close, for costs that follow volatility. */
  watch(index: number, close: number): void {
    if (this.#tracksVolatility) this.#volatility.update(index, close);
  }

  /** A split is no return. */
  split(index: number, ratio: number): void {
    this.#volatility.split(index, ratio);
  }

  execute(order: WorkingOrder, bar: SimBar, match: Match, units: number): BrokerEvent {
    const { intent, index } = order;
    const done = execute(this.#options.costs, {
      instrument: bar.definition,
      side: intent.side,
      units,
      match,
      limit: intent.type === 'limit' || intent.type === 'stop-limit' ? intent.price : undefined,
      modelled: bar.isModelled(intent.side),
      halfSpread: match.atClose === true ? bar.spread / 2 : bar.halfSpreadAtOpen(),
      barSigma: this.#volatility.bar(index),
      daySigma: this.#volatility.day(index),
    });
    const rate = this.#valuation.quoteToAccount(index);
    const commission = this.#commission(order, bar, units, done.price, rate);
    this.#executions++;
    const event: BrokerEvent = {
      kind: 'fill',
      ts: bar.ts,
      fill: {
        orderId: order.id,
        executionId: `x-${this.#executions}`,
        instrument: intent.instrument,
        side: intent.side,
        units,
        price: done.price,
        ts: bar.ts,
        commission,
        spreadCost: done.halfSpread * units * rate,
        slippageCost: done.slippage * units * rate,
        impactCost: done.impact * units * rate,
        quoteToAccount: rate,
        reason: intent.reason,
      },
    };
    this.#ledger.applyFill(event.fill, rate, Number.NaN);
    return event;
  }

  /** What this part of the order adds to its commission, to the cent; tiers look at the month's volume before the order. */
  #commission(order: WorkingOrder, bar: SimBar, units: number, price: number, rate: number): number {
    const month = monthNumber(Math.floor((bar.ts - 1) / DAY_MS));
    if (month !== this.#month) {
      this.#month = month;
      this.#monthVolume = 0;
    }
    if (order.filled === 0) order.volumeBefore = this.#monthVolume;
    order.filled += units;
    order.traded += units * price;
    const whole = orderCommission(this.#options.costs.commission, {
      assetClass: bar.definition.assetClass,
      units: order.filled,
      price: order.traded / order.filled,
      quoteToAccount: rate,
      monthVolume: order.volumeBefore,
    });
    const part = toMinorUnit(Math.max(0, whole - order.charged), this.#options.minorUnitDigits);
    order.charged += part;
    this.#monthVolume += units * price * rate;
    return part;
  }

  save(): unknown {
    return {
      volatility: this.#volatility.save(),
      executions: this.#executions,
      month: this.#month,
      monthVolume: this.#monthVolume,
    };
  }

  load(state: unknown): void {
    const saved = state as { volatility: unknown; executions: number; month: number; monthVolume: number };
    this.#volatility.load(saved.volatility);
    this.#executions = saved.executions;
    this.#month = saved.month;
    this.#monthVolume = saved.monthVolume;
  }
}
