import type { OrderRecord } from '../../../src/core/orders/records.js';
import type { CancelOutcome, SubmitOutcome } from '../../../src/core/ports/venue.js';
import { type HttpAnswer, WireError } from '../../../src/wire/message.js';
import { OUR_ID } from '../../helpers/oanda-wire.js';

/** What follows from a reply: what is known, whether the order counts against the limits, what may leave next, what is written. */
export interface Cell<Outcome extends string> {
  readonly outcome: Outcome;
  readonly counts: 'yes' | 'no' | 'as last known';
  readonly next: string;
  readonly record: OrderRecord['type'] | 'nothing';
}

type Reading =
  | 'value'
  | 'ends'
  | `BROKER.${'UNREACHABLE' | 'UNAVAILABLE' | 'NO_ACCESS' | 'NOT_FOUND' | 'RATE_LIMITED' | 'BAD_REQUEST' | 'MALFORMED' | 'STREAM'}`;

export interface FaultRow {
  readonly name: string;
  readonly reply: HttpAnswer | WireError;
  readonly submit: Cell<SubmitOutcome['kind']>;
  readonly cancel: Cell<CancelOutcome['kind']>;
  readonly query: Cell<Reading>;
  readonly stream: Cell<Reading>;
}

const taken = { outcome: 'accepted', counts: 'yes', next: 'its cancel', record: 'accepted' } as const;
const refused = { outcome: 'refused', counts: 'no', next: 'a new decision', record: 'refusal' } as const;
const doubt = { outcome: 'unresolved', counts: 'yes', next: 'look-ups', record: 'unresolved' } as const;
const ended = { outcome: 'cancelled', counts: 'no', next: 'anything', record: 'venue' } as const;
const gone = { outcome: 'gone', counts: 'yes', next: 'a read of the record', record: 'cancel-request' } as const;
const again = { outcome: 'unresolved', counts: 'yes', next: 'the same cancel', record: 'cancel-request' } as const;
const reading = <T extends Reading>(outcome: T): Cell<T> => ({
  outcome,
  counts: 'as last known',
  next: outcome === 'value' ? 'anything' : 'reads, cancels and what reduces',
  record: 'nothing',
});
const unreachable = reading('BROKER.UNREACHABLE');
const unavailable = reading('BROKER.UNAVAILABLE');
const noAccess = reading('BROKER.NO_ACCESS');
const malformed = reading('BROKER.MALFORMED');
const broken = reading('BROKER.STREAM');

const said = (status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

const time = '2024-01-10T15:00:00.000000000Z';
const row = {
  id: '10',
  time,
  type: 'MARKET_ORDER',
  instrument: 'EUR_USD',
  units: '1000',
  clientExtensions: { id: OUR_ID },
};
const fill = {
  id: '11',
  time,
  type: 'ORDER_FILL',
  orderID: '10',
  clientOrderID: OUR_ID,
  instrument: 'EUR_USD',
  units: '1000',
  fullVWAP: '1.10020',
  price: '1.10020',
  reason: 'MARKET_ORDER',
  pl: '0.0000',
  financing: '0.0000',
  commission: '0.0000',
  accountBalance: '100000.0000',
};
const cancelRow = {
  id: '11',
  time,
  type: 'ORDER_CANCEL',
  orderID: '10',
  clientOrderID: OUR_ID,
  reason: 'MARKET_HALTED',
};
const created = (more: object = {}, order: object = {}) => ({
  orderCreateTransaction: { ...row, ...order },
  lastTransactionID: '11',
  ...more,
});
const rejected = (rejectReason: string, id: string = OUR_ID) => ({
  orderRejectTransaction: { ...row, id: '12', type: 'MARKET_ORDER_REJECT', rejectReason, clientExtensions: { id } },
  errorCode: rejectReason,
  errorMessage: 'no',
  lastTransactionID: '12',
});
const html = '<html><body><h1>502 Bad Gateway</h1></body></html>';

const read201 = { query: unavailable, stream: broken } as const;
const read400 = { query: reading('BROKER.BAD_REQUEST'), stream: broken } as const;
const read5xx = { query: unavailable, stream: broken } as const;
const neither = { submit: doubt, cancel: again } as const;
const noAnswer = { ...neither, query: unreachable, stream: broken } as const;

/** Every reply is judged as the answer to an order, to a cancel, to a read of positions and on a stream. No cell is a default. */
export const REPLIES: readonly FaultRow[] = [
  { name: '201, taken', reply: said(201, created()), submit: taken, cancel: again, ...read201 },
  {
    name: '201, taken and filled',
    reply: said(201, created({ orderFillTransaction: fill })),
    submit: taken,
    cancel: again,
    ...read201,
  },
  {
    name: '201, taken and killed',
    reply: said(201, created({ orderCancelTransaction: cancelRow })),
    submit: taken,
    cancel: again,
    ...read201,
  },
  {
    name: '201 with the id of another order',
    reply: said(201, created({}, { clientExtensions: { id: 'fxsmOTHER' } })),
    ...neither,
    ...read201,
  },
  { name: '201 without an id', reply: said(201, created({}, { clientExtensions: undefined })), ...neither, ...read201 },
  {
    name: '201 of another instrument',
    reply: said(201, created({}, { instrument: 'USD_JPY' })),
    ...neither,
    ...read201,
  },
  { name: '201 of another size', reply: said(201, created({}, { units: '100000' })), ...neither, ...read201 },
  { name: '201 of the other side', reply: said(201, created({}, { units: '-1000' })), ...neither, ...read201 },
  {
    name: '201 with the fill of another order',
    reply: said(201, created({ orderFillTransaction: { ...fill, orderID: '9' } })),
    ...neither,
    ...read201,
  },
  {
    name: '201 with a fill larger than the order',
    reply: said(201, created({ orderFillTransaction: { ...fill, units: '2000' } })),
    ...neither,
    ...read201,
  },
  {
    name: '201 with a fill the other way',
    reply: said(201, created({ orderFillTransaction: { ...fill, units: '-1000' } })),
    ...neither,
    ...read201,
  },
  {
    name: '201 with a price that is no number',
    reply: said(201, created({ orderFillTransaction: { ...fill, fullVWAP: 'NaN' } })),
    ...neither,
    ...read201,
  },
  {
    name: '201 with a price of 1e400',
    reply: said(201, created({ orderFillTransaction: { ...fill, fullVWAP: '1e400' } })),
    ...neither,
    ...read201,
  },
  {
    name: '201 with numbers that are no strings',
    reply: said(201, created({}, { units: 1000 })),
    ...neither,
    ...read201,
  },
  { name: '201 without a row', reply: said(201, { lastTransactionID: '11' }), ...neither, ...read201 },
  { name: '201 and nothing', reply: said(201, ''), ...neither, ...read201 },
  { name: '201 and half an answer', reply: said(201, JSON.stringify(created()).slice(0, 60)), ...neither, ...read201 },
  { name: '201 and a page', reply: said(201, html), ...neither, ...read201 },
  { name: '200 and a page', reply: said(200, html), ...neither, query: malformed, stream: malformed },
  { name: '200 and nothing', reply: said(200, ''), ...neither, query: malformed, stream: broken },
  {
    name: '200 with an error inside',
    reply: said(200, { errorMessage: 'no', errorCode: 'UNITS_INVALID' }),
    ...neither,
    query: malformed,
    stream: malformed,
  },
  { name: '200 as to an order', reply: said(200, created()), ...neither, query: malformed, stream: malformed },
  {
    name: '200 as to a cancel',
    reply: said(200, { orderCancelTransaction: { ...cancelRow, reason: 'CLIENT_REQUEST' }, lastTransactionID: '11' }),
    submit: doubt,
    cancel: ended,
    query: malformed,
    stream: malformed,
  },
  {
    name: '200 as to the cancel of another order',
    reply: said(200, { orderCancelTransaction: { ...cancelRow, orderID: '9' }, lastTransactionID: '11' }),
    ...neither,
    query: malformed,
    stream: malformed,
  },
  {
    name: '200 as to a read',
    reply: said(200, { positions: [], lastTransactionID: '11' }),
    ...neither,
    query: reading('value'),
    stream: malformed,
  },
  {
    name: '200, a heartbeat',
    reply: said(200, { type: 'HEARTBEAT', time, lastTransactionID: '11' }),
    ...neither,
    query: malformed,
    stream: reading('value'),
  },
  {
    name: '200, a row of a type nobody knows',
    reply: said(200, { type: 'MOON_PHASE', id: '12', time }),
    ...neither,
    query: malformed,
    stream: reading('value'),
  },
  { name: '200, a fill', reply: said(200, fill), ...neither, query: malformed, stream: reading('value') },
  {
    name: '200, a fill without its price',
    reply: said(200, { ...fill, accountBalance: undefined }),
    ...neither,
    query: malformed,
    stream: malformed,
  },
  { name: '204', reply: said(204, ''), ...neither, ...read5xx },
  { name: '301 elsewhere', reply: said(301, '', { location: 'https://elsewhere.example' }), ...neither, ...read5xx },
  { name: '307 elsewhere', reply: said(307, '', { location: 'https://elsewhere.example' }), ...neither, ...read5xx },
  {
    name: '400, not enough margin',
    reply: said(400, rejected('INSUFFICIENT_MARGIN')),
    submit: refused,
    cancel: again,
    ...read400,
  },
  {
    name: '400, a known code and no row',
    reply: said(400, { errorCode: 'UNITS_INVALID', errorMessage: 'no' }),
    submit: refused,
    cancel: again,
    ...read400,
  },
  {
    name: '400, a stop on the wrong side',
    reply: said(400, rejected('STOP_LOSS_ON_FILL_PRICE_INVALID')),
    submit: refused,
    cancel: again,
    ...read400,
  },
  {
    name: '400, the id works already',
    reply: said(400, rejected('CLIENT_ORDER_ID_ALREADY_EXISTS')),
    ...neither,
    ...read400,
  },
  {
    name: '400 about another order',
    reply: said(400, rejected('INSUFFICIENT_MARGIN', 'fxsmOTHER')),
    ...neither,
    ...read400,
  },
  { name: '400 with a reason nobody knows', reply: said(400, rejected('MERCURY_RETROGRADE')), ...neither, ...read400 },
  {
    name: '400, an error inside the venue',
    reply: said(400, rejected('INTERNAL_SERVER_ERROR')),
    ...neither,
    ...read400,
  },
  { name: '400 without a code', reply: said(400, { errorMessage: 'no' }), ...neither, ...read400 },
  { name: '400 and a page', reply: said(400, html), ...neither, ...read400 },
  {
    name: '401',
    reply: said(401, { errorMessage: 'Insufficient authorization' }),
    submit: refused,
    cancel: again,
    query: noAccess,
    stream: noAccess,
  },
  { name: '401 and a page', reply: said(401, html), ...neither, query: noAccess, stream: noAccess },
  {
    name: '403',
    reply: said(403, { errorMessage: 'forbidden' }),
    submit: refused,
    cancel: again,
    query: noAccess,
    stream: noAccess,
  },
  { name: '403 and a page', reply: said(403, html), ...neither, query: noAccess, stream: noAccess },
  {
    name: '404, no such order',
    reply: said(404, { errorMessage: 'no', errorCode: 'NO_SUCH_ORDER' }),
    submit: doubt,
    cancel: gone,
    query: reading('BROKER.NOT_FOUND'),
    stream: broken,
  },
  {
    name: '404, the order does not exist',
    reply: said(404, { ...rejected('ORDER_DOESNT_EXIST'), orderRejectTransaction: undefined }),
    submit: doubt,
    cancel: gone,
    query: reading('BROKER.NOT_FOUND'),
    stream: broken,
  },
  {
    name: '404 without a code',
    reply: said(404, { errorMessage: 'no' }),
    submit: refused,
    cancel: again,
    query: reading('BROKER.NOT_FOUND'),
    stream: broken,
  },
  { name: '404 and a page', reply: said(404, html), ...neither, query: reading('BROKER.NOT_FOUND'), stream: broken },
  { name: '405', reply: said(405, { errorMessage: 'no' }), ...neither, ...read5xx },
  { name: '409', reply: said(409, { errorMessage: 'no' }), ...neither, ...read5xx },
  {
    name: '429',
    reply: said(429, '', { 'retry-after': '1' }),
    submit: refused,
    cancel: again,
    query: reading('BROKER.RATE_LIMITED'),
    stream: broken,
  },
  { name: '500', reply: said(500, { errorMessage: 'Internal Server Error' }), ...neither, ...read5xx },
  {
    name: '500 with the words of a refusal',
    reply: said(500, rejected('INSUFFICIENT_MARGIN')),
    ...neither,
    ...read5xx,
  },
  { name: '502 and a page', reply: said(502, html), ...neither, ...read5xx },
  { name: '503', reply: said(503, ''), ...neither, ...read5xx },
  { name: '504', reply: said(504, ''), ...neither, ...read5xx },
  { name: 'no answer in time', reply: new WireError('timeout', true), ...noAnswer },
  { name: 'the connection broke', reply: new WireError('reset', true), ...noAnswer },
  { name: 'the connection was closed', reply: new WireError('closed', true), ...noAnswer },
  { name: 'the answer was too large', reply: new WireError('too-large', true), ...noAnswer },
  {
    name: 'nobody listens, nothing was sent',
    reply: new WireError('refused', false),
    submit: refused,
    cancel: again,
    query: unreachable,
    stream: broken,
  },
  {
    name: 'the name is not known, nothing was sent',
    reply: new WireError('dns', false),
    submit: refused,
    cancel: again,
    query: unreachable,
    stream: broken,
  },
  {
    name: 'no time to connect, nothing was sent',
    reply: new WireError('timeout', false),
    submit: refused,
    cancel: again,
    query: unreachable,
    stream: broken,
  },
  {
    name: 'the certificate is not theirs, nothing was sent',
    reply: new WireError('tls', false),
    submit: refused,
    cancel: again,
    query: unreachable,
    stream: broken,
  },
];
