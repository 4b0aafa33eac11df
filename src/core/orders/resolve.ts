import type { EpochMs } from '../model/ids.js';
import type { Stopwatch } from '../ports/clock.js';
import type { VenueRules } from '../ports/venue.js';
import type { LiveOrder } from './live-orders.js';

/** What to do about an order whose outcome is not known. */
export type Resolution =
  /** Ask the venue again. */
  | { readonly kind: 'ask' }
  /** It can no longer arrive: closed, with why that is certain. */
  | { readonly kind: 'never-arrived'; readonly proof: string }
  /** Nobody but a person can say: it stays counted as filled. */
  | { readonly kind: 'person' };

/** First look after this long, then after twice as long each time, ms. */
const FIRST_LOOK_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** How long an unresolved order is left alone before it is looked up for the `looks`-th time (0 the first), ms. */
export function pauseBefore(looks: number): number {
  return Math.min(FIRST_LOOK_MS * 2 ** looks, LONGEST_PAUSE_MS);
}

/** How long ago an order was sent, ms: by the machine's stopwatch where it went on since, since a clock may have been set. */
export function sentAgo({ sent, attemptedAt = 0 }: LiveOrder, stopwatch: Stopwatch, now: EpochMs): number {
  return sent !== undefined && sent.boot === stopwatch.boot ? stopwatch.mono() - sent.mono : now - attemptedAt;
}

/** What is known of an order without an answer. */
export interface Silence {
  /** By a stopwatch, since the send or, where that was before the machine started, since this process first saw it, ms. */
  readonly elapsedMs: number;
  /** Look-ups that were answered with `absent` after the window ended. */
  readonly absentAfterWindow: number;
}

/**
 * What an absent order means (reliability.md 3.2). Before the settle window is over it means nothing: a request may be on its
 * way. After it, only the venue's own expiry of late requests, or the order's own time limit, proves that it can never come;
 * a negative answer alone does not. Time is a stopwatch's: a clock that is set forward must not end the window.
 */
export function resolveAbsent(order: LiveOrder, rules: VenueRules, silence: Silence): Resolution {
  const { elapsedMs, absentAfterWindow } = silence;
  if (elapsedMs < rules.settleWindowMs || absentAfterWindow < 2) return { kind: 'ask' };
  if (rules.lateRequestsExpire) {
    return { kind: 'never-arrived', proof: `the venue refuses what comes later than ${rules.settleWindowMs} ms` };
  }
  const { timeInForce, expiresAt } = order.intent;
  if (timeInForce !== 'GTD' || expiresAt === undefined) return { kind: 'person' };
  const life = expiresAt - (order.attemptedAt ?? order.createdAt);
  if (elapsedMs <= life + rules.settleWindowMs) return { kind: 'person' };
  return { kind: 'never-arrived', proof: `its time limit ${new Date(expiresAt).toISOString()} has passed` };
}
