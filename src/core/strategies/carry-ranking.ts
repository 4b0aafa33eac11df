import { FxError } from '../base/errors.js';
import type { InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';

/** A currency and the pair with the numeraire it is traded through. */
export interface CarryPair {
  readonly currency: string;
  readonly instrument: InstrumentId;
  /** +1 where the currency is the base of the pair, −1 where it is the quote: long yen is short USD/JPY. */
  readonly direction: 1 | -1;
}

/** A currency with its rate, a fraction a year. */
export interface Ranked {
  readonly currency: string;
  readonly rate: number;
}

/** Who is bought and who is sold; each list in its own order. */
export interface Legs {
  readonly long: readonly Ranked[];
  readonly short: readonly Ranked[];
}

/**
 * The pairs a carry book trades: one a currency, each with the numeraire on one side.
 * Throws `STRATEGY.INSTRUMENTS` for a pair without the numeraire and for two pairs of one currency.
 */
export function carryPairs(instruments: readonly Instrument[], numeraire: string): readonly CarryPair[] {
  const seen = new Map<string, InstrumentId>();
  return instruments.map(({ id, base, quote }) => {
    if ((base === numeraire) === (quote === numeraire)) {
      throw instrumentsError(`${id} is not a pair with the numeraire ${numeraire}`, id, numeraire);
    }
    const currency = base === numeraire ? quote : base;
    const other = seen.get(currency);
    if (other !== undefined) throw instrumentsError(`${other} and ${id} both trade ${currency}`, id, numeraire);
    seen.set(currency, id);
    return { currency, instrument: id, direction: base === currency ? 1 : -1 } as const;
  });
}

/**
 * The `legs` highest and the `legs` lowest rates. Both lists go by rate (falling, rising), then by code A–Z, so among
 * equal rates the earlier code is in first, in either list. With fewer than 2 × `legs` currencies each side takes half.
 * Where more than half of the rates are equal a currency can be in both lists: bought and sold, it comes to nothing.
 */
export function carryLegs(ranked: readonly Ranked[], legs: number): Legs {
  const each = Math.min(legs, Math.floor(ranked.length / 2));
  const byCode = (a: Ranked, b: Ranked): number => (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0);
  const falling = ranked.toSorted((a, b) => b.rate - a.rate || byCode(a, b));
  const rising = ranked.toSorted((a, b) => a.rate - b.rate || byCode(a, b));
  return { long: falling.slice(0, each), short: rising.slice(0, each) };
}

function instrumentsError(problem: string, instrument: InstrumentId, numeraire: string): FxError {
  return new FxError('STRATEGY.INSTRUMENTS', {
    message: `carry trades each currency through its one pair with the numeraire: ${problem}`,
    next: 'Change --instruments, or name another currency with --param numeraire=.',
    facts: { instrument, numeraire },
  });
}
