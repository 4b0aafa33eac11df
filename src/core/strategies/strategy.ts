import type { EpochMs, InstrumentId } from '../model/ids.js';
import type { Instrument } from '../model/instrument.js';
import type { Bar } from '../model/market.js';
import type { DecisionInputs, OrderIntent } from '../model/order.js';
import type { Sentiment } from '../sentiment/sentiment-book.js';

/** One parameter of a strategy: its default decides its type. `unit` is shown by `--help`. */
export interface ParamSpec<T extends ParamValue = ParamValue> {
  readonly default: T;
  readonly min?: number;
  readonly max?: number;
  /** Numbers only; default true for whole defaults. */
  readonly integer?: boolean;
  readonly values?: readonly string[];
  readonly unit?: string;
  readonly summary?: string;
}

export type ParamValue = number | string | boolean;
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;
type Widen<T> = T extends number ? number : T extends string ? string : T extends boolean ? boolean : never;
export type ParamsOf<P extends ParamSpecs> = { readonly [K in keyof P]: Widen<P[K]['default']> };

/** Where the strategy wants to be: a signed share of equity, sized as `units = weight × equity ÷ price`. */
export interface Target {
  readonly kind: 'target';
  readonly instrument: InstrumentId;
  /** −0.33 is short a third of equity. 0 closes. */
  readonly weight: number;
  readonly reason: string;
  readonly inputs?: DecisionInputs;
}

/** What the strategy thinks, −1 … +1; `sizing.method` makes units of it. 0 closes. */
export interface Signal {
  readonly kind: 'signal';
  readonly instrument: InstrumentId;
  readonly exposure: number;
  readonly reason: string;
  readonly inputs?: DecisionInputs;
  /** Protective stop and profit target, as prices; they start working with the fill and cancel each other. */
  readonly stop?: number;
  readonly takeProfit?: number;
  /** Distance of a trailing protective stop, in price. */
  readonly trailStop?: number;
}

/** An order in so many words: a limit, a stop, a bracket of its own. Refused as it stands, never cut. */
export interface OrderWish extends Partial<Omit<OrderIntent, 'reason'>> {
  readonly kind: 'order';
  readonly instrument: InstrumentId;
  readonly side: 'buy' | 'sell';
  readonly units: number;
  readonly reason: string;
}

/** Takes back this strategy's working entry orders of an instrument. */
export interface CancelWish {
  readonly kind: 'cancel';
  readonly instrument: InstrumentId;
  readonly reason: string;
}

export type Wish = Target | Signal | OrderWish | CancelWish;
export type Wishes = Wish | readonly Wish[] | undefined;

/** What was known at `now`, and nothing later. */
export interface View {
  readonly now: EpochMs;
  /** Account currency. */
  readonly equity: number;
  /** Signed units held, 0 when flat; orders in flight are not in it. */
  units(instrument: InstrumentId): number;
  averagePrice(instrument: InstrumentId): number;
  /** True while an order of this instrument that could open or grow a position is working. */
  pending(instrument: InstrumentId): boolean;
  /** Last close (mid); undefined before the first bar. */
  price(instrument: InstrumentId): number | undefined;
  /** Full spread in price as of the last bar, the modelled one where the data has one side. */
  spread(instrument: InstrumentId): number;
  /** The newest closes, oldest first, at most `count` and at most the definition's `history`. */
  closes(instrument: InstrumentId, count: number): Float64Array;
  /** Policy rate of a currency as a fraction a year, as known now; undefined when never known. */
  rate(currency: string): number | undefined;
  /**
   * What the news known now says of an instrument, headlines counting half at the age of `halfLifeMs` (default `news.halfLife`).
   * Score and weight are 0 without news. The object may be reused: copy what you keep.
   */
  sentiment(instrument: InstrumentId, halfLifeMs?: number): Sentiment;
  /** This slice's bars are the last of their day, week or month. */
  readonly endsDay: boolean;
  readonly endsWeek: boolean;
  readonly endsMonth: boolean;
}

export interface StrategyInstance {
  /** Each bar of a slice in instrument order, when all bars of that close time are known. */
  onBar?(bar: Bar, view: View): Wishes;
  /** Once a slice, after every `onBar` of it: for portfolios. */
  onSlice?(view: View): Wishes;
  /**
   * A split, `ratio` new units for one old, before the first bar in the new units. Bars and orders are in the units of their
   * day: whoever remembers prices divides them by `ratio` here. `view.closes` and positions are in new units already.
   */
  onSplit?(instrument: InstrumentId, ratio: number): void;
  /**
   * State as plain JSON, and back. With both a killed session goes on from its last snapshot; without them it is rebuilt
   * by playing its bars again.
   */
  save?(): unknown;
  load?(state: unknown): void;
}

export interface StrategyContext<P extends ParamSpecs = ParamSpecs> {
  readonly params: ParamsOf<P>;
  readonly instruments: readonly Instrument[];
  /** Account currency. */
  readonly currency: string;
}

export interface StrategyDefinition<P extends ParamSpecs = ParamSpecs> {
  readonly name: string;
  readonly summary?: string;
  readonly params: P;
  /** How many closes `view.closes` can reach back; 0 (the default) when the strategy keeps what it needs. */
  history?(params: ParamsOf<P>): number;
  /** Risk preset used when the user sets none; default `standard`. */
  readonly preset?: 'standard' | 'carry' | 'cautious';
  /** Without a file of news there is nothing to decide on: a run without one is refused. */
  readonly needsNews?: boolean;
  /** Throws an FxError `STRATEGY.PARAM` when parameters contradict each other. */
  check?(params: ParamsOf<P>): void;
  create(context: StrategyContext<P>): StrategyInstance;
}

/** Declares a strategy; the identity function with types. */
export function defineStrategy<const P extends ParamSpecs>(definition: StrategyDefinition<P>): StrategyDefinition<P> {
  return definition;
}

/** A definition whose parameter types are not known here: what a registry or a loaded file holds. */
export type AnyStrategy = StrategyDefinition;
