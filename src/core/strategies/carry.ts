import { within } from '../base/num.js';
import { CarryHistory } from './carry-history.js';
import { type CarryPair, carryLegs, carryPairs, type Legs, type Ranked } from './carry-ranking.js';
import {
  COVARIANCES,
  type CovarianceKind,
  carryCovariance,
  needsCovariance,
  type SideWeights,
  sideWeights,
  WEIGHTINGS,
  type Weighting,
  yearlyVolatility,
} from './carry-weights.js';
import { savedObject } from './saved.js';
import { defineStrategy, type ParamsOf, type Target, type View, type Wishes } from './strategy.js';

const params = {
  legs: { default: 3, min: 1, max: 10, unit: 'currencies', summary: 'how many are bought, and how many sold' },
  weighting: { default: 'equal', values: WEIGHTINGS, summary: 'shares within each side of the book' },
  rebalance: {
    default: 'month-end',
    values: ['month-end', 'weekly', 'daily'],
    summary: 'last bar of the month, week or day',
  },
  numeraire: { default: '', summary: 'currency every other is traded against; empty is the account currency' },
  ranking: { default: 'policy', values: ['policy'], summary: 'rate that ranks: policy rates, as known at the time' },
  volTargetBps: {
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'bps a year',
    summary: 'scales the book to this volatility; 0 is off',
  },
  maxScale: {
    default: 2,
    min: 1,
    max: 5,
    integer: false,
    unit: 'times',
    summary: 'largest scale volTargetBps may use',
  },
  regimeFilter: { default: false, summary: 'halves the book when the market is more nervous than in 80 % of its past' },
  covWindow: { default: 120, min: 20, max: 1000, unit: 'days', summary: 'daily returns behind the covariance' },
  covariance: { default: 'ledoit-wolf', values: COVARIANCES, summary: 'how the covariance is estimated' },
  turnoverPenaltyBps: {
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'bps of equity',
    summary: 'a leg that stays is moved only by what exceeds this; 0 resizes it whole',
  },
} as const;

type Params = ParamsOf<typeof params>;

/** What the filter leaves of the book. */
const NERVOUS_SHARE = 0.5;

/**
 * The carry trade: long the currencies with the highest rates, short those with the lowest, each through its pair with
 * the numeraire. `weighting=equal` without filter is the textbook trade: at a month's last bar each leg becomes
 * equity ÷ legs, and its units stay until the next month's last bar.
 */
export const carry = defineStrategy({
  name: 'carry',
  summary: 'long the highest policy rates, short the lowest, resized at each month end',
  params,
  preset: 'carry',
  create: ({ params: given, instruments, currency }) => {
    const pairs = carryPairs(instruments, given.numeraire === '' ? currency : given.numeraire);
    const book = new CarryBook(given, pairs);
    return {
      onSlice: (view) => book.next(view),
      save: () => book.save(),
      load: (state) => book.load(state),
    };
  },
});

/** One currency's place in the book of a rebalance. */
interface Leg {
  /** Signed share of equity in the currency: +0.33 is long a third of equity. */
  weight: number;
  readonly words: string[];
}

class CarryBook {
  readonly #params: Params;
  readonly #pairs: readonly CarryPair[];
  readonly #history: CarryHistory;
  readonly #keepsHistory: boolean;
  /** Weights in force, by currency; before the first rebalance none. */
  #held = new Map<string, number>();

  constructor(given: Params, pairs: readonly CarryPair[]) {
    this.#params = given;
    this.#pairs = pairs;
    this.#history = new CarryHistory(pairs, given.covWindow);
    this.#keepsHistory = needsCovariance(given.weighting as Weighting) || given.volTargetBps > 0 || given.regimeFilter;
  }

  next(view: View): Wishes {
    if (this.#keepsHistory && view.endsDay) this.#history.endDay(view);
    return this.#isDue(view) ? this.#rebalance(view) : undefined;
  }

  save(): unknown {
    return { held: [...this.#held], history: this.#history.save() };
  }

  load(state: unknown): void {
    const saved = savedObject(state);
    this.#held = new Map(saved['held'] as [string, number][]);
    this.#history.load(saved['history']);
  }

  #isDue(view: View): boolean {
    if (this.#params.rebalance === 'daily') return view.endsDay;
    return this.#params.rebalance === 'weekly' ? view.endsWeek : view.endsMonth;
  }

  #rebalance(view: View): Target[] {
    const ranked = this.#pairs
      .filter(({ instrument }) => view.price(instrument) !== undefined)
      .map(({ currency }) => ({ currency, rate: view.rate(currency) }))
      .filter((each): each is Ranked => each.rate !== undefined);
    const book = this.#weighted(carryLegs(ranked, this.#params.legs));
    const decision = { book, ranked: ranked.length, scale: this.#scale(book) };
    const held = new Map<string, number>();
    const targets: Target[] = [];
    for (const pair of this.#pairs) {
      const last = view.units(pair.instrument) === 0 ? 0 : (this.#held.get(pair.currency) ?? 0);
      const wanted = (book.get(pair.currency)?.weight ?? 0) * decision.scale.factor;
      const weight = this.#moved(last, wanted);
      held.set(pair.currency, weight ?? last);
      if (weight !== undefined) targets.push(this.#target(pair, weight, view, decision));
    }
    this.#held = held;
    return targets;
  }

  /** Signed weight of each chosen currency, sides of legs ÷ `legs` each, before any scale. */
  #weighted(legs: Legs): Map<string, Leg> {
    const book = new Map<string, Leg>();
    const mean = (side: readonly Ranked[]): number => side.reduce((sum, { rate }) => sum + rate, 0) / side.length;
    const gross = legs.long.length / this.#params.legs;
    for (const sign of [1, -1] as const) {
      const side = sign > 0 ? legs.long : legs.short;
      const other = mean(sign > 0 ? legs.short : legs.long);
      const edge = Float64Array.from(side, ({ rate }) => Math.max(0, sign * (rate - other)));
      const { shares, fallback } = this.#shares(side, edge);
      side.forEach(({ currency }, i) => {
        const leg = book.get(currency) ?? { weight: 0, words: [] };
        leg.weight += sign * (shares[i] ?? 0) * gross;
        leg.words.push(`${sign > 0 ? 'bought: highest' : 'sold: lowest'} rate number ${i + 1} of ${side.length}`);
        if (fallback) leg.words.push(`equal shares, as ${this.#params.weighting} has no history to stand on`);
        book.set(currency, leg);
      });
    }
    return book;
  }

  #shares(side: readonly Ranked[], edge: Float64Array): SideWeights {
    const weighting = this.#params.weighting as Weighting;
    const covariance = needsCovariance(weighting) ? this.#covariance(side.map(({ currency }) => currency)) : undefined;
    return sideWeights({ weighting, count: side.length, covariance, edge });
  }

  /** Covariance a day of these currencies, in that order; undefined while their common history is too short. */
  #covariance(currencies: readonly string[]) {
    const picked = currencies.map((currency) => this.#pairs.findIndex((pair) => pair.currency === currency));
    const returns = picked.length === 0 ? undefined : this.#history.returns(picked);
    return returns === undefined ? undefined : carryCovariance(returns, this.#params.covariance as CovarianceKind);
  }

  /** How much of the book is taken: the volatility target and the filter. */
  #scale(book: ReadonlyMap<string, Leg>): Scale {
    const { regimeFilter, volTargetBps, maxScale } = this.#params;
    const words: string[] = [];
    let factor = 1;
    let volatility: number | null = null;
    const currencies = [...book.keys()];
    if (volTargetBps > 0 && currencies.length > 0) {
      const covariance = this.#covariance(currencies);
      if (covariance === undefined) return { factor: 0, volatility, words: ['out: its volatility is not known yet'] };
      volatility = yearlyVolatility(
        Float64Array.from(book.values(), ({ weight }) => weight),
        covariance,
      );
      factor = volatility > 0 ? Math.min(maxScale, volTargetBps / 10_000 / volatility) : maxScale;
      words.push('scaled to the volatility target');
    }
    if (regimeFilter && this.#history.nervous) {
      factor *= NERVOUS_SHARE;
      words.push('halved: the market is more nervous than in four fifths of its past');
    }
    return { factor, volatility, words };
  }

  /** The new weight of a leg; undefined where it stays as it is, untouched. */
  #moved(last: number, wanted: number): number | undefined {
    const penalty = this.#params.turnoverPenaltyBps / 10_000;
    if (penalty === 0 || last * wanted <= 0) return wanted;
    const change = wanted - last;
    return within(Math.abs(change), penalty) ? undefined : wanted - Math.sign(change) * penalty;
  }

  #target(pair: CarryPair, weight: number, view: View, { book, ranked, scale }: Decision): Target {
    const { legs } = this.#params;
    const rate = view.rate(pair.currency);
    const leg = book.get(pair.currency);
    const each = Math.min(legs, Math.floor(ranked / 2));
    const words =
      leg === undefined ? [outsideReason(rate, view.price(pair.instrument))] : [...leg.words, ...scale.words];
    if (each < legs) words.push(`${each} instead of ${legs} a side, as only ${ranked} currencies have a rate`);
    return {
      kind: 'target',
      instrument: pair.instrument,
      // Adding zero keeps a closed short leg from being minus nothing.
      weight: weight * pair.direction + 0,
      reason: `carry ${pair.currency}: ${words.join('; ')}`,
      inputs: {
        currency: pair.currency,
        rate: rate ?? null,
        ranked,
        weight: weight + 0,
        scale: scale.factor,
        bookVolatility: scale.volatility,
      },
    };
  }
}

interface Scale {
  readonly factor: number;
  /** Of the book before the scale, a year, a fraction; null where it was not measured. */
  readonly volatility: number | null;
  readonly words: readonly string[];
}

interface Decision {
  readonly book: ReadonlyMap<string, Leg>;
  /** Currencies that could be ranked. */
  readonly ranked: number;
  readonly scale: Scale;
}

function outsideReason(rate: number | undefined, price: number | undefined): string {
  if (rate === undefined) return 'not ranked, no rate is known';
  return price === undefined ? 'not ranked, no price is known' : 'rate neither among the highest nor the lowest';
}
