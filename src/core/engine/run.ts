import type { EngineEvent, InputKind } from '../model/event.js';
import type { EpochMs } from '../model/ids.js';
import { type BarBatch, LAST_OF_SLICE } from '../model/market.js';
import type { Broker } from '../ports/broker.js';
import type { Clock } from '../ports/clock.js';
import type { Effect } from './effect.js';
import type { Engine } from './engine.js';
import type { Recorder } from './record/recorder.js';

/** What the runner tells of what happened, before it is carried out. */
export interface RunJournal {
  /** An event that is not a bar, or an effect, in the order in which they happened. */
  record(ts: EpochMs, what: Exclude<EngineEvent, { kind: InputKind }> | Effect): void;
}

export interface RunParts {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly market: AsyncIterable<BarBatch>;
  readonly signal: AbortSignal;
  readonly journal?: RunJournal;
  /** Rows already worked through before a restart. */
  readonly skipRows?: number;
  /** Called between slices after at most `checkpointRows` rows; `rows` counts from the start of the data. */
  readonly checkpoint?: (rows: number) => void;
  readonly checkpointRows?: number;
  /** After every slice that did something, for a screen. */
  readonly onEffects?: (effects: readonly Effect[]) => void;
}

/** How a run ended. */
export interface RunEnd {
  readonly rows: number;
  /** The signal stopped it before the market ended. */
  readonly stopped: boolean;
  /** The last row worked through ended its close time: state can be saved. */
  readonly betweenSlices: boolean;
}

/**
 * Drives the engine: observe the clock, step, record event and effects, then carry the effects out.
 * The same lines for backtest, replay and real time; only the market and the clock differ.
 */
export async function run(parts: RunParts): Promise<RunEnd> {
  const walk = new Walk(parts);
  for await (const batch of parts.market) {
    if (!walk.batch(batch)) return walk.end(true);
    // Timers and signals get their turn once a batch, also when no file or network makes us wait.
    await new Promise(setImmediate);
  }
  return walk.end(parts.signal.aborted);
}

/** How far a run has come, batch by batch. */
class Walk {
  readonly #parts: RunParts;
  readonly #window: number;
  #rows = 0;
  #sinceCheckpoint = 0;
  #between = true;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#window = parts.checkpoint === undefined ? Number.POSITIVE_INFINITY : (parts.checkpointRows ?? 1);
  }

  /** Works through a batch; false when the signal stopped it on the way. */
  batch(batch: BarBatch): boolean {
    const { signal, skipRows = 0 } = this.#parts;
    const start = this.#rows;
    let from = Math.min(batch.length, Math.max(0, skipRows - start));
    while (from < batch.length) {
      if (signal.aborted) {
        this.#rows = start + from;
        this.#between = from > 0 && endsSlice(batch, from);
        return false;
      }
      const to = sliceEnd(batch, from + this.#window - this.#sinceCheckpoint);
      pass(this.#parts, batch, from, to);
      this.#sinceCheckpoint += to - from;
      this.#between = endsSlice(batch, to);
      if (this.#sinceCheckpoint >= this.#window && this.#between) {
        this.#parts.checkpoint?.(start + to);
        this.#sinceCheckpoint = 0;
      }
      from = to;
    }
    this.#rows = start + batch.length;
    return true;
  }

  end(stopped: boolean): RunEnd {
    return { rows: this.#rows, stopped, betweenSlices: this.#between };
  }
}

/** One stretch of rows through broker and engine. */
function pass(
  { engine, broker, clock, journal, onEffects, recorder }: RunParts,
  batch: BarBatch,
  from: number,
  to: number,
): void {
  for (const event of broker.weave(batch, from, to)) {
    clock.observe(event.ts);
    if (journal !== undefined && !isInput(event)) journal.record(event.ts, event);
    const effects = engine.step(event);
    if (effects.length === 0) continue;
    if (journal !== undefined) for (const effect of effects) journal.record(event.ts, effect);
    for (const effect of effects) carryOut(effect, broker, recorder);
    onEffects?.(effects);
  }
}

function isInput(event: EngineEvent): event is Extract<EngineEvent, { kind: InputKind }> {
  return event.kind === 'bar' || event.kind === 'tick' || event.kind === 'resumed';
}

function carryOut(effect: Effect, broker: Broker, recorder: Recorder): void {
  if (effect.kind === 'submit') broker.submit(effect.order);
  else if (effect.kind === 'cancel') broker.cancel(effect.orderId, effect.reason);
  else if (effect.kind === 'refused') recorder.refused(effect.failures.map((failure) => failure.limit));
  else if (effect.kind === 'decided' && effect.decision.sizing?.['zeroBecause'] === 'NO_STOP') recorder.unsized();
}

/** The first row count at or after `wanted` that ends a slice; the batch's end otherwise. */
function sliceEnd(batch: BarBatch, wanted: number): number {
  let to = Math.max(1, Math.min(batch.length, wanted));
  while (to < batch.length && !endsSlice(batch, to)) to++;
  return to;
}

function endsSlice(batch: BarBatch, to: number): boolean {
  return ((batch.flags[to - 1] ?? 0) & LAST_OF_SLICE) !== 0;
}
