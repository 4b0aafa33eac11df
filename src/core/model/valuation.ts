import { assert } from '../base/assert.js';
import { FxError } from '../base/errors.js';
import { conversionPath, convertRate } from './conversion.js';
import type { Instrument } from './instrument.js';

/** Last mids of a session's instruments, and what their quote currencies are worth in account currency. */
export class Valuation {
  /** Mid by instrument index, NaN before the first bar. */
  readonly prices: Float64Array;
  readonly #paths: (readonly { readonly index: number; readonly inverse: boolean }[])[];
  /** True where quote is the account's own currency: the rate is 1 and needs no lookup. */
  readonly #own: boolean[];

  /** Throws `DATA.NO_CONVERSION_PATH` when a quote currency cannot be valued: never 1.0. */
  constructor(instruments: readonly Instrument[], tradedCount: number, currency: string) {
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
}
