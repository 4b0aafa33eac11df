import { SimBroker } from '../../src/brokers/sim/broker.js';
import type { CostModel } from '../../src/core/costs/model.js';
import { noCosts } from '../../src/core/costs/presets.js';
import type { Effect } from '../../src/core/engine/effect.js';
import { Engine } from '../../src/core/engine/engine.js';
import type { HaltState } from '../../src/core/engine/parts.js';
import { Recorder, type RunNumbers } from '../../src/core/engine/record/recorder.js';
import { type RunJournal, run } from '../../src/core/engine/run.js';
import { periodFlags } from '../../src/core/model/calendar/sessions.js';
import { instrumentId } from '../../src/core/model/ids.js';
import type { Instrument } from '../../src/core/model/instrument.js';
import type { BarColumns, CorporateAction, PriceColumns, RateSeries } from '../../src/core/model/market.js';
import type { Order, Trade } from '../../src/core/model/order.js';
import { replayClock } from '../../src/core/ports/clock.js';
import type { BarSource } from '../../src/core/ports/feed.js';
import { noLimits } from '../../src/core/risk/presets.js';
import type { RiskLimits } from '../../src/core/risk/rule.js';
import { defaultSizing } from '../../src/core/sizing/sizer.js';
import type { SizingSettings } from '../../src/core/sizing/sizing.js';
import type { StrategyInstance, Wishes } from '../../src/core/strategies/strategy.js';
import { mergeSources } from '../../src/feeds/merge/merge.js';

/** Open, high, low, close, and the volume where it matters. */
export type Ohlc = readonly [open: number, high: number, low: number, close: number, volume?: number];

/** 2024-01-03T00:00Z, a Wednesday; the first bar closes an hour later. */
export const START = Date.UTC(2024, 0, 3);
export const HOUR = 3_600_000;

export const PAPER: Instrument = {
  id: instrumentId('XYZ'),
  assetClass: 'other',
  base: 'XYZ',
  quote: 'USD',
  tick: 0.01,
  pip: 0.01,
  lotStep: 1,
  minUnits: 1,
  marginRate: 1,
  typicalSpread: 0,
  hours: 'data',
};

export interface Scenario {
  readonly bars: Readonly<Record<string, readonly Ohlc[]>>;
  readonly instruments?: readonly Instrument[];
  /** Only these many of the instruments are traded; the rest convert. */
  readonly traded?: number;
  /** Bid and ask instead of one price: half spread around the bars. */
  readonly halfSpread?: number;
  readonly strategy: StrategyInstance | ((bar: number) => Wishes);
  readonly costs?: CostModel;
  readonly limits?: RiskLimits;
  readonly sizing?: Partial<SizingSettings>;
  readonly capital?: number;
  readonly currency?: string;
  readonly fill?: 'next-open' | 'close';
  readonly intrabar?: 'pessimistic' | 'optimistic';
  readonly rates?: readonly RateSeries[];
  readonly actions?: readonly CorporateAction[];
  readonly timeframeMs?: number;
  /** Close time of the first bar. */
  readonly start?: number;
  /** Close time of each bar, where they have gaps. */
  readonly times?: readonly number[];
  readonly chunk?: number;
  readonly journal?: RunJournal;
  /** After each slice: rows so far, and the state as JSON with the rows that came out before it. */
  readonly onSaved?: (saved: Saved) => void;
  /** Goes on from there with new parts. */
  readonly resume?: Saved;
  readonly halted?: (instrument: Instrument) => HaltState;
  /** The venue before the first bar, for what no strategy can ask of it. */
  readonly onVenue?: (venue: SimBroker) => void;
}

/** What a restart needs; `state` went through JSON. */
export interface Saved {
  readonly rows: number;
  readonly state: string;
  readonly trades: readonly Trade[];
  readonly orders: readonly Order[];
  readonly equity: readonly (readonly [number, number, number])[];
  readonly days: readonly (readonly [number, number])[];
}

export interface Played {
  readonly trades: readonly Trade[];
  readonly orders: readonly Order[];
  readonly equity: readonly (readonly [ts: number, equity: number, cash: number])[];
  readonly effects: readonly Effect[];
  readonly numbers: RunNumbers;
  readonly engine: Engine;
  readonly broker: SimBroker;
}

/** Plays bars through the real engine and the real simulated venue. */
export async function play(scenario: Scenario): Promise<Played> {
  const instruments = scenario.instruments ?? [PAPER];
  const timeframeMs = scenario.timeframeMs ?? HOUR;
  const { resume, onSaved } = scenario;
  const trades: Trade[] = [...(resume?.trades ?? [])];
  const orders: Order[] = [...(resume?.orders ?? [])];
  const equity: (readonly [number, number, number])[] = [...(resume?.equity ?? [])];
  const days: (readonly [number, number])[] = [...(resume?.days ?? [])];
  const effects: Effect[] = [];
  const capital = scenario.capital ?? 100_000;
  const sources = instruments.map((instrument) => barSource(instrument, scenario, timeframeMs));
  let bar = -1;
  const { strategy: given } = scenario;
  const strategy: StrategyInstance =
    typeof given === 'function'
      ? {
          onSlice: () => {
            bar++;
            return given(bar);
          },
        }
      : given;
  const shared = {
    instruments,
    tradedCount: scenario.traded ?? instruments.length,
    timeframesMs: instruments.map(() => timeframeMs),
    currency: scenario.currency ?? 'USD',
    minorUnitDigits: 2,
    capital,
    rates: scenario.rates ?? [],
  };
  const sink = {
    equity: (...row: [number, number, number, number]) => void equity.push([row[0], row[1], row[2]]),
    day: (...row: [number, number]) => void days.push(row),
    trade: (trade: Trade) => void trades.push(trade),
    order: (order: Order) => void orders.push(structuredClone(order)),
  };
  const recorder = new Recorder({ instruments, capital, from: Number.NEGATIVE_INFINITY, equityRows: 'bar' }, sink);
  const engine = new Engine(
    {
      ...shared,
      strategy,
      strategyName: 'scenario',
      history: 50,
      carryBook: false,
      limits: scenario.limits ?? noLimits,
      sizing: { ...defaultSizing(), method: 'fixed-units', units: 100, ...scenario.sizing },
      runKey: 'scenario',
      decideFrom: Number.NEGATIVE_INFINITY,
      halted: scenario.halted ?? (() => ({ entries: false, everything: false, reason: '' })),
    },
    recorder,
  );
  const broker = new SimBroker({
    ...shared,
    sides: instruments.map(() => (scenario.halfSpread === undefined ? 'mid' : 'both')),
    costs: scenario.costs ?? noCosts,
    fill: scenario.fill ?? 'next-open',
    intrabar: scenario.intrabar ?? 'pessimistic',
    seed: 1,
  });
  scenario.onVenue?.(broker);
  if (resume !== undefined) {
    const state = JSON.parse(resume.state) as { engine: unknown; broker: unknown; recorder: unknown };
    recorder.load(state.recorder, resume);
    broker.load(state.broker);
    engine.load(state.engine, broker.bars);
  }
  const checkpoint = (rows: number): void => {
    const state = JSON.stringify({ engine: engine.save(), broker: broker.save(), recorder: recorder.save() });
    onSaved?.({ rows, state, trades: [...trades], orders: [...orders], equity: [...equity], days: [...days] });
  };
  const signal = new AbortController().signal;
  await run({
    engine,
    recorder,
    broker,
    clock: replayClock(0),
    market: mergeSources(sources, (ts, next) => periodFlags(ts, next, 'data', timeframeMs), signal),
    signal,
    ...(scenario.journal === undefined ? {} : { journal: scenario.journal }),
    ...(onSaved === undefined ? {} : { checkpoint, checkpointRows: 1 }),
    ...(resume === undefined ? {} : { skipRows: resume.rows }),
    onEffects: (list) => effects.push(...list),
  });
  engine.finish();
  const numbers = recorder.finish();
  return { trades, orders, equity, effects, numbers, engine, broker };
}

function barSource(instrument: Instrument, scenario: Scenario, timeframeMs: number): BarSource {
  const bars = scenario.bars[instrument.id] ?? [];
  const start = scenario.start ?? START + timeframeMs;
  const half = scenario.halfSpread;
  const corner = (place: 0 | 1 | 2 | 3, away: number) => Float64Array.from(bars, (bar) => bar[place] + away);
  const side = (away: number): PriceColumns => ({
    open: corner(0, away),
    high: corner(1, away),
    low: corner(2, away),
    close: corner(3, away),
  });
  const whole: BarColumns = {
    length: bars.length,
    ts: Float64Array.from(bars, (_, i) => scenario.times?.[i] ?? start + i * timeframeMs),
    price: side(0),
    volume: Float64Array.from(bars, (bar) => bar[4] ?? Number.NaN),
    ...(half === undefined ? {} : { bid: side(-half), ask: side(half) }),
  };
  const actions = (scenario.actions ?? []).filter((action) => action.instrument === instrument.id);
  return {
    info: { instrument: instrument.id, side: half === undefined ? 'mid' : 'both', timeframeMs, simulated: false },
    async *chunks() {
      const size = scenario.chunk ?? Math.max(1, whole.length);
      for (let from = 0; from < whole.length; from += size)
        yield cut(whole, from, Math.min(whole.length, from + size), from === 0 ? actions : []);
    },
  };
}

function cut(whole: BarColumns, from: number, to: number, actions: readonly CorporateAction[]): BarColumns {
  const part = (columns: PriceColumns): PriceColumns => ({
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
  });
  return {
    length: to - from,
    ts: whole.ts.subarray(from, to),
    price: part(whole.price),
    volume: whole.volume.subarray(from, to),
    ...(whole.bid === undefined || whole.ask === undefined ? {} : { bid: part(whole.bid), ask: part(whole.ask) }),
    ...(actions.length === 0 ? {} : { actions }),
  };
}
