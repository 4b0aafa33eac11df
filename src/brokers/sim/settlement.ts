import { financingFor } from '../../core/costs/financing.js';
import type { CostModel } from '../../core/costs/model.js';
import { rollAfter } from '../../core/model/calendar/calendar.js';
import { rollDays } from '../../core/model/calendar/value-dates.js';
import type { BrokerEvent } from '../../core/model/event.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Ledger } from '../../core/model/ledger.js';
import type { CorporateAction, RateSeries } from '../../core/model/market.js';
import { RateBook } from '../../core/model/rates.js';
import type { Valuation } from '../../core/model/valuation.js';

/** Takes an event in its place in time. */
type Emit = (event: BrokerEvent) => void;

/** What the venue books by the calendar: interest at 17:00 New York, dividends, splits. */
export class Settlement {
  readonly #instruments: readonly Instrument[];
  readonly #ledger: Ledger;
  readonly #valuation: Valuation;
  readonly #costs: CostModel;
  readonly #rates: RateBook;
  /** Next roll of each instrument; NaN until its first bar. */
  readonly nextRoll: Float64Array;
  #actions: CorporateAction[] = [];

  constructor(
    instruments: readonly Instrument[],
    ledger: Ledger,
    valuation: Valuation,
    costs: CostModel,
    rates: readonly RateSeries[],
  ) {
    this.#instruments = instruments;
    this.#ledger = ledger;
    this.#valuation = valuation;
    this.#costs = costs;
    this.#rates = new RateBook(rates);
    this.nextRoll = new Float64Array(instruments.length).fill(Number.NaN);
  }

  get hasActions(): boolean {
    return this.#actions.length > 0;
  }

  announce(actions: readonly CorporateAction[]): void {
    this.#actions.push(...actions);
  }

  /** Interest of every roll up to `until` (itself only when `inclusive`) on what is held now, valued at `price`. */
  roll(index: number, until: EpochMs, inclusive: boolean, price: number, emit: Emit): void {
    let due = this.nextRoll[index] ?? Number.NaN;
    if (Number.isNaN(due)) due = rollAfter(until - 1);
    const units = this.#ledger.units(index);
    if (units === 0) {
      while (inclusive ? due <= until : due < until) due = rollAfter(due);
      this.nextRoll[index] = due;
      return;
    }
    while (inclusive ? due <= until : due < until) {
      const event = this.#interest(index, due, units, price);
      due = rollAfter(due);
      this.nextRoll[index] = due;
      if (event !== undefined) emit(event);
    }
  }

  /** Dividends and splits of instrument `index` that are due before a bar that closes at `ts`. */
  act(index: number, ts: EpochMs, emit: Emit): void {
    const instrument = this.#instruments[index];
    if (instrument === undefined) return;
    const due = this.#actions.filter((action) => action.instrument === instrument.id && action.ts < ts);
    if (due.length === 0) return;
    this.#actions = this.#actions.filter((action) => !due.includes(action));
    for (const action of due) {
      if (action.kind === 'split') {
        const price = (this.#valuation.prices[index] ?? Number.NaN) / action.value;
        this.#valuation.prices[index] = price;
        if (this.#ledger.units(index) !== 0) {
          const rate = this.#valuation.quoteToAccount(index);
          const { lotStep } = instrument;
          this.#ledger.applySplit(index, { ts: action.ts, ratio: action.value, lotStep, price, quoteToAccount: rate });
        }
        emit({ kind: 'split', ts: action.ts, instrument: instrument.id, ratio: action.value, price });
        continue;
      }
      const units = this.#ledger.units(index);
      if (units === 0) continue;
      const cost = -units * action.value * this.#valuation.quoteToAccount(index);
      this.#ledger.bookFinancing(index, cost);
      emit({ kind: 'dividend', ts: action.ts, instrument: instrument.id, cost });
    }
  }

  #interest(index: number, due: EpochMs, units: number, price: number): BrokerEvent | undefined {
    const instrument = this.#instruments[index];
    if (instrument === undefined || instrument.assetClass !== 'fx') return undefined;
    const baseRate = this.#rates.at(instrument.base, due);
    const quoteRate = this.#rates.at(instrument.quote, due);
    // Without both rates only the mark-up is charged; the run says so in its warnings.
    const known = baseRate !== undefined && quoteRate !== undefined;
    const days = rollDays(instrument, due);
    const cost = financingFor({
      units,
      price,
      baseRate: known ? baseRate : 0,
      quoteRate: known ? quoteRate : 0,
      markup: this.#costs.financing.markup,
      days,
      base: instrument.base,
      quote: instrument.quote,
      quoteToAccount: this.#valuation.quoteToAccount(index),
    });
    this.#ledger.bookFinancing(index, cost);
    return { kind: 'financing', ts: due, instrument: instrument.id, cost, days };
  }

  save(): unknown {
    return { nextRoll: Array.from(this.nextRoll, (due) => (Number.isNaN(due) ? null : due)), actions: this.#actions };
  }

  load(state: unknown): void {
    const saved = state as { nextRoll: (number | null)[]; actions: CorporateAction[] };
    this.nextRoll.set(saved.nextRoll.map((due) => due ?? Number.NaN));
    this.#actions = [...saved.actions];
  }
}
