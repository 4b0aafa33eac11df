import { z } from 'zod';
import type { InstrumentId } from '../../core/model/ids.js';
import { type Kind, partsOf } from '../network/names.js';
import { type Dialect, quoteSaid, type Said } from '../network/stream/dialect.js';
import {
  badKey,
  IN_TROUBLE,
  LATE,
  NOT_IN_PLAN,
  NOT_UNDERSTOOD,
  type Refusal,
  TOO_MANY,
  TOO_SLOW,
} from '../network/stream/refusal.js';

export const POLYGON_STREAM_HOST = 'https://socket.massive.com';

const KEY = 'POLYGON_API_KEY';

/** Where quotes of a kind come from, and how their topics are called. */
const CLUSTERS: Readonly<Record<Kind, { readonly path: string; readonly topic: string; readonly between: string }>> = {
  fx: { path: '/forex', topic: 'C', between: '/' },
  crypto: { path: '/crypto', topic: 'XQ', between: '-' },
  stock: { path: '/stocks', topic: 'Q', between: '' },
};

const ts = z.number().int();
const statusSchema = z.object({ ev: z.literal('status'), status: z.string(), message: z.string().optional() });
const QUOTES = {
  C: z.object({ p: z.string(), a: z.number(), b: z.number(), t: ts }).transform(({ p, a, b, t }) => ({
    name: p,
    sides: { ts: t, bid: b, ask: a },
  })),
  XQ: z.object({ pair: z.string(), ap: z.number(), bp: z.number(), t: ts }).transform(({ pair, ap, bp, t }) => ({
    name: pair,
    sides: { ts: t, bid: bp, ask: ap },
  })),
  Q: z.object({ sym: z.string(), ap: z.number(), bp: z.number(), t: ts }).transform(({ sym, ap, bp, t }) => ({
    name: sym,
    sides: { ts: t, bid: bp, ask: ap },
  })),
} as const;

/** Words of a status that ends the conversation. */
const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ['auth_failed', badKey(KEY)],
  ['auth_timeout', LATE],
  ['not_authorized', NOT_IN_PLAN],
  ['max_connections', TOO_MANY],
  ['force_disconnect', IN_TROUBLE],
]);

/**
 * Quotes of one kind at Massive: it greets, wants the key, then the topics. Frames are lists. A key has one connection for
 * each kind; a second one ends the first, with `max_connections`.
 */
export function polygonDialect(kind: Kind, ids: readonly InstrumentId[], key: string): Dialect {
  const { path, topic, between } = CLUSTERS[kind];
  const byName = new Map(ids.map((id) => [nameOf(id), id]));
  const topics = ids.map((id) => `${topic}.${partsOf(id).base}${between}${partsOf(id).quote}`).join(',');
  const statusSaid = ({ status, message = '' }: z.infer<typeof statusSchema>): readonly Said[] => {
    if (status === 'connected') return [{ kind: 'answer', message: { action: 'auth', params: key } }];
    if (status === 'auth_success') return [{ kind: 'answer', message: { action: 'subscribe', params: topics } }];
    if (status === 'success') return [{ kind: 'settled' }];
    const refusal = refusalOf(status, message);
    return refusal === undefined ? [] : [{ kind: 'over', refusal, words: message }];
  };
  const eventSaid = (event: unknown): readonly Said[] => {
    const status = statusSchema.safeParse(event);
    if (status.success) return statusSaid(status.data);
    const ev = wordOf(event);
    if (ev === undefined) return [{ kind: 'malformed', why: 'it does not say what it is' }];
    // Other kinds of message may be added at any time.
    if (ev !== 'C' && ev !== 'XQ' && ev !== 'Q') return [];
    const quote = QUOTES[ev].safeParse(event);
    if (!quote.success) return [{ kind: 'malformed', why: `it is no quote of kind ${ev}` }];
    return [quoteSaid(byName.get(plain(quote.data.name)), quote.data.sides)];
  };
  return {
    path,
    opening: [],
    read: (message) => (Array.isArray(message) ? message : [message]).flatMap(eventSaid),
  };
}

function refusalOf(status: string, message: string): Refusal | undefined {
  const known = REFUSALS.get(status);
  if (/slow|not being consumed|buffer/i.test(message) && status !== 'success') return TOO_SLOW;
  if (known !== undefined) return known;
  if (status !== 'error') return undefined;
  return /authori|access|plan|upgrade|entitle/i.test(message) ? NOT_IN_PLAN : NOT_UNDERSTOOD;
}

function wordOf(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('ev' in event)) return undefined;
  return typeof event.ev === 'string' && event.ev !== 'status' ? event.ev : undefined;
}

/** Pairs are written with a slash, a dash or nothing between them, by topic and by year. */
const plain = (name: string): string => name.replace(/[/-]/g, '').toUpperCase();
const nameOf = (id: InstrumentId): string => plain(id);
