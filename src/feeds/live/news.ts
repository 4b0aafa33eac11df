/** What people are told of prices: each change once, whatever number of instruments and seconds it lasts. */
export interface FeedNews {
  /** The vendor, or `oanda against tiingo`. */
  readonly feed: string;
  /** `polled`: the vendor refuses its stream, and its bars are asked for instead. */
  readonly state: 'stale' | 'back' | 'disagree' | 'failed-over' | 'polled';
  readonly why: string;
  /** Who serves instead. */
  readonly to?: string;
  readonly instruments?: readonly string[];
}

/** Why a vendor cannot be relied on. */
export type Away = Pick<FeedNews, 'why' | 'instruments'>;

export const backNews = (feed: string): FeedNews => ({ feed, state: 'back', why: 'prices come again' });

/** Nothing is away that is back within this time, ms. */
const AWAY_MS = 2_000;
/** Nothing is back that is away again within this time, ms. */
const BACK_MS = 5_000;

/** One thing that may go and come: says so once, and not for a moment. Times are a stopwatch's. */
export class Steady {
  #isAway = false;
  #changing = Number.NaN;

  get isAway(): boolean {
    return this.#isAway;
  }

  /** True when this look changed what is believed. */
  look(away: boolean, mono: number): boolean {
    if (away === this.#isAway) {
      this.#changing = Number.NaN;
      return false;
    }
    if (Number.isNaN(this.#changing)) this.#changing = mono;
    if (mono - this.#changing < (away ? AWAY_MS : BACK_MS)) return false;
    this.#isAway = away;
    this.#changing = Number.NaN;
    return true;
  }
}
