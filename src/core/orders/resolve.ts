import type { EpochMs } from '../model/ids.js';
import type { VenueRules } from '../ports/venue.js';
import type { LiveOrder } from './live-orders.js';

/** What to do about an order whose outcome is not known. */
export type Resolution =
  /** Ask the venue (again) at this time. */
  | { readonly kind: 'ask'; readonly at: EpochMs }
  /** It can no longer arrive: closed, with why that is certain. */
  | { readonly kind: 'never-arrived'; readonly proof: string }
  /** Nobody but a person can say: it stays counted as filled. */
  | { readonly kind: 'person' };

/** First look after this long, then at twice the distance each time, ms. */
const FIRST_LOOK_MS = 250;
const LONGEST_PAUSE_MS = 8_000;

/** When an unresolved order is looked up for the `looks`-th time (0 the first), ms since 1970. */
export function lookAt(order: LiveOrder, looks: number): EpochMs {
  const attempted = order.attemptedAt ?? order.createdAt;
  let at = attempted + FIRST_LOOK_MS;
  let pause = FIRST_LOOK_MS;
  for (let i = 0; i < looks; i++) {
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    at += pause;
  }
  return at;
}

/**
 * What an absent order means (reliability.md 3.2). Before the settle window is over it means nothing: a request may be on its
 * way. After it, only the venue's own expiry of late requests, or the order's own time limit, proves that it can never come;
 * a negative answer alone does not. `answers`: look-ups that were answered with `absent` after the window ended.
 */
export function resolveAbsent(
  order: LiveOrder,
  rules: VenueRules,
  now: EpochMs,
  looks: number,
  answeredAfterWindow: number,
): Resolution {
  const attempted = order.attemptedAt ?? order.createdAt;
  const settled = attempted + rules.settleWindowMs;
  if (now < settled || answeredAfterWindow < 2) {
    return { kind: 'ask', at: Math.max(now, lookAt(order, looks)) };
  }
  if (rules.lateRequestsExpire) {
    return { kind: 'never-arrived', proof: `the venue refuses what comes later than ${rules.settleWindowMs} ms` };
  }
  const { timeInForce, expiresAt } = order.intent;
  if (timeInForce === 'GTD' && expiresAt !== undefined && now > expiresAt + rules.settleWindowMs) {
    return { kind: 'never-arrived', proof: `its time limit ${new Date(expiresAt).toISOString()} has passed` };
  }
  return { kind: 'person' };
}
