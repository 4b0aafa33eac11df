import { assert } from '../base/assert.js';
import { within } from '../base/num.js';
import type { EpochMs, InstrumentId } from '../model/ids.js';
import {
  BPS,
  type BreakerEffect,
  dayEndAfter,
  judgePosition,
  lossBps,
  type PositionState,
  weekEndAfter,
} from './losses.js';
import type { Failure, RiskLimits } from './rule.js';

/** Everything that breakers remember, as plain JSON. */
export interface BreakerState {
  readonly version: 1;
  readonly peak: number;
  readonly last: number;
  readonly dayStart: number;
  readonly dayEnd: EpochMs;
  readonly weekStart: number;
  readonly weekEnd: EpochMs;
  readonly dailyTripped: boolean;
  readonly reduced: boolean;
  readonly latches: readonly Latch[];
  /** Drawdown limits that a person has looked at; they act again after the drawdown was below them. */
  readonly reviewed: readonly string[];
  readonly strategies: Readonly<Record<string, StrategyState>>;
  /** Alerts that were given, as `key|instrument|entryTime`. */
  readonly alerted: readonly string[];
}

/** A limit that was broken and blocks entries until a person resumes. */
export interface Latch {
  readonly key: string;
  readonly value: number;
  readonly limit: number;
  /** Undefined: the whole book. */
  readonly strategy?: string;
}

interface StrategyState {
  losses: number;
  pausedUntil: EpochMs;
  /** Executions of one side of one instrument in a row, since the day began. */
  repeated: number;
  last: string;
}

const NONE: readonly BreakerEffect[] = Object.freeze([]);
/** Nothing was alerted; never added to. */
const NOBODY = new Set<string>();
const FREE: readonly Failure[] = Object.freeze([]);

/**
 * The stop rules that remember: daily and weekly loss, losses in a row, drawdown, repeated executions, alerts. A state
 * machine of values: told equity and trades, answers with effects, and says what blocks entries now. All loss limits trip
 * when they are reached. A day runs from 17:00 to 17:00 New York, a week from Sunday to Sunday 17:00.
 */
export class Breakers {
  readonly #limits: RiskLimits;
  #peak = 0;
  #last = 0;
  #dayStart = 0;
  #dayEnd: EpochMs = Number.MIN_SAFE_INTEGER;
  #weekStart = 0;
  #weekEnd: EpochMs = Number.MIN_SAFE_INTEGER;
  #dailyTripped = false;
  #reduced = false;
  #latches: Latch[] = [];
  #reviewed = new Set<string>();
  #strategies = new Map<string, StrategyState>();
  #alerted = NOBODY;
  /** Between these two equities nothing can happen, so that most calls cost a few comparisons. */
  #low = Number.POSITIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;

  /** `equity` is what the book starts with: its first peak. */
  constructor(limits: RiskLimits, equity: number) {
    this.#limits = limits;
    this.#peak = equity;
    this.#last = equity;
    this.#dayStart = equity;
    this.#weekStart = equity;
  }

  /** Highest equity so far, account currency. */
  get peak(): number {
    return this.#peak;
  }

  /** (peak − equity) ÷ peak, a fraction ≥ 0. */
  get drawdown(): number {
    return this.#peak > 0 ? Math.max(0, (this.#peak - this.#last) / this.#peak) : 0;
  }

  /** What target and signal sizes are multiplied with: 0.5 in a drawdown of `drawdownReduceBps` or more, else 1. */
  get exposureFactor(): number {
    return this.#reduced ? 0.5 : 1;
  }

  get latches(): readonly Latch[] {
    return this.#latches;
  }

  /** Called once a slice with the equity at its close. Returns one shared empty list when nothing happens. */
  onSlice(equity: number, now: EpochMs): readonly BreakerEffect[] {
    if (now >= this.#dayEnd) this.#roll(now);
    this.#last = equity;
    if (equity > this.#peak) {
      this.#peak = equity;
      this.#settle();
    }
    return equity > this.#low && equity < this.#high ? NONE : this.#judge(equity);
  }

  /** Called with each round trip that ends, net of costs, account currency. */
  onTradeClosed(strategy: string, netPnl: number, now: EpochMs): readonly BreakerEffect[] {
    const limit = this.#limits.maxConsecutiveLosses;
    if (limit === null) return NONE;
    const state = this.#strategy(strategy);
    state.losses = netPnl < 0 ? state.losses + 1 : 0;
    if (state.losses < limit) return NONE;
    const value = state.losses;
    const until = now + this.#limits.coolDownMs;
    state.losses = 0;
    state.pausedUntil = until;
    return [{ kind: 'breaker', key: 'maxConsecutiveLosses', value, limit, unit: 'losses', until, strategy }];
  }

  /** Called with the first fill of each order: too many of one side of one instrument in a row is a strategy that runs wild. */
  onExecution(strategy: string, instrument: InstrumentId, side: string): readonly BreakerEffect[] {
    const limit = this.#limits.maxRepeatedExecutions;
    if (limit === null) return NONE;
    const state = this.#strategy(strategy);
    const key = `${side} ${instrument}`;
    state.repeated = state.last === key ? state.repeated + 1 : 1;
    state.last = key;
    if (within(state.repeated, limit)) return NONE;
    const value = state.repeated;
    state.repeated = 0;
    return [this.#latch({ key: 'maxRepeatedExecutions', value, limit, strategy }, 'executions')];
  }

  /** Positions that must be closed, and alerts that were not given yet. */
  onPositions(positions: Iterable<PositionState>, equity: number, now: EpochMs): readonly BreakerEffect[] {
    let effects: BreakerEffect[] | undefined;
    let standing = NOBODY;
    for (const position of positions) {
      const found = judgePosition(this.#limits, position, equity, now);
      if (found === undefined) continue;
      if (found.kind === 'alert') {
        const id = `${found.key}|${position.instrument}|${position.entryTime}`;
        if (standing === NOBODY) standing = new Set();
        standing.add(id);
        if (this.#alerted.has(id)) continue;
      }
      effects ??= [];
      effects.push(found);
    }
    this.#alerted = standing;
    return effects ?? NONE;
  }

  /** What blocks entries of a strategy now; a shared empty list when nothing does. */
  blocked(strategy: string, now: EpochMs): readonly Failure[] {
    const paused = this.#strategies.get(strategy)?.pausedUntil ?? 0;
    const daily = this.#dailyTripped && now < this.#dayEnd;
    if (!daily && now >= paused && this.#latches.length === 0) return FREE;
    const found: Failure[] = [];
    if (daily) found.push(blockedBy('breaker.dailyLoss', 'daily loss limit was reached', this.#dayEnd));
    if (now < paused) found.push(blockedBy('breaker.consecutiveLosses', 'too many losses in a row', paused));
    for (const latch of this.#latches) {
      if (latch.strategy !== undefined && latch.strategy !== strategy) continue;
      const message = `${latch.key} was reached: no entries until a person resumes`;
      found.push({
        limit: `latch.${latch.key}`,
        value: latch.value,
        max: latch.limit,
        unit: unitOf(latch.key),
        message,
      });
    }
    return found;
  }

  /**
   * A person has reviewed: latches open. The week starts again from here; a reviewed drawdown halt acts again after the
   * drawdown was below it; after a drawdown stop, which left the book flat, the peak starts again from here.
   */
  resume(): void {
    for (const { key } of this.#latches) {
      if (key === 'weeklyLossBps') this.#weekStart = this.#last;
      if (key === 'drawdownStopBps') this.#peak = this.#last;
      if (key === 'drawdownHaltBps') this.#reviewed.add(key);
    }
    this.#latches = [];
    this.#settle();
  }

  /** Money in or out is neither profit nor loss: every measure moves with it. */
  transfer(amount: number): void {
    this.#peak += amount;
    this.#last += amount;
    this.#dayStart += amount;
    this.#weekStart += amount;
    this.#settle();
  }

  /** State as plain JSON. */
  save(): BreakerState {
    return {
      version: 1,
      peak: this.#peak,
      last: this.#last,
      dayStart: this.#dayStart,
      dayEnd: this.#dayEnd,
      weekStart: this.#weekStart,
      weekEnd: this.#weekEnd,
      dailyTripped: this.#dailyTripped,
      reduced: this.#reduced,
      latches: this.#latches.map((latch) => ({ ...latch })),
      reviewed: [...this.#reviewed],
      strategies: Object.fromEntries([...this.#strategies].map(([name, state]) => [name, { ...state }])),
      alerted: [...this.#alerted],
    };
  }

  /** Goes on from a saved state. */
  load(state: BreakerState): void {
    this.#peak = state.peak;
    this.#last = state.last;
    this.#dayStart = state.dayStart;
    this.#dayEnd = state.dayEnd;
    this.#weekStart = state.weekStart;
    this.#weekEnd = state.weekEnd;
    this.#dailyTripped = state.dailyTripped;
    this.#reduced = state.reduced;
    this.#latches = state.latches.map((latch) => ({ ...latch }));
    this.#reviewed = new Set(state.reviewed);
    this.#strategies = new Map(Object.entries(state.strategies).map(([name, one]) => [name, { ...one }]));
    this.#alerted = new Set(state.alerted);
    this.#settle();
  }

  /** A new day, and perhaps a new week: what was earned up to the last close belongs to the old one. */
  #roll(now: EpochMs): void {
    this.#dayEnd = dayEndAfter(now);
    this.#dayStart = this.#last;
    this.#dailyTripped = false;
    if (now >= this.#weekEnd) {
      this.#weekEnd = weekEndAfter(now);
      this.#weekStart = this.#last;
    }
    for (const state of this.#strategies.values()) state.repeated = 0;
    this.#settle();
  }

  /** Finds the two equities between which nothing can happen: what could trip below, what is waiting to recover above. */
  #settle(): void {
    const { dailyLossBps, weeklyLossBps, drawdownReduceBps } = this.#limits;
    this.#low = Number.NEGATIVE_INFINITY;
    this.#high = Number.POSITIVE_INFINITY;
    this.#watch(this.#dayStart, this.#dailyTripped ? null : dailyLossBps);
    this.#watch(this.#weekStart, this.#isLatched('weeklyLossBps') ? null : weeklyLossBps);
    if (this.#reduced) this.#await(drawdownReduceBps);
    else this.#watch(this.#peak, drawdownReduceBps);
    for (const key of DRAWDOWN_LATCHES) {
      if (this.#reviewed.has(key)) this.#await(this.#limits[key]);
      else if (!this.#isLatched(key)) this.#watch(this.#peak, this.#limits[key]);
    }
  }

  #watch(from: number, bps: number | null): void {
    if (bps !== null) this.#low = Math.max(this.#low, floorOf(from, bps, HAIR));
  }

  /** A limit that was switched off since the state was saved is looked at once more, which forgets it. */
  #await(bps: number | null): void {
    const recovered = bps === null ? Number.NEGATIVE_INFINITY : floorOf(this.#peak, bps, -HAIR);
    this.#high = Math.min(this.#high, recovered);
  }

  #judge(equity: number): readonly BreakerEffect[] {
    assert(Number.isFinite(equity), 'equity is a finite number');
    const effects: BreakerEffect[] = [];
    this.#judgeDay(equity, effects);
    this.#judgeWeek(equity, effects);
    this.#judgeReduce(equity, effects);
    this.#judgeLatch('drawdownHaltBps', equity, effects);
    this.#judgeLatch('drawdownStopBps', equity, effects);
    this.#settle();
    return effects.length === 0 ? NONE : effects;
  }

  #judgeDay(equity: number, effects: BreakerEffect[]): void {
    const limit = this.#limits.dailyLossBps;
    const value = lossBps(this.#dayStart, equity);
    if (this.#dailyTripped || limit === null || !within(limit, value)) return;
    this.#dailyTripped = true;
    effects.push({ kind: 'breaker', key: 'dailyLossBps', value, limit, unit: BPS, until: this.#dayEnd });
  }

  #judgeWeek(equity: number, effects: BreakerEffect[]): void {
    const limit = this.#limits.weeklyLossBps;
    const value = lossBps(this.#weekStart, equity);
    if (limit === null || !within(limit, value) || this.#isLatched('weeklyLossBps')) return;
    effects.push(this.#latch({ key: 'weeklyLossBps', value, limit }, BPS));
  }

  #judgeReduce(equity: number, effects: BreakerEffect[]): void {
    const limit = this.#limits.drawdownReduceBps;
    const value = lossBps(this.#peak, equity);
    const reduced = limit !== null && within(limit, value);
    if (reduced && !this.#reduced) effects.push({ kind: 'breaker', key: 'drawdownReduceBps', value, limit, unit: BPS });
    this.#reduced = reduced;
  }

  #judgeLatch(key: 'drawdownHaltBps' | 'drawdownStopBps', equity: number, effects: BreakerEffect[]): void {
    const limit = this.#limits[key];
    const value = lossBps(this.#peak, equity);
    if (limit === null || !within(limit, value)) {
      this.#reviewed.delete(key);
      return;
    }
    if (this.#reviewed.has(key) || this.#isLatched(key)) return;
    effects.push(this.#latch({ key, value, limit }, BPS));
    if (key === 'drawdownStopBps') effects.push({ kind: 'close-all', key, value, limit, unit: BPS });
  }

  #isLatched(key: string): boolean {
    return this.#latches.some((latch) => latch.key === key);
  }

  #latch(latch: Latch, unit: string): BreakerEffect {
    this.#latches.push(latch);
    return { kind: 'latch', ...latch, unit };
  }

  #strategy(name: string): StrategyState {
    const known = this.#strategies.get(name);
    if (known !== undefined) return known;
    const fresh: StrategyState = { losses: 0, pausedUntil: 0, repeated: 0, last: '' };
    this.#strategies.set(name, fresh);
    return fresh;
  }
}

const DRAWDOWN_LATCHES = ['drawdownHaltBps', 'drawdownStopBps'] as const;

/** A hair of equity on the careful side of a threshold, for the tolerance of `within`. */
const HAIR = 1e-8;

/** Equity at which the loss from `from` reaches the limit. */
function floorOf(from: number, bps: number, hair: number): number {
  return from > 0 ? from * (1 - bps / 10_000 + hair) : Number.POSITIVE_INFINITY;
}

function blockedBy(limit: string, what: string, until: EpochMs): Failure {
  const message = `${what}: no entries until ${new Date(until).toISOString()}`;
  return { limit, value: null, max: null, unit: '', message };
}

function unitOf(key: string): string {
  return key === 'maxRepeatedExecutions' ? 'executions' : BPS;
}
