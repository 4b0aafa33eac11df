import { SimBroker } from '../../brokers/sim/broker.js';
import { FxError } from '../../core/base/errors.js';
import type { CostModel } from '../../core/costs/model.js';
import { Engine } from '../../core/engine/engine.js';
import type { ApprovalParts, EngineParts, HaltState } from '../../core/engine/parts.js';
import { Recorder } from '../../core/engine/record/recorder.js';
import type { BarEvent, BrokerEvent } from '../../core/model/event.js';
import type { ClientId, OrderId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { minorUnitOf } from '../../core/model/instruments.js';
import type { Broker } from '../../core/ports/broker.js';
import type { RowSink } from '../../core/ports/sink.js';
import type { RiskLimits } from '../../core/risk/rule.js';
import type { SizingSettings } from '../../core/sizing/sizing.js';
import { withNewsFilter } from '../../core/strategies/filters/news-filter.js';
import type { AnyStrategy, ParamValue, StrategyInstance } from '../../core/strategies/strategy.js';
import type { Heartbeat } from './heartbeat.js';
import type { SessionMarket } from './inputs/market.js';
import type { RunRequest } from './inputs/request.js';

/** Everything a desk is set up with, each part checked already. */
export interface DeskPlan {
  readonly request: RunRequest;
  readonly market: SessionMarket;
  readonly definition: AnyStrategy;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly limits: RiskLimits;
  readonly sizing: SizingSettings;
  readonly costs: CostModel;
  readonly capital: number;
  readonly currency: string;
  readonly halted: (instrument: Instrument) => HaltState;
  /** What a session on live prices hears beside the bars. */
  readonly heard?: NonNullable<EngineParts['heard']> | undefined;
  /** Present where a person is asked before an entry leaves. */
  readonly approval?: ApprovalParts | undefined;
  /** Absent: the simulated venue. */
  readonly venue?: VenueDesk;
}

/** A broker whose state goes into the book's snapshot. */
export interface DeskBroker extends Broker {
  readonly bars: readonly BarEvent[];
  save(): unknown;
  load(state: unknown): void;
  /** Ends orders and positions at once; only the simulated venue can be told to. */
  flatten?(reason: string): readonly BrokerEvent[];
}

/** What differs where orders go to a real venue. */
export interface VenueDesk {
  broker(instruments: readonly Instrument[]): DeskBroker;
  readonly mint: (id: OrderId) => ClientId;
  /** Decimals in which the venue books cash. */
  readonly cashDigits: number;
}

/** An engine with its venue and its books. */
export interface Desk {
  readonly engine: Engine;
  readonly broker: DeskBroker;
  readonly recorder: Recorder;
  readonly strategy: StrategyInstance;
}

const NOT_HALTED: HaltState = { entries: false, everything: false, reason: '' };

/** A backtest works through history: no halt of today stops it. */
export const neverHalted = (): HaltState => NOT_HALTED;

/** Sets up the desk. The same for backtest and paper: only market, clock and rows differ. */
export function setUpDesk(plan: DeskPlan, sink: RowSink, heartbeat?: Heartbeat): Desk {
  const { request, market, definition, params, currency, capital } = plan;
  const minorUnitDigits = plan.venue?.cashDigits ?? minorUnitOf(currency);
  const traded = market.instruments.slice(0, market.tradedCount);
  const created = createStrategy(definition, { params, instruments: traded, currency }, heartbeat);
  const watched = heartbeat?.watch(created) ?? created;
  const { news } = market;
  const against = news?.filter ?? 0;
  const strategy =
    news === undefined || against === 0 ? watched : withNewsFilter(watched, { against, halfLifeMs: news.halfLifeMs });
  const decideFrom = request.from ?? Number.NEGATIVE_INFINITY;
  const shared = {
    instruments: market.instruments,
    tradedCount: market.tradedCount,
    timeframesMs: market.series.map((one) => one.timeframeMs),
    currency,
    minorUnitDigits,
    capital,
    rates: market.rates,
    ...(news === undefined ? {} : { news }),
  };
  const recorder = new Recorder(
    { instruments: market.instruments, capital, from: decideFrom, equityRows: request.equity },
    sink,
  );
  const engine = new Engine(
    {
      ...shared,
      strategy,
      strategyName: definition.name,
      history: definition.history?.(params) ?? 0,
      carryBook: definition.preset === 'carry',
      limits: plan.limits,
      sizing: plan.sizing,
      runKey: `${request.seed} ${definition.name}`,
      decideFrom,
      halted: plan.halted,
      ...(plan.heard === undefined ? {} : { heard: plan.heard }),
      ...(plan.approval === undefined ? {} : { approval: plan.approval }),
      ...(plan.venue === undefined ? {} : { mint: plan.venue.mint }),
    },
    recorder,
  );
  const broker =
    plan.venue?.broker(market.instruments) ??
    new SimBroker({
      ...shared,
      sides: market.series.map((one) => one.side),
      costs: plan.costs,
      fill: request.fill,
      intrabar: request.intrabar,
      seed: request.seed,
    });
  return { engine, broker, recorder, strategy };
}

/** Calls the user's `create`; what it throws or returns is the strategy's error, not ours. */
function createStrategy(
  definition: AnyStrategy,
  context: Parameters<AnyStrategy['create']>[0],
  heartbeat: Heartbeat | undefined,
): StrategyInstance {
  const bad = (problem: string, cause?: unknown) =>
    new FxError('STRATEGY.CREATE', {
      message: `create of strategy ${definition.name} ${problem}`,
      next: 'return an object with onBar or onSlice, as docs/strategies.md shows',
      facts: { strategy: definition.name },
      cause,
    });
  heartbeat?.enter();
  let created: unknown;
  try {
    created = definition.create(context);
  } catch (cause) {
    if (cause instanceof FxError) throw cause;
    throw bad(`failed: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  } finally {
    heartbeat?.leave();
  }
  const { onBar, onSlice } = (created ?? {}) as Record<string, unknown>;
  if (typeof onBar !== 'function' && typeof onSlice !== 'function') throw bad('returned nothing with onBar or onSlice');
  return created as StrategyInstance;
}
