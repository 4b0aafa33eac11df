import type { ClientId, InstrumentId } from '../../core/model/ids.js';
import { clientId } from '../../core/model/ids.js';
import { parseSymbol } from '../../core/model/instruments.js';
import type { Cursor } from '../../core/ports/venue.js';

/** `EUR/USD` is `EUR_USD` there. */
export const wireName = (id: InstrumentId): string => id.replace('/', '_');

/** `EUR_USD` is `EUR/USD` here; what is no pair that we know keeps its name. */
export const modelName = (name: string): InstrumentId => parseSymbol(name).id;

/** An id that we gave; orders made elsewhere have none, or one of another form. */
export function ourId(text: string | undefined): ClientId | undefined {
  return text?.startsWith('fx') === true ? clientId(text) : undefined;
}

/** Rows of the record are counted: the longer number is the later one. */
export function isAfter(one: Cursor, other: Cursor): boolean {
  const [a, b] = [rowOf(one), rowOf(other)];
  return a.length === b.length ? a > b : a.length > b.length;
}

/** The row a cursor stands at; the id of an event may name a part of a row behind a colon. */
export const rowOf = (cursor: Cursor): string => cursor.split(':')[0]?.replace(/^0+(?=\d)/, '') ?? '0';
