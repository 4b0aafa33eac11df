import { FxError } from '../base/errors.js';
import type { BarEvent } from '../model/event.js';
import type { EpochMs, InstrumentId } from '../model/ids.js';
import type { Wish } from '../strategies/strategy.js';
import { checkedWishes } from './decide/wishes.js';
import type { EngineParts } from './parts.js';
import type { StrategyView } from './strategy-view.js';

/** Gathers the bars of a close time and asks the strategy when all of them are known. */
export class Asker {
  readonly #parts: EngineParts;
  readonly #view: StrategyView;
  readonly #ids: readonly InstrumentId[];
  /** In order of arrival; the first `#count` of them are this slice's. */
  readonly #bars: BarEvent[] = [];
  #count = 0;

  constructor(parts: EngineParts, view: StrategyView) {
    this.#parts = parts;
    this.#view = view;
    this.#ids = parts.instruments.slice(0, parts.tradedCount).map((instrument) => instrument.id);
  }

  /** Ticks of one moment are one bar of the slice: the object is the instrument's own and holds the newest. */
  see(bar: BarEvent): void {
    for (let place = 0; place < this.#count; place++) if (this.#bars[place] === bar) return;
    this.#bars[this.#count] = bar;
    this.#count++;
  }

  /** Tells the strategy of a split before it sees a bar in the new units. Throws `STRATEGY.*`. */
  split(instrument: InstrumentId, ratio: number, ts: EpochMs): void {
    const { strategy, strategyName } = this.#parts;
    if (strategy.onSplit === undefined || !this.#ids.includes(instrument)) return;
    try {
      strategy.onSplit(instrument, ratio);
    } catch (cause) {
      if (cause instanceof FxError) throw cause;
      throw thrown(cause, strategyName, ts);
    }
  }

  /** The strategy's wishes of this slice, checked; undefined when it has none. Throws `STRATEGY.*`. */
  ask(): readonly Wish[] | undefined {
    const count = this.#count;
    this.#count = 0;
    try {
      return this.#call(count);
    } catch (cause) {
      if (cause instanceof FxError) throw cause;
      throw thrown(cause, this.#parts.strategyName, this.#view.now);
    }
  }

  #call(count: number): readonly Wish[] | undefined {
    const { strategy, strategyName } = this.#parts;
    let wishes: readonly Wish[] | undefined;
    for (let place = 0; place < count && strategy.onBar !== undefined; place++) {
      const bar = this.#bars[place];
      if (bar === undefined) continue;
      const returned = strategy.onBar(bar, this.#view);
      if (returned === undefined) continue;
      wishes = joined(wishes, checkedWishes(returned, strategyName, this.#ids));
    }
    if (strategy.onSlice === undefined) return wishes;
    const returned = strategy.onSlice(this.#view);
    return returned === undefined ? wishes : joined(wishes, checkedWishes(returned, strategyName, this.#ids));
  }
}

function joined(wishes: readonly Wish[] | undefined, more: readonly Wish[]): readonly Wish[] {
  return wishes === undefined ? more : [...wishes, ...more];
}

function thrown(cause: unknown, strategy: string, ts: EpochMs): FxError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const time = new Date(ts).toISOString();
  return new FxError('STRATEGY.THREW', {
    message: `strategy ${strategy} failed at the bar of ${time}: ${text}`,
    next: 'mend the strategy file; --verbose shows where it was thrown',
    facts: { strategy, time },
    cause,
  });
}
