import { FxError } from '../base/errors.js';
import type { TheirSide } from '../orders/reconcile.js';
import type { Venue, VenueAccount, VenueOrder } from '../ports/venue.js';
import type { Dispatcher } from './dispatcher.js';

/** Times that the lists are read again when they moved while they were read. */
const READS = 5;

export interface AccountReading {
  readonly account: VenueAccount;
  readonly theirs: TheirSide;
}

/**
 * Reads an account so that its parts belong together (reliability.md 3.3): open orders, what happened since the cursor,
 * positions, open orders again; when the two lists differ, once more. Throws `BROKER.*` when a part cannot be read or the
 * account does not stand still: unknown is never flat.
 */
export async function readAccount(
  venue: Pick<Venue, 'name' | 'account' | 'openOrders' | 'positions'>,
  dispatcher: Pick<Dispatcher, 'pull'>,
): Promise<AccountReading> {
  for (let read = 0; read < READS; read++) {
    const before = await venue.openOrders();
    await dispatcher.pull();
    const positions = await venue.positions();
    const account = await venue.account();
    const orders = await venue.openOrders();
    const told = await dispatcher.pull();
    if (told.length === 0 && sameOrders(before, orders)) {
      return { account, theirs: { cash: account.cash, positions, orders } };
    }
  }
  throw new FxError('BROKER.UNSTEADY', {
    message: `the account at ${venue.name} changed during each of ${READS} readings`,
    next: 'wait until orders there stop changing, then start again',
    retryable: true,
  });
}

function sameOrders(a: readonly VenueOrder[], b: readonly VenueOrder[]): boolean {
  const idsOf = (orders: readonly VenueOrder[]) =>
    orders
      .map(({ venueId, filledUnits }) => `${venueId} ${filledUnits}`)
      .sort()
      .join();
  return idsOf(a) === idsOf(b);
}
