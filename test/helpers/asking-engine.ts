import type { Effect } from '../../src/core/engine/effect.js';
import { Engine } from '../../src/core/engine/engine.js';
import type { ApprovalParts, HaltState } from '../../src/core/engine/parts.js';
import { Recorder } from '../../src/core/engine/record/recorder.js';
import type { BarEvent, EngineEvent } from '../../src/core/model/event.js';
import { orderId } from '../../src/core/model/ids.js';
import { LAST_OF_SLICE } from '../../src/core/model/market.js';
import type { Order, Side } from '../../src/core/model/order.js';
import type { RiskLimits } from '../../src/core/risk/rule.js';
import { defaultSizing } from '../../src/core/sizing/sizer.js';
import type { Wishes } from '../../src/core/strategies/strategy.js';
import { PAPER } from './scenario.js';

export { PAPER };

/** A bar that closes at `ts` and ends its slice. */
export function aBar(ts: number, close = 100): BarEvent {
  const prices = { open: close, high: close, low: close, close, volume: Number.NaN, spread: 0 };
  return { kind: 'bar', index: 0, instrument: PAPER.id, ts, ...prices, flags: LAST_OF_SLICE } as BarEvent;
}

export interface AskingEngine {
  readonly engine: Engine;
  /** Effects of one event; those of it that the venue would get are not carried out. */
  step(event: EngineEvent): readonly Effect[];
  /** The venue fills an order at 100, at the time of the last event. */
  fill(id: string, units: number, side?: Side): void;
  /** Orders that have ended, in that order. */
  readonly orders: readonly Order[];
}

/** An engine of one instrument that asks a person, told of single events by hand. */
export function askingEngine(setup: {
  readonly wishes: (slice: number) => Wishes;
  readonly limits: RiskLimits;
  readonly halted: (() => HaltState) | undefined;
  readonly approval: ApprovalParts;
}): AskingEngine {
  const orders: Order[] = [];
  const sink = {
    equity: () => undefined,
    day: () => undefined,
    trade: () => undefined,
    order: (order: Order) => void orders.push({ ...order }),
  };
  const recorder = new Recorder(
    { instruments: [PAPER], capital: 100_000, from: Number.NEGATIVE_INFINITY, equityRows: 'bar' },
    sink,
  );
  let slice = -1;
  const engine = new Engine(
    {
      instruments: [PAPER],
      tradedCount: 1,
      timeframesMs: [60_000],
      currency: 'USD',
      minorUnitDigits: 2,
      capital: 100_000,
      rates: [],
      strategy: {
        onSlice: () => {
          slice++;
          return setup.wishes(slice);
        },
        save: () => null,
        load: () => undefined,
      },
      strategyName: 'asking',
      history: 0,
      carryBook: false,
      limits: setup.limits,
      sizing: { ...defaultSizing(), method: 'fixed-units', units: 100 },
      runKey: 'asking',
      decideFrom: Number.NEGATIVE_INFINITY,
      approval: setup.approval,
      halted: setup.halted ?? (() => ({ entries: false, everything: false, reason: '' })),
    },
    recorder,
  );
  let now = 0;
  let executions = 0;
  return {
    engine,
    orders,
    step: (event) => {
      now = event.ts;
      return engine.step(event);
    },
    fill: (id, units, side = 'buy') => {
      executions++;
      engine.step({
        kind: 'fill',
        ts: now,
        fill: {
          orderId: orderId(id),
          executionId: `x-${executions}`,
          instrument: PAPER.id,
          side,
          units,
          price: 100,
          ts: now,
          commission: 0,
          spreadCost: 0,
          slippageCost: 0,
          impactCost: 0,
          reason: 'fill',
        },
      });
    },
  };
}
