import { existsSync } from 'node:fs';
import { FxError } from '../../../core/base/errors.js';
import type { LiveOrder } from '../../../core/orders/live-orders.js';
import type { Break } from '../../../core/orders/reconcile.js';
import type { Venue, VenueAccount } from '../../../core/ports/venue.js';
import { missingHalts } from '../../../core/state/emergency/missing-halts.js';
import { readKnownHalts } from '../../../core/state/emergency/order-log.js';
import { writeHalt } from '../../../core/state/halt-file.js';
import type { LiveParts } from './live-parts.js';
import type { LiveSession } from './live-session.js';
import { CLOCK_WARN_MS } from './market/market-time.js';
import { loosened } from './terms/limits-record.js';

const CLOCK_REFUSE_MS = 30_000;

/** Lines of the pre-flight list that a person takes on himself, each with a reason. */
export type Overrides = readonly { readonly line: string; readonly reason: string }[];

/** The account that was agreed to, and one that our books fit. */
export function requireAccount({ hedging, id }: VenueAccount, agreed: string): void {
  if (id !== agreed) {
    throw new FxError('CONFIG.WRONG_ACCOUNT', {
      message: `the broker answers for account ${id}, agreed was ${agreed}`,
      next: 'check the account in the environment, then start again',
      facts: { account: id, agreed },
    });
  }
  if (!hedging) return;
  throw new FxError('CONFIG.HEDGING', {
    message: `account ${id} holds long and short of one instrument apart (hedging); books here net them`,
    next: 'use a sub-account without hedging',
    facts: { account: id },
  });
}

/** A halt that somebody took away by hand is a halt still: it stands in the latch again before anybody asks. */
export function restoreHalts(home: string, folder: string): void {
  if (!existsSync(folder)) return;
  for (const halt of missingHalts(home, readKnownHalts(folder))) writeHalt(home, halt);
}

/** A clock that is far off makes every age and every time limit wrong. */
export function requireClock(
  { name, clockOffsetMs }: Pick<Venue, 'name' | 'clockOffsetMs'>,
  onEvent: LiveParts['onEvent'],
) {
  if (clockOffsetMs === undefined) return;
  const offset = Math.round(clockOffsetMs);
  if (Math.abs(offset) > CLOCK_REFUSE_MS) {
    throw new FxError('BROKER.CLOCK', {
      message: `the clock of ${name} is ${offset} ms away from ours, limit is ${CLOCK_REFUSE_MS} ms`,
      next: 'set the clock of this machine (timedatectl set-ntp true), then start again',
      facts: { offsetMs: offset, limitMs: CLOCK_REFUSE_MS },
    });
  }
  const isNear = Math.abs(offset) <= CLOCK_WARN_MS;
  const detail = `${offset} ms away from the broker's${isNear ? '' : ': set the clock of this machine'}`;
  onEvent('preflight', { line: 'clock', ok: isNear, detail });
}

/** What the venue does not tell, a person must. */
export function requireSettled(session: LiveSession, { book }: LiveParts): void {
  const open = book.orders.inDoubt();
  if (open.length === 0) return;
  session.checkpoint();
  throw new FxError('STATE.UNRESOLVED', {
    message: `${open.length} order(s) were sent and the broker does not say what became of them: ${named(open)}`,
    next: LOOK_AT_THE_ACCOUNT,
    facts: { orders: open.map(({ clientId }) => clientId) },
  });
}

/** A session that ends and does not know what became of an order has not done what it was asked for. */
export function requireKnown({ book }: LiveParts): void {
  const open = book.orders.inDoubt();
  if (open.length === 0) return;
  throw new FxError('BROKER.OUTCOME_UNKNOWN', {
    message: `${open.length} order(s) were sent and the broker does not say what became of them: ${named(open)}; everything else is done`,
    next: LOOK_AT_THE_ACCOUNT,
    facts: { orders: open.map(({ clientId }) => clientId) },
  });
}

const LOOK_AT_THE_ACCOUNT =
  'look at the account at the broker; when it shows what is true: fxtrade resume --adopt --reason TEXT';

const named = (orders: readonly LiveOrder[]): string =>
  orders.map(({ id, clientId }) => `${id} (${clientId})`).join(', ');

/** A difference that nobody has explained is no ground to trade on. */
export function requireReconciled(breaks: readonly Break[]): void {
  if (breaks.length === 0) return;
  throw new FxError('STATE.MISMATCH', {
    message: `the account and the book differ: ${breaks.map(({ id, message }) => `${id} ${message}`).join('; ')}`,
    next: 'find out why; to take the account as it is: fxtrade resume --adopt --reason TEXT',
    facts: { breaks: breaks.map(({ message }) => message) },
  });
}

/** Looser limits than the last session's need a reason that stands in the journal. */
export function requireLimits(
  { saved, prepared, onEvent }: LiveParts,
  session: LiveSession,
  overrides: Overrides,
): void {
  const found = saved?.limits === undefined ? [] : loosened(saved.limits, prepared.loaded.settings.risk);
  const override = overrides.find(({ line }) => line === 'limits');
  if (found.length > 0 && override !== undefined) session.onceRecovered('override', { ...override, limits: found });
  if (found.length > 0 && override === undefined) {
    throw new FxError('GATE.LOOSENED_LIMITS', {
      message: `limits are looser than in the last session: ${found.map(({ key, was, now }) => `${key} ${was} → ${now}`).join(', ')}`,
      next: 'set them back, or say why: --override limits --reason TEXT',
      facts: { limits: found.map(({ key }) => key) },
    });
  }
  onEvent('preflight', {
    line: 'limits',
    ok: true,
    detail: found.length === 0 ? 'no looser than before' : 'looser, with a reason',
  });
}
