import type { Ledger } from '../model/ledger.js';
import type { Valuation } from '../model/valuation.js';
import type { Breakers } from '../risk/breakers.js';
import type { BreakerEffect, PositionState } from '../risk/losses.js';
import type { EngineParts } from './parts.js';
import type { Slice } from './slice.js';

const NOTHING: readonly BreakerEffect[] = Object.freeze([]);
/** Just below the limit, so that rounding never hides a position from its rule. */
const NEARLY = 0.999;

/** Looks at open positions for their own rules: the loss that ends one, profit and time that are told of. */
export class PositionWatch {
  readonly #parts: EngineParts;
  readonly #ledger: Ledger;
  readonly #valuation: Valuation;
  readonly #breakers: Breakers;
  readonly #isOff: boolean;
  /** Smallest share of equity, won or lost, at which a rule can act between two days' ends. */
  readonly #share: number;

  constructor(parts: EngineParts, ledger: Ledger, valuation: Valuation, breakers: Breakers) {
    const { perPositionStopBps, profitAlertBps, staleLoserDays } = parts.limits;
    this.#parts = parts;
    this.#ledger = ledger;
    this.#valuation = valuation;
    this.#breakers = breakers;
    this.#isOff = perPositionStopBps === null && profitAlertBps === null && staleLoserDays === null;
    const least = Math.min(perPositionStopBps ?? Number.POSITIVE_INFINITY, profitAlertBps ?? Number.POSITIVE_INFINITY);
    this.#share = (least / 10_000) * NEARLY;
  }

  /** What the rules want done; at a day's end every position is looked at, else only those far from their entry. */
  positions({ ts, endsDay, equity }: Slice): readonly BreakerEffect[] {
    if (this.#isOff) return NOTHING;
    const threshold = this.#share * Math.max(0, equity);
    let states: PositionState[] | undefined;
    for (const index of this.#ledger.openIndexes) {
      const price = this.#valuation.prices[index] ?? Number.NaN;
      const open = this.#ledger.unrealizedPnl(index, price, this.#valuation.quoteToAccount(index));
      const instrument = this.#parts.instruments[index];
      if (instrument === undefined || (!endsDay && Math.abs(open) < threshold)) continue;
      states ??= [];
      states.push({ instrument: instrument.id, unrealizedPnl: open, entryTime: this.#ledger.holding(index).entryTime });
    }
    return states === undefined ? NOTHING : this.#breakers.onPositions(states, equity, ts);
  }
}
