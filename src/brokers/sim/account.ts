import { within } from '../../core/base/num.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Ledger } from '../../core/model/ledger.js';
import type { Valuation } from '../../core/model/valuation.js';

/** Equity and margin of the account as the venue sees them, account currency. */
export class Account {
  /** Cash plus open profit at the last mids, as of the last marking. */
  equity = 0;
  marginUsed = 0;
  readonly #instruments: readonly Instrument[];
  readonly #ledger: Ledger;
  readonly #valuation: Valuation;

  constructor(instruments: readonly Instrument[], ledger: Ledger, valuation: Valuation) {
    this.#instruments = instruments;
    this.#ledger = ledger;
    this.#valuation = valuation;
  }

  /** True when equity is below the margin in use. */
  isShort(): boolean {
    this.#mark();
    return !within(this.marginUsed, this.equity);
  }

  /** True when `delta` signed units at `price` shrink the position, or their margin is there. */
  canAfford(index: number, delta: number, price: number): boolean {
    const held = Math.abs(this.#ledger.units(index));
    const after = Math.abs(this.#ledger.units(index) + delta);
    if (after <= held) return true;
    this.#mark();
    const rate = this.#valuation.quoteToAccount(index) * (this.#instruments[index]?.marginRate ?? 1);
    return within(this.marginUsed + (after - held) * price * rate, this.equity);
  }

  #mark(): void {
    let equity = this.#ledger.cash;
    let marginUsed = 0;
    const open = this.#ledger.openIndexes;
    for (let place = 0; place < open.length; place++) {
      const index = open[place] ?? 0;
      const price = this.#valuation.prices[index] ?? Number.NaN;
      const rate = this.#valuation.quoteToAccount(index);
      equity += this.#ledger.unrealizedPnl(index, price, rate);
      const marginRate = this.#instruments[index]?.marginRate ?? 1;
      marginUsed += Math.abs(this.#ledger.units(index)) * price * rate * marginRate;
    }
    this.equity = equity;
    this.marginUsed = marginUsed;
  }
}
