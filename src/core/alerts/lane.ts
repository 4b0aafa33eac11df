import type { EpochMs } from '../model/ids.js';
import type { Alert } from './alert.js';
import type { Outgoing, Receipt } from './channel.js';
import type { ChannelName } from './kinds.js';

/** What is known of one alert, shared by every lane that has it. */
export interface Story {
  readonly alert: Alert;
  /** Channels that were given it, whatever came of it. */
  readonly given: Set<ChannelName>;
  delivered: number;
}

/** An alert in one lane. */
export interface Waiting {
  readonly story: Story;
  readonly why: Outgoing['why'];
  dueAt: EpochMs;
  attempts: number;
}

/** Messages as a lane hands them out, without what only the planner knows. */
export interface Batch {
  readonly urgent: boolean;
  readonly why: Outgoing['why'];
  readonly items: readonly Waiting[];
  readonly dropped: number;
}

/** What a lane is held to. */
export interface Pace {
  /** Between the starts of two messages, ms. */
  readonly gapMs: number;
  /** Alerts of severity info that follow within this time come together, ms. */
  readonly digestMs: number;
  /** Messages that are not critical, in any hour. */
  readonly perHour: number;
}

const HOUR_MS = 3_600_000;
/** Alerts in one message. */
const BATCH_MAX = 20;
/** Alerts that wait in one lane; beyond it the oldest of the mildest go. */
const QUEUE_MAX = 500;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
const DEAD_MS = HOUR_MS;

/**
 * What waits for one channel. One ordinary message is under way at a time and one urgent one beside it, so that a slow
 * channel holds up nothing but itself, and what gathers meanwhile goes as one message.
 */
export class Lane {
  readonly name: ChannelName;
  readonly #pace: Pace;
  #waiting: Waiting[] = [];
  readonly #flying = new Map<string, Batch>();
  #startedAt = Number.NEGATIVE_INFINITY;
  #infoAt = Number.NEGATIVE_INFINITY;
  #hour: EpochMs[] = [];
  #closedUntil = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #dropped = 0;
  #isLast = false;

  constructor(name: ChannelName, pace: Pace) {
    this.name = name;
    this.#pace = pace;
  }

  get failures(): number {
    return this.#failures;
  }

  isOpen(now: EpochMs): boolean {
    return now >= this.#closedUntil;
  }

  push(item: Waiting): void {
    this.#waiting.push(item);
    if (this.#waiting.length <= QUEUE_MAX) return;
    const mild = this.#waiting.findIndex(({ story }) => story.alert.severity === 'info');
    const next = mild >= 0 ? mild : this.#waiting.findIndex(({ story }) => story.alert.severity === 'warning');
    this.#waiting.splice(Math.max(0, next), 1);
    this.#dropped++;
  }

  /** Takes out what is critical and due while the channel is closed: it must leave by another. */
  takeStranded(now: EpochMs): readonly Waiting[] {
    if (this.isOpen(now)) return [];
    return this.#remove(({ story, dueAt }) => story.alert.severity === 'critical' && dueAt <= now);
  }

  /** What may leave now; undefined when nothing may. The caller starts it and says so with `started`. */
  next(now: EpochMs): Batch | undefined {
    if (!this.isOpen(now) || now < this.#startedAt + this.#pace.gapMs || this.#waiting.length === 0) return undefined;
    const urgent = this.#batch(now, true);
    if (urgent !== undefined) return urgent;
    return this.#mayOrdinary(now) ? this.#batch(now, false) : undefined;
  }

  started(id: string, batch: Batch, now: EpochMs): void {
    this.#flying.set(id, batch);
    this.#startedAt = now;
    if (batch.urgent) return;
    this.#hour.push(now);
    if (batch.items.some(({ story }) => story.alert.severity === 'info')) this.#infoAt = now;
  }

  /** A message has ended; returns what it held, undefined for one that is not under way. */
  ended(id: string, receipt: Receipt, now: EpochMs): Batch | undefined {
    const batch = this.#flying.get(id);
    if (batch === undefined) return undefined;
    this.#flying.delete(id);
    if (receipt.kind === 'sent') {
      this.#failures = 0;
      this.#closedUntil = now;
      return batch;
    }
    this.#failures++;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, this.#failures - 1));
    const asked = receipt.permanent ? DEAD_MS : Math.min(DEAD_MS, receipt.retryAfterMs ?? pause);
    this.#closedUntil = Math.max(this.#closedUntil, now + asked);
    this.#dropped += batch.dropped;
    return batch;
  }

  /** No more comes: nothing waits any longer for what could join it. */
  last(): void {
    this.#isLast = true;
  }

  /** True while something is under way, or due and not yet sent. */
  isBusy(now: EpochMs): boolean {
    return this.#flying.size > 0 || (this.isOpen(now) && this.#waiting.some(({ dueAt }) => dueAt <= now));
  }

  /** When the channel may be used again. */
  get opensAt(): EpochMs {
    return this.#closedUntil;
  }

  /** Everything that was not sent, when nobody will send it any more. */
  clear(): readonly Waiting[] {
    return this.#remove(() => true);
  }

  #mayOrdinary(now: EpochMs): boolean {
    this.#hour = this.#hour.filter((at) => at > now - HOUR_MS);
    if (this.#hour.length >= this.#pace.perHour) return false;
    return [...this.#flying.values()].every(({ urgent }) => urgent);
  }

  #batch(now: EpochMs, urgent: boolean): Batch | undefined {
    if (urgent && [...this.#flying.values()].some((one) => one.urgent)) return undefined;
    const isDue = ({ story: { alert }, dueAt }: Waiting): boolean => {
      if ((alert.severity === 'critical') !== urgent || dueAt > now) return false;
      return alert.severity !== 'info' || this.#isLast || now >= this.#infoAt + this.#pace.digestMs;
    };
    const first = this.#waiting.find(isDue);
    if (first === undefined) return undefined;
    let room = BATCH_MAX;
    const items = this.#remove((item) => isDue(item) && item.why === first.why && room-- > 0);
    const dropped = urgent ? 0 : this.#dropped;
    if (!urgent) this.#dropped = 0;
    return { urgent, why: first.why, items, dropped };
  }

  #remove(isWanted: (item: Waiting) => boolean): Waiting[] {
    const out: Waiting[] = [];
    const kept: Waiting[] = [];
    for (const item of this.#waiting) (isWanted(item) ? out : kept).push(item);
    this.#waiting = kept;
    return out;
  }
}
