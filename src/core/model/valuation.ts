import { assert } from '../base/assert.js';
import { FxError } from '../base/errors.js';
import { conversionPath, convertRate } from './conversion.js';
import type { Instrument } from './instrument.js';
import type { Ledger } from './ledger.js';

/** Last mids of a session's instruments, and what their quote currencies are worth in account currency. */
export class Valuation {
  /** Mid by instrument index, NaN before the first bar. */
  readonly prices: Float64Array;
  readonly #paths: (readonly { readonly index: number; readonly inverse: boolean }[])[];
  /** True where quote is the account's own currency: the rate is 1 and needs no lookup. */
  readonly #own: boolean[];
  readonly #instruments: readonly Instrument[];

  /** Throws `DATA.NO_CONVERSION_PATH` when a quote currency cannot be valued: never 1.0. */
  constructor(instruments: readonly Instrument[], tradedCount: number, currency: string) {
    this.#instruments = instruments;
    this.prices = new Float64Array(instruments.length).fill(Number.NaN);
    this.#paths = instruments.slice(0, tradedCount).map((instrument) => {
      const path = conversionPath(instrument.quote, currency, instruments);
      if (path === undefined) {
        throw new FxError('DATA.NO_CONVERSION_PATH', {
          message: `no price converts ${instrument.quote}, the currency of ${instrument.id}, into ${currency}`,
          next: `add data of a pair of ${instrument.quote} and ${currency}, or set --currency ${instrument.quote}`,
          facts: { instrument: instrument.id, from: instrument.quote, to: currency },
        });
      }
      return path;
    });
    this.#own = this.#paths.map((path) => path.length === 0);
  }

  /** Account currency per unit of the quote currency of instrument `index`; NaN before the needed prices are known. */
  quoteToAccount(index: number): number {
    if (this.#own[index] === true) return 1;
    const path = this.#paths[index];
    assert(path !== undefined, 'only traded instruments are valued');
    return convertRate(path, this.prices);
  }

  /** Cash plus open profit at the last mids, account currency, unrounded. */
  equity(ledger: Ledger): number {
    let equity = ledger.cash;
    const open = ledger.openIndexes;
    for (let place = 0; place < open.length; place++) {
      const index = open[place] ?? 0;
      equity += ledger.unrealizedPnl(index, this.prices[index] ?? Number.NaN, this.quoteToAccount(index));
    }
    return equity;
  }

  /** What open positions tie up at the last mids, account currency. */
  marginUsed(ledger: Ledger): number {
    let used = 0;
    for (const index of ledger.openIndexes) {
      const price = this.prices[index] ?? Number.NaN;
      const marginRate = this.#instruments[index]?.marginRate ?? 1;
      used += Math.abs(ledger.units(index)) * price * this.quoteToAccount(index) * marginRate;
    }
    return used;
  }
}
