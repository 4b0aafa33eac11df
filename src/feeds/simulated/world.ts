import { type Rng, seededRng } from '../../core/base/rng.js';
import { DAY_MS, dayNumber, HOUR_MS, newYorkTime } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { RateSeries } from '../../core/model/market.js';
import { CURRENCIES, DOLLAR } from './currencies.js';

/** An FX week has 120 hours in every season, because New York changes its clocks on Sundays while the market is shut. */
export const WEEK_HOURS = 120;
const HOURS_A_YEAR = 52 * WEEK_HOURS;
const FIRST_SUNDAY = dayNumber(2000, 1, 2);

/** Sunday 17:00 New York at which a week opens; week 0 is that of 2 January 2000, where the simulated world begins. */
export function weekOpen(week: number): EpochMs {
  return newYorkTime(FIRST_SUNDAY + week * 7, 17 * HOUR_MS);
}

/** The week that a moment falls into; the weekend belongs to the week before it. */
export function weekOf(utcMs: EpochMs): number {
  const guess = Math.floor((utcMs / DAY_MS - FIRST_SUNDAY) / 7);
  if (utcMs < weekOpen(guess)) return guess - 1;
  return utcMs >= weekOpen(guess + 1) ? guess + 1 : guess;
}

/** One week of the world, by the hour. */
export interface WeekPath {
  /** Dollars a unit: for each currency 121 values, at the open and at the end of each hour. */
  readonly values: Float64Array;
  /** Standard deviation of each hour's returns, before a currency's own volatility. */
  readonly scale: Float64Array;
  /** Times the typical spread, for each hour. */
  readonly spread: Float64Array;
}

/** Nodes of one currency in `WeekPath.values`. */
export const WEEK_NODES = WEEK_HOURS + 1;

const CALM = 0;
const NORMAL = 1;
const STRESS = 2;
const VOLATILITY = [0.7, 1, 2.1] as const;
const SPREAD = [0.9, 1, 2] as const;
/** A year's fall of high yielders in a crisis, and at all other times, as a multiple of their rate differential. */
const STRESS_PULL = 4;
const CARRY_PULL = 0.1;
/** An hour of a crisis in which everybody leaves the risky currencies at once. */
const FLIGHT_CHANCE = 0.004;
/** Return in an hour toward the long-run value, a share of the distance: half of it in four years. */
const REVERSION = 2.8e-5;
/** A decision moves its currency by a fifth of a percent a step. */
const NEWS_A_STEP = 0.002;
const LARGEST_MOVE = 0.08;

/** By hour of the New York day: Asia is quiet, London and the overlap with New York are not. Mean square about 1. */
const ACTIVITY = [
  0.8, 0.85, 1.0, 1.25, 1.25, 1.15, 1.1, 1.15, 1.5, 1.5, 1.45, 1.25, 1.0, 0.9, 0.85, 0.75, 0.6, 0.4, 0.5, 0.75, 0.85,
  0.8, 0.75, 0.75,
] as const;
/** Spreads are widest in the hour after 17:00, when banks change the day. */
const HOUR_SPREAD = [
  1.2, 1.2, 1.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.1, 1.2, 1.4, 4, 2, 1.4, 1.3, 1.2, 1.2, 1.2,
] as const;

/** What is drawn once an hour and shared by all currencies. */
interface HourShock {
  readonly dollar: number;
  readonly risk: number;
  readonly scale: number;
}

/**
 * The hidden state of the simulated market, told hour by hour from a fixed beginning, so that what a moment looks like does
 * not depend on which stretch of time is asked for. Only additions, multiplications, divisions and square roots: the
 * same bits on every machine.
 *
 * Three regimes (calm, normal, stressed: a Markov chain) scale volatility; stress turns the risk factor up and pulls at
 * currencies in proportion to their rate differential, so a carry trade earns slowly and loses fast. Central banks meet
 * eight times a year and move in steps of 25 basis points after a common cycle. Moves are sums of four uniforms with
 * rare jumps; values return slowly to their long-run mean, so that decades stay plausible.
 */
export class World {
  readonly #rng: Rng;
  readonly #keepFrom: number;
  readonly #weeks: WeekPath[] = [];
  readonly #values = CURRENCIES.map((currency) => currency.value);
  readonly #bankers = [DOLLAR, ...CURRENCIES].map((currency) => new CentralBank(currency));
  #made = 0;
  #regime: number = NORMAL;
  #mood = 1;

  /** Weeks before `keepFrom` are lived through and forgotten. */
  constructor(seed: number | string, keepFrom: number) {
    this.#rng = seededRng(`simulated market ${seed}`);
    this.#keepFrom = Math.max(0, keepFrom);
  }

  /** The path of a week; makes all weeks before it when they are not made yet. */
  week(week: number): WeekPath | undefined {
    while (this.#made <= week) this.#live();
    return this.#weeks[week - this.#keepFrom];
  }

  /** Policy rates published before `until`, from the beginning. At least every four weeks, unchanged ones too. */
  rates(until: EpochMs): readonly RateSeries[] {
    this.week(weekOf(until));
    return this.#bankers.map((bank) => bank.series(until));
  }

  #live(): void {
    const week = this.#made;
    this.#made++;
    const keep = week >= this.#keepFrom;
    const path = keep ? emptyWeek() : undefined;
    const open = weekOpen(week);
    this.#plan(week, open);
    this.#weekend();
    for (let i = 0; i < CURRENCIES.length && path !== undefined; i++) {
      path.values[i * WEEK_NODES] = this.#values[i] ?? 0;
    }
    for (let hour = 0; hour < WEEK_HOURS; hour++) this.#hour(hour, open, path);
    if (path !== undefined) this.#weeks.push(path);
  }

  /** The banks think once a week: a common cycle, which a crisis pushes down, and each one's own view. */
  #plan(week: number, open: EpochMs): void {
    const common = 0.45 * normal(this.#rng) - (this.#regime === STRESS ? 1 : 0);
    this.#bankers.forEach((bank, i) => {
      bank.plan(week, i, common + 0.4 * normal(this.#rng), open);
    });
  }

  /** What happens while the market is shut shows in its first price: a move of about two hours. */
  #weekend(): void {
    const scale = this.#scaleOf(0) * 2;
    const shock = { dollar: normal(this.#rng), risk: normal(this.#rng), scale };
    for (let i = 0; i < CURRENCIES.length; i++) this.#move(i, shock, 0);
  }

  #hour(hour: number, open: EpochMs, path: WeekPath | undefined): void {
    const rng = this.#rng;
    if (hour % 24 === 0) this.#mood = 0.75 + 0.5 * rng.next();
    this.#regime = nextRegime(this.#regime, rng.next());
    const shock = this.#shock(hour);
    const pull = (this.#regime === STRESS ? STRESS_PULL : CARRY_PULL) / HOURS_A_YEAR;
    const dollarRate = this.#bankers[0]?.rate ?? 0;
    const dollarNews = this.#bankers[0]?.decide(hour + 1, open) ?? 0;
    for (let i = 0; i < CURRENCIES.length; i++) {
      const bank = this.#bankers[i + 1];
      const news = (bank?.decide(hour + 1, open) ?? 0) - dollarNews;
      const drift = -pull * ((bank?.rate ?? 0) - dollarRate) + NEWS_A_STEP * news;
      const value = this.#move(i, shock, drift);
      if (path !== undefined) path.values[i * WEEK_NODES + hour + 1] = value;
    }
    if (path === undefined) return;
    path.scale[hour] = shock.scale;
    path.spread[hour] =
      (HOUR_SPREAD[(hour + 17) % 24] ?? 1) * (SPREAD[this.#regime] ?? 1) * (hour === 0 ? 1.5 : 1) * this.#mood;
  }

  #shock(hour: number): HourShock {
    const rng = this.#rng;
    const stressed = this.#regime === STRESS;
    const flight = stressed && rng.next() < FLIGHT_CHANCE ? 3 + 4 * rng.next() : 0;
    const dollar = normal(rng);
    return { dollar, risk: normal(rng) * (stressed ? 1.6 : 1) - flight, scale: this.#scaleOf(hour) };
  }

  #scaleOf(hour: number): number {
    const activity = ACTIVITY[(hour + 17) % 24] ?? 1;
    return (activity * this.#mood * (VOLATILITY[this.#regime] ?? 1)) / Math.sqrt(HOURS_A_YEAR);
  }

  /** Moves one currency by an hour's shock and gives its new value in dollars. */
  #move(i: number, shock: HourShock, drift: number): number {
    const currency = CURRENCIES[i];
    const before = this.#values[i] ?? 1;
    if (currency === undefined) return before;
    const { dollar, risk, volatility } = currency;
    const own = Math.sqrt(1 - dollar * dollar - risk * risk);
    const size = volatility * shock.scale;
    let move = size * (dollar * shock.dollar + risk * shock.risk + own * normal(this.#rng));
    if (this.#rng.next() < (this.#regime === STRESS ? 0.004 : 0.001)) move += size * jump(this.#rng);
    move += drift + REVERSION * (currency.value / before - 1);
    const after = before * (1 + Math.min(LARGEST_MOVE, Math.max(-LARGEST_MOVE, move)));
    this.#values[i] = after;
    return after;
  }
}

function emptyWeek(): WeekPath {
  return {
    values: new Float64Array(CURRENCIES.length * WEEK_NODES),
    scale: new Float64Array(WEEK_HOURS),
    spread: new Float64Array(WEEK_HOURS),
  };
}

/** Calm lasts three months, normal times four, a crisis three weeks, on average. */
function nextRegime(regime: number, draw: number): number {
  if (regime === CALM) return draw < 1 / (65 * 24) ? NORMAL : CALM;
  if (regime === STRESS) return draw < 1 / (15 * 24) ? NORMAL : STRESS;
  if (draw < 1 / (250 * 24)) return STRESS;
  return draw > 1 - 1 / (110 * 24) ? CALM : NORMAL;
}

/** Mean 0, variance 1, within ±3.5: four uniforms stand in for the bell, because logarithms differ between machines. */
function normal(rng: Rng): number {
  return (rng.next() + rng.next() + rng.next() + rng.next() - 2) * SQRT_3;
}
const SQRT_3 = Math.sqrt(3);

/** Five to ten times an ordinary hour, up or down. */
function jump(rng: Rng): number {
  const sign = rng.next() < 0.5 ? -1 : 1;
  return sign * (5 + 5 * rng.next());
}

const STEP = 0.0025;

/** One central bank: what it would like, what it has decided, and when that was published. */
class CentralBank {
  readonly #currency: (typeof CURRENCIES)[number];
  readonly #knownAt: EpochMs[] = [];
  readonly #rates: number[] = [];
  #wish: number;
  #steps: number;
  #meets = false;

  constructor(currency: (typeof CURRENCIES)[number]) {
    this.#currency = currency;
    this.#wish = currency.meanSteps;
    this.#steps = currency.meanSteps;
  }

  /** Policy rate in force, fraction a year. */
  get rate(): number {
    return this.#steps * STEP;
  }

  /** A week begins: the wish drifts home and takes a shock; eight of 52 weeks have a meeting. */
  plan(week: number, index: number, shock: number, open: EpochMs): void {
    this.#wish += 0.006 * (this.#currency.meanSteps - this.#wish) + shock;
    const turn = (w: number): number => Math.floor((w * 8 + index * 5) / 52);
    this.#meets = turn(week) !== turn(week - 1);
    if (week % 4 === 0) this.#publish(open);
  }

  /** Steps decided in the hour that ends `hour` hours into the week; 0 at all other times. */
  decide(hour: number, open: EpochMs): number {
    if (!this.#meets || hour !== this.#currency.decisionHour) return 0;
    const gap = this.#wish - this.#steps;
    const size = Math.abs(gap) > 6 ? 3 : Math.abs(gap) > 3 ? 2 : Math.abs(gap) > 0.75 ? 1 : 0;
    const before = this.#steps;
    this.#steps = Math.max(this.#currency.floorSteps, before + (gap < 0 ? -size : size));
    this.#publish(open + hour * HOUR_MS);
    return this.#steps - before;
  }

  series(until: EpochMs): RateSeries {
    const length = this.#knownAt.filter((ts) => ts < until).length;
    return {
      currency: this.#currency.code,
      knownAt: Float64Array.from(this.#knownAt.slice(0, length)),
      rate: Float64Array.from(this.#rates.slice(0, length)),
    };
  }

  #publish(ts: EpochMs): void {
    this.#knownAt.push(ts);
    this.#rates.push(this.#steps / 400);
  }
}
