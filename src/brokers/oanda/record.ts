import { FxError } from '../../core/base/errors.js';
import type { ClientId } from '../../core/model/ids.js';
import type { Cursor, LookUp, VenueEvent, VenueHistory } from '../../core/ports/venue.js';
import { checked, malformed, type OandaClient } from './client.js';
import { isAfter, rowOf } from './names.js';
import { orderReplySchema, rowSchema, transactionsSchema } from './schema.js';
import { Translator } from './transactions.js';

/** Rows the venue gives at once are at most this many; more pages than that are no record but a loop. */
const PAGES_MAX = 1_000;

/** Everything after `since`, oldest first. The cursor stands at the last row that was seen, never further. */
export async function readHistory(client: OandaClient, since: Cursor): Promise<VenueHistory> {
  const translator = new Translator();
  const events: VenueEvent[] = [];
  let cursor = rowOf(since);
  for (let page = 0; page < PAGES_MAX; page++) {
    const reply = await client.read('/transactions/sinceid', transactionsSchema, { id: cursor }, true);
    for (const row of reply.transactions) {
      const { id } = checked(row, rowSchema, 'the record');
      if (!isAfter(id, cursor)) throw malformed('the record', `row ${id} comes after row ${cursor}`);
      events.push(...translator.events(row));
      cursor = id;
    }
    if (reply.transactions.length === 0 || !isAfter(reply.lastTransactionID, cursor)) return { events, cursor };
  }
  throw malformed('the record', `more than ${PAGES_MAX} pages`);
}

/**
 * What became of an order, by the record of the account; the order itself is asked for only when the record after `since`
 * does not name it. `absent` is what both say now: a request may still be on its way, and a new order is not always visible
 * at once.
 */
export async function lookUp(client: OandaClient, clientId: ClientId, since: Cursor): Promise<LookUp> {
  const found = foundIn(await readHistory(client, since), clientId);
  if (found.kind !== 'absent') return found;
  const before = await rowBefore(client, clientId);
  return before === undefined ? found : foundIn(await readHistory(client, before), clientId);
}

/** All that bears the id: an order may have gone on as another, and an order that came twice is seen to be two. */
function foundIn({ events }: VenueHistory, clientId: ClientId): LookUp {
  const numbers = new Set(
    events.flatMap((event) => ('venueId' in event && event.clientId === clientId ? event.venueId : [])),
  );
  const venueId = [...numbers].at(-1);
  if (venueId !== undefined) {
    const own = events.filter((event) => 'venueId' in event && numbers.has(event.venueId));
    return { kind: 'found', venueId, events: own };
  }
  const refused = events.find((event) => event.kind === 'refused' && event.clientId === clientId);
  return refused?.kind === 'refused' ? { kind: 'refused', reason: refused.reason } : { kind: 'absent' };
}

/** The cursor right before an order that the venue has under this id; undefined when it knows none. */
async function rowBefore(client: OandaClient, clientId: ClientId): Promise<Cursor | undefined> {
  try {
    const { order } = await client.read(`/orders/@${encodeURIComponent(clientId)}`, orderReplySchema, {}, true);
    return order.clientExtensions?.id === clientId ? String(BigInt(order.id) - 1n) : undefined;
  } catch (error) {
    if (error instanceof FxError && error.code === 'BROKER.NOT_FOUND') return undefined;
    throw error;
  }
}
