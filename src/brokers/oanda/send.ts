import { FxError } from '../../core/base/errors.js';
import { within } from '../../core/base/num.js';
import type { InstrumentId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import { type ApprovedOrder, signOf } from '../../core/model/order.js';
import type { CancelOutcome, OrderRef, SubmitOutcome, VenueEvent } from '../../core/ports/venue.js';
import { HeldError, type HttpAnswer, WireError } from '../../wire/message.js';
import { redacted } from '../../wire/redact.js';
import { type OandaClient, parsedJson } from './client.js';
import { wireName } from './names.js';
import { type OrderRequest, orderRequest } from './order-request.js';
import { judgeRefusal } from './refusals.js';
import {
  cancelledSchema,
  createdSchema,
  refusalSchema,
  tradesSchema,
  type WireCancel,
  type WireCreated,
} from './schema.js';
import { Translator } from './transactions.js';

type GridOf = (id: InstrumentId) => Promise<Instrument | undefined>;

/** Sends an order once and judges the answer; nothing that venue or network do makes it throw. */
export async function submitOrder(
  client: OandaClient,
  order: ApprovedOrder,
  mayLeave: () => boolean,
  gridOf: GridOf,
): Promise<SubmitOutcome> {
  const request = await prepared(client, order, gridOf);
  if (request.kind === 'impossible') return { kind: 'refused', code: 'NOT_SENT', reason: request.reason };
  let answer: HttpAnswer;
  try {
    const urgent = order.intent.reduceOnly;
    answer = await client.act('POST', '/orders', { order: request.order }, { mayLeave, ...(urgent ? { urgent } : {}) });
  } catch (error) {
    return withoutAnswer(error);
  }
  return answer.status === 201 ? judgeCreated(answer.body, order) : judgeRefusal(answer, order);
}

/** What must be read before an order can be written; when that fails, nothing was sent. */
async function prepared(client: OandaClient, order: ApprovedOrder, gridOf: GridOf): Promise<OrderRequest> {
  const { instrument: id, type } = order.intent;
  try {
    const grid = await gridOf(id);
    if (grid === undefined) return { kind: 'impossible', reason: `the grid of ${id} is not known` };
    const { trades } =
      type === 'trailing-stop' ? await client.read('/openTrades', tradesSchema, {}, true) : { trades: [] };
    return orderRequest(
      order,
      grid,
      trades.filter((trade) => trade.instrument === wireName(id)),
    );
  } catch (error) {
    if (error instanceof FxError) return { kind: 'impossible', reason: error.message };
    throw error;
  }
}

function withoutAnswer(error: unknown): SubmitOutcome {
  if (error instanceof HeldError) return { kind: 'held' };
  if (!(error instanceof WireError)) throw error;
  if (!error.sent) return { kind: 'refused', code: 'NOT_SENT', reason: `nothing was sent: ${error.why}` };
  return { kind: 'unresolved', why: error.why };
}

/** In the order in which they happen. */
const ROWS = [
  'orderCreateTransaction',
  'orderFillTransaction',
  'orderCancelTransaction',
  'orderReissueTransaction',
] as const;

/** Taken, if the answer is about this order and all of it can be read. */
function judgeCreated(body: string, order: ApprovedOrder): SubmitOutcome {
  const value = parsedJson(body);
  const created = createdSchema.safeParse(value);
  if (!created.success) return { kind: 'unresolved', why: 'status 201, and an answer that cannot be read' };
  const other = differenceOf(created.data, order);
  if (other !== undefined) return { kind: 'unresolved', why: `the answer speaks of another order: ${other}` };
  const rows = value as Readonly<Record<string, unknown>>;
  const events = eventsOf(rows);
  if (typeof events === 'string') return { kind: 'unresolved', why: events };
  const { orderCreateTransaction: row, lastTransactionID: cursor } = created.data;
  return { kind: 'accepted', venueId: row.id, events, cursor };
}

/** What the rows of an answer say, or why they cannot be understood: a word nobody knows may mean anything. */
function eventsOf(rows: Readonly<Record<string, unknown>>): readonly VenueEvent[] | string {
  const translator = new Translator();
  const events: VenueEvent[] = [];
  try {
    for (const name of ROWS) {
      if (rows[name] !== undefined) events.push(...translator.events(rows[name]));
    }
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return redacted(error.message);
  }
  const unknown = events.find(({ kind }) => kind === 'other');
  return unknown?.kind === 'other' ? `a row of a type nobody knows: ${redacted(unknown.type)}` : events;
}

/** What in the answer is not of the order that was sent; undefined when all is. */
function differenceOf(created: WireCreated, { clientId, intent }: ApprovedOrder): string | undefined {
  const { orderCreateTransaction: row, orderFillTransaction: fill, orderCancelTransaction: cancel } = created;
  const units = signOf(intent.side) * intent.units;
  const isSame = (a: number, b: number): boolean => within(a, b) && within(b, a);
  const checks: readonly (readonly [string, boolean])[] = [
    ['client id', row.clientExtensions?.id === clientId],
    // A trailing stop has neither: both are its trade's.
    ['instrument', row.instrument === undefined || row.instrument === wireName(intent.instrument)],
    ['units', row.units === undefined || isSame(row.units, units)],
    ['order of the fill', fill === undefined || fill.orderID === row.id],
    ['instrument of the fill', fill === undefined || fill.instrument === wireName(intent.instrument)],
    ['side of the fill', fill === undefined || fill.units * units > 0],
    ['units of the fill', fill === undefined || within(Math.abs(fill.units), intent.units)],
    ['order of the cancel', cancel === undefined || cancel.orderID === row.id],
  ];
  return checks.find(([, holds]) => !holds)?.[0];
}

const GONE: ReadonlySet<string> = new Set(['ORDER_DOESNT_EXIST', 'NO_SUCH_ORDER']);

/**
 * Asks for the end of an order. A repeat is harmless, so the caller may ask again. What a partial fill left works under the
 * same client id and another number: when the number is gone, the id is asked for as well.
 */
export async function cancelOrder(client: OandaClient, { venueId, clientId }: OrderRef): Promise<CancelOutcome> {
  if (venueId === undefined) {
    if (clientId === undefined) return { kind: 'gone', reason: 'an order without an id' };
    return cancelOne(client, `@${clientId}`, (row) => row.clientOrderID === clientId);
  }
  const outcome = await cancelOne(client, venueId, (row) => row.orderID === venueId);
  if (outcome.kind !== 'gone' || clientId === undefined) return outcome;
  return cancelOne(client, `@${clientId}`, (row) => row.clientOrderID === clientId);
}

async function cancelOne(
  client: OandaClient,
  name: string,
  isIt: (row: WireCancel) => boolean,
): Promise<CancelOutcome> {
  let answer: HttpAnswer;
  try {
    answer = await client.act('PUT', `/orders/${encodeURIComponent(name)}/cancel`, undefined, { urgent: true });
  } catch (error) {
    if (error instanceof WireError || error instanceof HeldError) return { kind: 'unresolved', why: error.message };
    throw error;
  }
  const value = parsedJson(answer.body);
  if (answer.status === 200) return judgeCancelled(value, isIt);
  const refusal = refusalSchema.safeParse(value);
  const code = refusal.data?.errorCode ?? '';
  // Only in OANDA's own words: a page of something in between says nothing about the order.
  if (answer.status === 404 && GONE.has(code)) {
    return { kind: 'gone', reason: redacted(refusal.data?.errorMessage ?? '') };
  }
  return { kind: 'unresolved', why: `status ${answer.status}${code === '' ? '' : `, ${redacted(code)}`}` };
}

function judgeCancelled(value: unknown, isIt: (row: WireCancel) => boolean): CancelOutcome {
  const cancelled = cancelledSchema.safeParse(value);
  if (!cancelled.success) return { kind: 'unresolved', why: 'status 200, and an answer that cannot be read' };
  if (!isIt(cancelled.data.orderCancelTransaction)) {
    return { kind: 'unresolved', why: 'the answer speaks of another order' };
  }
  const events = new Translator().events((value as typeof cancelled.data).orderCancelTransaction);
  const isEnd = events.every(({ kind }) => kind === 'cancelled' || kind === 'expired');
  return isEnd ? { kind: 'cancelled', events } : { kind: 'unresolved', why: 'a row of a type nobody knows' };
}
