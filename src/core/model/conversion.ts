import { roundHalfEven } from '../base/num.js';
import type { CurrencyPair } from './instrument.js';

/** One leg of a conversion: the pair at `index`, multiplied by its price or, when `inverse`, divided by it. */
export interface ConversionLeg {
  readonly index: number;
  readonly inverse: boolean;
}

/** Where two ways are equally long, the one through the deeper market is taken. */
const PREFERRED = ['USD', 'EUR'];

/**
 * The legs from one currency to another over the pairs that have prices: fewest legs; among those a pair as quoted rather
 * than its inverse, then the way through USD, then EUR, then the order of the pairs. Empty for a currency to itself.
 * Undefined where no way exists: the caller makes that an error, a missing rate is never 1.
 */
export function conversionPath(
  from: string,
  to: string,
  pairs: readonly CurrencyPair[],
): readonly ConversionLeg[] | undefined {
  if (from === to) return [];
  const seen = new Set([from]);
  let frontier: Reached[] = [{ currency: from, legs: [], via: '' }];
  while (frontier.length > 0) {
    const next: Reached[] = [];
    for (const here of frontier) next.push(...neighbours(here, pairs, seen));
    const arrived = next.filter((reached) => reached.currency === to).sort(better);
    if (arrived[0] !== undefined) return arrived[0].legs;
    for (const { currency } of next) seen.add(currency);
    frontier = bestOfEach(next);
  }
  return undefined;
}

interface Reached {
  readonly currency: string;
  readonly legs: readonly ConversionLeg[];
  /** The currency this one was reached from; empty at the start. */
  readonly via: string;
}

function neighbours(here: Reached, pairs: readonly CurrencyPair[], seen: ReadonlySet<string>): Reached[] {
  const found: Reached[] = [];
  pairs.forEach(({ base, quote }, index) => {
    const inverse = quote === here.currency;
    if (!inverse && base !== here.currency) return;
    const currency = inverse ? base : quote;
    if (seen.has(currency)) return;
    found.push({ currency, legs: [...here.legs, { index, inverse }], via: here.currency });
  });
  return found;
}

/** One way a currency, the best of them; better ways first. */
function bestOfEach(reached: readonly Reached[]): Reached[] {
  const best = new Map<string, Reached>();
  for (const way of [...reached].sort(better)) if (!best.has(way.currency)) best.set(way.currency, way);
  return [...best.values()];
}

function better(a: Reached, b: Reached): number {
  const rank = ({ via }: Reached): number => {
    const place = PREFERRED.indexOf(via);
    return place < 0 ? PREFERRED.length : place;
  };
  const inverses = ({ legs }: Reached): number => legs.filter((leg) => leg.inverse).length;
  if (a.legs.length === 1) return inverses(a) - inverses(b);
  return rank(a) - rank(b) || inverses(a) - inverses(b);
}

/**
 * Units of the last currency for one of the first, at these prices (one a pair, in the order the path was made with).
 * NaN when a price of the path is not known yet; 1 for the empty path.
 */
export function convertRate(path: readonly ConversionLeg[], prices: Float64Array): number {
  let rate = 1;
  for (const leg of path) {
    const price = prices[leg.index] ?? Number.NaN;
    rate = leg.inverse ? rate / price : rate * price;
  }
  return rate;
}

/** Worth of one pip of a position, account currency, 0 or more: |units| × pip × quoteToAccount. */
export function pipValue(units: number, pip: number, quoteToAccount: number): number {
  return Math.abs(units) * pip * quoteToAccount;
}

/** Profit of `units` (signed) bought at `entry` and sold at `exit`: in quote currency, in account currency at the exit's rate, and booked to the cent. */
export function realizedPnl(input: {
  readonly units: number;
  readonly entry: number;
  readonly exit: number;
  readonly quoteToAccountAtExit: number;
}): { readonly quote: number; readonly account: number; readonly booked: number } {
  const quote = (input.exit - input.entry) * input.units;
  const account = quote * input.quoteToAccountAtExit;
  return { quote, account, booked: roundHalfEven(account, 2) };
}

/** Money a position ties up, account currency: |units| × price × margin rate × quoteToAccount. */
export function marginRequired(input: {
  readonly units: number;
  readonly price: number;
  /** Share of the notional: 0.0333 for 30:1. */
  readonly marginRate: number;
  readonly quoteToAccount: number;
}): number {
  return Math.abs(input.units) * input.price * input.marginRate * input.quoteToAccount;
}
