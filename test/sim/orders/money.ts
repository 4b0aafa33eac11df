import { roundHalfEven } from '../../../src/core/base/num.js';
import type { InstrumentId } from '../../../src/core/model/ids.js';
import { signOf } from '../../../src/core/model/order.js';
import type { Change } from '../../../src/core/orders/live-orders.js';

/** What the record says that we hold and have; the engine's ledger without its prices. */
export class Money {
  cash = 0;
  #units: Record<string, number> = {};

  apply(change: Change): void {
    if (change.kind === 'none' || change.kind === 'order') return;
    const { event } = change;
    if (event.kind === 'filled') {
      this.#units[event.instrument] = this.units(event.instrument) + signOf(event.side) * event.units;
      this.#book(event.realizedPnl - event.commission - event.financing);
    } else if (event.kind === 'financing') this.#book(-event.cost);
    else if (event.kind === 'transfer') this.#book(event.amount);
  }

  units(instrument: InstrumentId): number {
    return this.#units[instrument] ?? 0;
  }

  save(): unknown {
    return { cash: this.cash, units: this.#units };
  }

  load(state: unknown): void {
    const { cash, units } = state as { cash: number; units: Record<string, number> };
    this.cash = cash;
    this.#units = { ...units };
  }

  #book(amount: number): void {
    this.cash = roundHalfEven(this.cash + amount, 4);
  }
}
