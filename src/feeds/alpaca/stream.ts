import { z } from 'zod';
import type { InstrumentId } from '../../core/model/ids.js';
import { type Kind, notThere } from '../network/names.js';
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
import type { AlpacaKey } from './alpaca.js';

export const ALPACA_STREAM_HOST = 'https://stream.data.alpaca.markets';

const KEYS = 'ALPACA_API_KEY and ALPACA_SECRET_KEY';
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const greetingSchema = z.object({ T: z.literal('success'), msg: z.string() });
const subscribedSchema = z.looseObject({ T: z.literal('subscription') });
const errorSchema = z.object({ T: z.literal('error'), code: z.number().int(), msg: z.string().default('') });
const quoteSchema = z.object({ T: z.literal('q'), S: z.string(), bp: z.number(), ap: z.number(), t: instant });

const refused = (says: string, next: string): Refusal => ({ ...NOT_UNDERSTOOD, says, next });
/** Its error codes, which are not those of HTTP. */
const REFUSALS: ReadonlyMap<number, Refusal> = new Map([
  [400, refused('did not understand what was asked (code 400)', 'report it')],
  [401, { ...badKey(KEYS), says: 'wants the key first (code 401)' }],
  [402, { ...badKey(KEYS), says: 'refused the key (code 402)' }],
  [403, refused('was given the key twice (code 403)', 'report it')],
  [404, { ...LATE, says: 'did not get the key in time (code 404)' }],
  [
    405,
    {
      ...NOT_IN_PLAN,
      says: 'streams fewer instruments to your plan (code 405)',
      next: 'stream fewer: the free plan has 30 symbols',
    },
  ],
  [406, { ...TOO_MANY, says: 'allows one connection to an account, and there is another (code 406)' }],
  [407, { ...TOO_SLOW, says: 'dropped us because its messages were read too slowly (code 407)' }],
  [408, { ...NOT_IN_PLAN, says: 'has this stream not switched on for the account (code 408)' }],
  [409, { ...NOT_IN_PLAN, says: 'does not stream this to your plan (code 409)' }],
  [410, refused('has no such stream for these instruments (code 410)', 'check the instruments')],
  [500, { ...IN_TROUBLE, says: 'is in trouble (code 500)' }],
]);

/** What is streamed, and how it is read. */
interface Subject<T> {
  readonly path: string;
  /** The list of a subscription: `quotes`, `news`. */
  readonly list: string;
  readonly symbols: readonly string[];
  /** The kind of message that carries it, and what one says; undefined for one that is not as it must be. */
  readonly type: string;
  readonly read: (message: unknown) => readonly Said<T>[] | undefined;
}

/**
 * Quotes of stocks (IEX, which the free plan has) or coins. It greets, wants the key, then the symbols, and repeats the whole
 * list of what it will send. Frames are lists. An account has one connection to each.
 */
export function alpacaDialect(kind: Kind, ids: readonly InstrumentId[], key: AlpacaKey): Dialect {
  if (kind === 'fx') throw notThere('Alpaca', 'stream of exchange rates', 'give stocks (AAPL) or coins (BTC/USD)');
  const symbols = new Map<string, InstrumentId>(ids.map((id) => [id, id]));
  return dialectOf(key, {
    path: kind === 'stock' ? '/v2/iex' : '/v1beta3/crypto/us',
    list: 'quotes',
    symbols: ids,
    type: 'q',
    read: (message) =>
      ifGood(quoteSchema, message, ({ S, t, bp, ap }) => [quoteSaid(symbols.get(S), { ts: t, bid: bp, ask: ap })]),
  });
}

/** Headlines as they are published, about the symbols or `*`; `read` says what an article is, undefined where it is none. */
export function alpacaNewsDialect<T>(
  symbols: readonly string[],
  key: AlpacaKey,
  read: (article: unknown) => readonly T[] | undefined,
): Dialect<T> {
  return dialectOf<T>(key, {
    path: '/v1beta1/news',
    list: 'news',
    symbols,
    type: 'n',
    read: (message) => read(message)?.map((value) => ({ kind: 'value', value })),
  });
}

function dialectOf<T>(key: AlpacaKey, { path, list, symbols, type: carrier, read }: Subject<T>): Dialect<T> {
  const greeted = (msg: string): readonly Said<T>[] => {
    if (msg === 'connected') {
      return [{ kind: 'answer', message: { action: 'auth', key: key.id, secret: key.secret } }];
    }
    if (msg === 'authenticated') {
      return [{ kind: 'answer', message: { action: 'subscribe', [list]: [...symbols] } }];
    }
    return [];
  };
  const readers: ReadonlyMap<string, (message: unknown) => readonly Said<T>[] | undefined> = new Map([
    ['success', (message) => ifGood(greetingSchema, message, ({ msg }) => greeted(msg))],
    ['error', (message) => ifGood(errorSchema, message, ({ code, msg }) => [overOf(code, msg)])],
    ['subscription', (message) => ifGood(subscribedSchema, message, (lists) => [subscribed(symbols, lists[list])])],
    [carrier, read],
  ]);
  const one = (message: unknown): readonly Said<T>[] => {
    const type = typeOf(message);
    if (type === undefined) return [{ kind: 'malformed', why: 'it does not say what it is' }];
    const reader = readers.get(type);
    // Other kinds of message may be added at any time.
    if (reader === undefined) return [];
    return reader(message) ?? [{ kind: 'malformed', why: `it is not as a message of kind ${type} is` }];
  };
  return { path, opening: [], read: (message) => (Array.isArray(message) ? message : [message]).flatMap(one) };
}

function ifGood<S, T>(
  schema: z.ZodType<S>,
  message: unknown,
  act: (value: S) => readonly Said<T>[],
): readonly Said<T>[] | undefined {
  const found = schema.safeParse(message);
  return found.success ? act(found.data) : undefined;
}

function overOf(code: number, words: string): Said<never> {
  const refusal = REFUSALS.get(code) ?? refused(`ended the stream (code ${code})`, 'see its documentation of the code');
  return { kind: 'over', refusal, words };
}

/** What was asked for and will not come must be known at once: silence looks like a quiet market. */
function subscribed(symbols: readonly string[], list: unknown): Said<never> {
  const there = new Set(Array.isArray(list) ? list : []);
  const lacking = symbols.filter((symbol) => !there.has(symbol));
  if (lacking.length === 0 || there.has('*')) return { kind: 'settled' };
  const refusal: Refusal = {
    code: 'FEED.NOT_FOUND',
    says: `does not stream ${lacking.slice(0, 10).join(', ')}`,
    next: 'leave them out, or take them from another feed',
    retryable: false,
  };
  return { kind: 'over', refusal, words: '' };
}

function typeOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('T' in message)) return undefined;
  return typeof message.T === 'string' ? message.T : undefined;
}
