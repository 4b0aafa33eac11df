import { gzipSync } from 'node:zlib';
import { C, type Cell, lie, Q, type Row, S, T } from './cells.js';

type WireRow = Readonly<Record<string, unknown>>;

/** The venue's own answer with every row of the record in it changed. */
const rows =
  (change: (row: WireRow) => WireRow) =>
  (own: string): string => {
    if (own === '') return own;
    const visit = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(visit);
      if (typeof value !== 'object' || value === null) return value;
      const inside = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one)]));
      return typeof inside['type'] === 'string' && inside['type'] !== 'HEARTBEAT' && 'id' in inside
        ? change(inside)
        : inside;
    };
    return JSON.stringify(visit(JSON.parse(own)));
  };
const ofType =
  (pattern: RegExp, more: WireRow) =>
  (row: WireRow): WireRow =>
    pattern.test(String(row['type'])) ? { ...row, ...more } : row;
const renamed = (id: string | undefined) => (row: WireRow) => ({
  ...row,
  ...(row['clientExtensions'] === undefined ? {} : { clientExtensions: { id } }),
  ...(row['clientOrderID'] === undefined ? {} : { clientOrderID: id }),
});
const minus = (row: WireRow): WireRow =>
  typeof row['units'] === 'string' ? { ...row, units: String(-Number(row['units'])) } : row;

const ORDER = /^(MARKET|LIMIT)_ORDER$/;
const FILL = /^ORDER_FILL$/;
const ENDS = /^(ORDER_FILL|ORDER_CANCEL)$/;
const page = () => '<html><body><h1>502 Bad Gateway</h1></body></html>';
const text = (value: unknown) => () => (typeof value === 'string' ? value : JSON.stringify(value));
const words = (errorMessage: string, errorCode?: string) => text({ errorMessage, errorCode });
const rejected = (rejectReason: string, id?: string) => ({
  errorMessage: 'no',
  errorCode: rejectReason,
  orderRejectTransaction: {
    id: '12',
    time: '2024-01-10T15:00:00.000000000Z',
    type: 'MARKET_ORDER_REJECT',
    rejectReason,
    ...(id === undefined ? {} : { clientExtensions: { id } }),
  },
  lastTransactionID: '12',
});
const MIB = 1024 * 1024;

const lost = { reach: 'lost' } as const;
/** Unreadable as an order, a cancel, a read and on a stream. */
const unread = { submit: S.found, cancel: C.read, query: Q.malformed, stream: T.malformed } as const;
/** Another status than the one that counts, after the venue did it. */
const heardStatus = { submit: S.found, cancel: C.read, query: Q.unavailable, stream: T.broken } as const;
/** The same when it never heard of it. */
const lostStatus = { submit: S.asked, cancel: C.again, query: Q.unavailable, stream: T.broken } as const;
const refusedStatus = { ...lostStatus, submit: S.refused } as const;
const heardGone = { submit: S.found, cancel: C.read, query: Q.unreachable, stream: T.broken } as const;
const lostGone = { submit: S.asked, cancel: C.again, query: Q.unreachable, stream: T.broken } as const;
/** No byte left: the one case in which no answer is an answer. */
const nothingLeft = { submit: S.refused, cancel: C.again, query: Q.unreachable, stream: T.broken } as const;
/** What is held the other way, or elsewhere, leaves room for a buy; the break is what blocks it. */
const elsewhere = (cell: Cell): Cell => ({ ...cell, counts: 'is free' });
const own = { submit: S.taken, cancel: C.done, query: Q.value, stream: T.value } as const;

/** Its own answer, or what becomes of it on the way back. */
const OWN: readonly Row[] = [
  { name: 'its own answer', reply: {}, ...own },
  {
    name: 'its own: taken and killed, the market is halted',
    reply: {},
    before: 'the market is halted',
    ...own,
    submit: { ...S.taken, counts: 'is free', next: 'a new decision', there: 'cancelled' },
  },
  {
    name: 'its own: taken and killed, not enough margin',
    reply: {},
    before: 'no margin',
    ...own,
    submit: { ...S.taken, counts: 'is free', next: 'a new decision', there: 'cancelled' },
  },
  {
    name: 'its own: taken and half of it filled',
    reply: {},
    before: 'half can be had',
    ...own,
    submit: { ...S.taken, there: 'half filled' },
  },
  {
    name: 'its own: 400, too large',
    reply: {},
    before: 'too large',
    ...own,
    submit: { ...S.refused, there: 'refused' },
  },
  { name: 'with fields nobody knows', reply: { body: rows((row) => ({ ...row, moon: { phase: 1 } })) }, ...own },
  {
    name: 'with `__proto__` and `constructor`',
    reply: {
      body: (said) => said.replace('{', '{"__proto__":{"spoiled":1},"constructor":{"prototype":{"spoiled":1}},'),
    },
    ...own,
  },
  { name: 'its own, and the connection is closed', reply: { headers: { connection: 'close' } }, ...own },
  { name: 'cut in half', reply: { body: (said) => said.slice(0, Math.ceil(said.length / 2)) }, ...unread },
  { name: 'twice in one body', reply: { body: (said) => said + said }, ...unread },
  { name: 'twice, a line each', reply: { body: (said) => `${said}\n${said}` }, ...unread, stream: T.value },
  { name: 'nothing in it', reply: { body: text(''), isMute: true }, ...unread, stream: T.broken },
  { name: 'a page in it', reply: { body: page }, ...unread },
  { name: 'NULs in it', reply: { body: (said) => said.replaceAll(/./g, '\0') }, ...unread },
  { name: 'a list in it', reply: { body: text([]) }, ...unread },
  { name: 'without its rows', reply: { body: text({ lastTransactionID: '11' }) }, ...unread },
  {
    name: 'with the client id of another order',
    reply: { body: rows(renamed('fxmxOTHEROTHEROTHER2')) },
    ...own,
    submit: S.found,
    query: lie(Q.value, 'venue venue'),
  },
  {
    name: 'without client ids',
    reply: { body: rows(renamed(undefined)) },
    ...own,
    submit: S.found,
    query: lie(Q.value, 'venue venue'),
  },
  {
    name: 'with the number of another order',
    reply: { body: rows(ofType(ENDS, { orderID: '999999999' })) },
    ...own,
    submit: S.found,
    cancel: C.read,
  },
  {
    name: 'of another instrument',
    reply: { body: rows((row) => ('instrument' in row ? { ...row, instrument: 'USD_JPY' } : row)) },
    ...own,
    submit: S.found,
    query: elsewhere(lie(Q.value)),
    stream: elsewhere(lie(T.value)),
  },
  { name: 'of another size', reply: { body: rows(ofType(ORDER, { units: '5000' })) }, ...own, submit: S.found },
  {
    name: 'of the other side',
    reply: { body: rows(minus) },
    ...own,
    submit: S.found,
    query: elsewhere(lie(Q.value)),
    stream: elsewhere(lie(T.value)),
  },
  {
    name: 'with a fill larger than the order',
    reply: { body: rows(ofType(FILL, { units: '2000' })) },
    ...own,
    submit: S.found,
    query: lie(Q.value),
    stream: lie(T.value),
  },
  {
    name: 'with a price that is no number',
    reply: { body: rows(ofType(FILL, { price: 'NaN', fullVWAP: 'NaN' })) },
    ...unread,
    cancel: C.done,
  },
  {
    name: 'with a price of 1e400',
    reply: { body: rows(ofType(FILL, { price: '1e400', fullVWAP: '1e400' })) },
    ...unread,
    cancel: C.done,
  },
  {
    name: 'with a price below zero',
    reply: { body: rows(ofType(FILL, { price: '-1.1', fullVWAP: '-1.1' })) },
    ...unread,
    cancel: C.done,
  },
  {
    name: 'without the cash after the fill',
    reply: { body: rows(ofType(FILL, { accountBalance: undefined })) },
    ...unread,
    cancel: C.done,
  },
  {
    name: 'with numbers that are no strings',
    reply: { body: rows((row) => ({ ...row, units: 1000, orderID: 10 })) },
    ...unread,
  },
  { name: 'with a time that is none', reply: { body: rows((row) => ({ ...row, time: 'yesterday' })) }, ...unread },
  {
    name: 'with a reason nobody knows',
    reply: { body: rows(ofType(ENDS, { reason: 'MERCURY_RETROGRADE' })) },
    ...own,
  },
  {
    name: 'with a type nobody knows',
    reply: { body: rows((row) => ({ ...row, type: 'MOON_PHASE' })) },
    ...own,
    submit: S.found,
    cancel: C.read,
    query: lie(Q.value, 'venue venue'),
    stream: lie(T.value),
  },
  { name: 'with status 200', reply: { status: 200 }, ...own, submit: S.found, stream: T.broken },
  { name: 'with status 201', reply: { status: 201 }, ...heardStatus, submit: S.taken },
  { name: 'with status 202', reply: { status: 202 }, ...heardStatus },
  { name: 'packed, and broken', reply: { headers: { 'content-encoding': 'gzip' } }, ...heardGone },
  {
    name: 'packed, and larger than 8 MiB unpacked',
    reply: { headers: { 'content-encoding': 'gzip' }, body: () => gzipSync(Buffer.alloc(9 * MIB)) },
    ...heardGone,
  },
  { name: 'larger than 8 MiB', reply: { body: () => Buffer.alloc(9 * MIB, 'x') }, ...heardGone },
];

/** No answer, or half of one. */
const CONNECTIONS: readonly Row[] = [
  { name: 'the connection dies after it was done', reply: { end: 'reset' }, ...heardGone },
  { name: 'the connection dies before it was heard', reply: { ...lost, end: 'reset' }, ...lostGone },
  {
    name: 'the connection dies, and it arrives after two looks',
    reply: { reach: 'late', end: 'reset' },
    ...lostGone,
    submit: S.found,
    cancel: { ...C.again, later: 'venue' },
  },
  { name: 'silence after it was done', reply: { end: 'silence' }, ...heardGone },
  { name: 'silence, never heard', reply: { ...lost, end: 'silence' }, ...lostGone },
  { name: 'the connection dies inside the answer', reply: { end: 'cut' }, ...heardGone },
  { name: 'an answer that never ends', reply: { end: 'trickle' }, ...heardGone },
  { name: 'what is no HTTP', reply: { end: 'garbage' }, ...heardGone },
  { name: 'nobody listens: nothing left', reply: { ...lost, end: 'refused' }, ...nothingLeft },
  { name: 'the name is not known: nothing left', reply: { ...lost, end: 'no-name' }, ...nothingLeft },
  { name: 'no TLS there: nothing left', reply: { ...lost, end: 'no-tls' }, ...nothingLeft },
];

const bad = { query: Q.badRequest } as const;
const denied = { query: Q.noAccess, stream: T.noAccess } as const;
const missing = { query: Q.notFound } as const;
const limited = { ...refusedStatus, query: Q.tooMany } as const;

/** Statuses, in OANDA's own words or in others'. */
const STATUSES: readonly Row[] = [
  { name: '200 and a page', reply: { status: 200, body: page }, ...unread, stream: T.broken },
  {
    name: '200 and a page, never heard',
    reply: { ...lost, status: 200, body: page },
    ...unread,
    stream: T.broken,
    submit: S.asked,
    cancel: C.again,
  },
  { name: '200 and nothing', reply: { status: 200, body: text('') }, ...unread, stream: T.broken },
  {
    name: '200 with an error inside',
    reply: { ...lost, status: 200, body: words('no', 'UNITS_INVALID') },
    ...unread,
    stream: T.broken,
    submit: S.asked,
    cancel: C.again,
  },
  { name: '201 and a page', reply: { status: 201, body: page }, ...heardStatus },
  { name: '204', reply: { status: 204, body: text('') }, ...heardStatus },
  {
    name: '301 elsewhere',
    reply: { ...lost, status: 301, headers: { location: 'https://elsewhere.example' } },
    ...lostStatus,
  },
  {
    name: '307 elsewhere',
    reply: { ...lost, status: 307, headers: { location: 'https://elsewhere.example' } },
    ...lostStatus,
  },
  {
    name: '400, not enough margin',
    reply: { ...lost, status: 400, body: text(rejected('INSUFFICIENT_MARGIN')) },
    ...refusedStatus,
    ...bad,
  },
  {
    name: '400, a known code and no row',
    reply: { ...lost, status: 400, body: words('no', 'UNITS_INVALID') },
    ...refusedStatus,
    ...bad,
  },
  {
    name: '400, a stop on the wrong side',
    reply: { ...lost, status: 400, body: text(rejected('STOP_LOSS_ON_FILL_PRICE_INVALID')) },
    ...refusedStatus,
    ...bad,
  },
  {
    name: '400, the id works already',
    reply: { status: 400, body: text(rejected('CLIENT_ORDER_ID_ALREADY_EXISTS')) },
    ...heardStatus,
    ...bad,
  },
  {
    name: '400 about another order',
    reply: { ...lost, status: 400, body: text(rejected('INSUFFICIENT_MARGIN', 'fxmxOTHER')) },
    ...lostStatus,
    ...bad,
  },
  {
    name: '400 with a reason nobody knows',
    reply: { ...lost, status: 400, body: text(rejected('MERCURY_RETROGRADE')) },
    ...lostStatus,
    ...bad,
  },
  {
    name: '400, an error inside the venue',
    reply: { status: 400, body: text(rejected('INTERNAL_SERVER_ERROR')) },
    ...heardStatus,
    ...bad,
  },
  { name: '400 without a code', reply: { ...lost, status: 400, body: words('no') }, ...lostStatus, ...bad },
  { name: '400 and a page', reply: { ...lost, status: 400, body: page }, ...lostStatus, ...bad },
  {
    name: '401',
    reply: { ...lost, status: 401, body: words('Insufficient authorization to perform request.') },
    ...refusedStatus,
    ...denied,
  },
  { name: '401 and a page', reply: { ...lost, status: 401, body: page }, ...lostStatus, ...denied },
  {
    name: '403',
    reply: { ...lost, status: 403, body: words('The provided request was forbidden.') },
    ...refusedStatus,
    ...denied,
  },
  { name: '403 and a page', reply: { ...lost, status: 403, body: page }, ...lostStatus, ...denied },
  {
    name: '404, no such order',
    reply: { ...lost, status: 404, body: words('no', 'NO_SUCH_ORDER') },
    ...lostStatus,
    cancel: C.gone,
    ...missing,
  },
  {
    name: '404, the order does not exist',
    reply: { ...lost, status: 404, body: words('no', 'ORDER_DOESNT_EXIST') },
    ...lostStatus,
    cancel: C.gone,
    ...missing,
  },
  {
    name: '404, no such account',
    reply: { ...lost, status: 404, body: words('no', 'NO_SUCH_ACCOUNT') },
    ...refusedStatus,
    ...missing,
  },
  { name: '404 without a code', reply: { ...lost, status: 404, body: words('no') }, ...refusedStatus, ...missing },
  { name: '404 and a page', reply: { ...lost, status: 404, body: page }, ...lostStatus, ...missing },
  { name: '405', reply: { ...lost, status: 405, body: words('no') }, ...lostStatus },
  { name: '408', reply: { ...lost, status: 408, body: words('no') }, ...lostStatus },
  { name: '409', reply: { ...lost, status: 409, body: words('no') }, ...lostStatus },
  { name: '429', reply: { ...lost, status: 429, body: words('no') }, ...limited },
  {
    name: '429 until a date',
    reply: { ...lost, status: 429, body: page, headers: { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' } },
    ...limited,
  },
  {
    name: '429 for less than no time',
    reply: { ...lost, status: 429, body: text(''), headers: { 'retry-after': '-5' } },
    ...limited,
  },
  {
    name: '429 for ages',
    reply: { ...lost, status: 429, body: text(''), headers: { 'retry-after': '999999999999' } },
    ...limited,
  },
  { name: '500', reply: { ...lost, status: 500, body: words('Internal Server Error') }, ...lostStatus },
  { name: '500 after it was done', reply: { status: 500, body: words('Internal Server Error') }, ...heardStatus },
  {
    name: '500 with the words of a refusal',
    reply: { status: 500, body: text(rejected('INSUFFICIENT_MARGIN')) },
    ...heardStatus,
  },
  { name: '502 and a page', reply: { ...lost, status: 502, body: page }, ...lostStatus },
  { name: '502 and a page after it was done', reply: { status: 502, body: page }, ...heardStatus },
  { name: '503', reply: { ...lost, status: 503, headers: { 'retry-after': '1' }, body: text('') }, ...lostStatus },
  { name: '504 after it was done', reply: { status: 504, body: text('') }, ...heardStatus },
];

/** Every reply that is tried: what it means to an order, a cancel, a look-up and on the stream. No cell is a default. */
export const REPLIES: readonly Row[] = [...OWN, ...CONNECTIONS, ...STATUSES];
