import { z } from 'zod';
import { rollAfter } from '../../../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../../../core/model/ids.js';
import type { SandboxInstrument } from '../message.js';
import { isTaken } from './orders.js';
import type { AccountState, OnFill, Ticket, Trade } from './state.js';
import { type Json, parseTime, writtenDigits } from './text.js';

const number = z.string().regex(/^-?\d+(\.\d+)?$/);
const extensions = z.strictObject({
  id: z.string().max(128).optional(),
  tag: z.string().max(128).optional(),
  comment: z.string().max(128).optional(),
});
const trigger = z.enum(['DEFAULT', 'INVERSE', 'BID', 'ASK', 'MID']);
const timeInForce = z.enum(['GTC', 'GTD', 'GFD', 'FOK', 'IOC']);
const child = z.strictObject({
  price: number.optional(),
  distance: number.optional(),
  timeInForce: timeInForce.optional(),
  gtdTime: z.string().optional(),
  triggerCondition: trigger.optional(),
  guaranteed: z.boolean().optional(),
  clientExtensions: extensions.optional(),
});
const common = { timeInForce: timeInForce.optional(), clientExtensions: extensions.optional() };
const waiting = { gtdTime: z.string().optional(), triggerCondition: trigger.optional() };
const entry = {
  ...common,
  instrument: z.string(),
  units: number,
  positionFill: z.enum(['DEFAULT', 'OPEN_ONLY', 'REDUCE_FIRST', 'REDUCE_ONLY']).optional(),
  takeProfitOnFill: child.optional(),
  stopLossOnFill: child.optional(),
  trailingStopLossOnFill: child.optional(),
  guaranteedStopLossOnFill: child.optional(),
  tradeClientExtensions: extensions.optional(),
};
const attached = { ...common, ...waiting, tradeID: z.string().optional(), clientTradeID: z.string().optional() };
const bound = { priceBound: number.optional() };

/** The form of an order as a client may send it. Whether the venue takes it is another question. */
export const orderForm = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('MARKET'), ...entry, ...bound }),
  z.strictObject({ type: z.literal('LIMIT'), ...entry, ...waiting, price: number }),
  z.strictObject({ type: z.literal('STOP'), ...entry, ...waiting, ...bound, price: number }),
  z.strictObject({ type: z.literal('MARKET_IF_TOUCHED'), ...entry, ...waiting, ...bound, price: number }),
  z.strictObject({ type: z.literal('TAKE_PROFIT'), ...attached, price: number }),
  z.strictObject({
    type: z.literal('STOP_LOSS'),
    ...attached,
    price: number.optional(),
    distance: number.optional(),
    guaranteed: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('TRAILING_STOP_LOSS'), ...attached, distance: number }),
]);
export const childForm = child;
export const extensionsForm = extensions;
export type OrderForm = z.infer<typeof orderForm>;
export type ChildForm = z.infer<typeof child>;

export type Checked = { readonly ticket: Ticket } | { readonly rejectReason: string };

const reject = (rejectReason: string): Checked => ({ rejectReason });

/** What the venue makes of an order: a ticket, or the reason on its list of refusals. */
export function checkOrder(account: AccountState, form: OrderForm, at: EpochMs, replaces?: string): Checked {
  if (isReused(account, form.clientExtensions?.id, replaces)) return reject('CLIENT_ORDER_ID_ALREADY_EXISTS');
  return 'instrument' in form ? checkEntry(account, form, at) : checkAttached(account, form, at, replaces);
}

function isReused(account: AccountState, id: string | undefined, replaces: string | undefined): boolean {
  if (replaces !== undefined && account.pending.get(replaces)?.clientExtensions?.id === id) return false;
  return isTaken(account, id);
}

type EntryForm = Extract<OrderForm, { readonly instrument: string }>;
type AttachedForm = Exclude<OrderForm, EntryForm>;

function checkEntry(account: AccountState, form: EntryForm, at: EpochMs): Checked {
  const instrument = account.desk.market.instruments.get(form.instrument);
  if (instrument === undefined) return reject('INSTRUMENT_UNKNOWN');
  if (form.guaranteedStopLossOnFill !== undefined || form.stopLossOnFill?.guaranteed === true) {
    return reject('STOP_LOSS_ON_FILL_GUARANTEED_NOT_ALLOWED');
  }
  const wrong =
    wrongUnits(form.units, instrument) ??
    ('price' in form ? wrongPrice(form.price, instrument) : undefined) ??
    wrongBound('priceBound' in form ? form.priceBound : undefined, instrument) ??
    wrongTime(form, at) ??
    wrongChildren(form, instrument, at);
  if (wrong !== undefined) return reject(wrong);
  if (account.desk.market.quote(form.instrument) === undefined) return reject('INSTRUMENT_PRICE_UNKNOWN');
  return { ticket: ticketOf(form, at) };
}

function ticketOf(form: EntryForm, at: EpochMs): Ticket {
  const isMarket = form.type === 'MARKET';
  const bound = 'priceBound' in form ? form.priceBound : undefined;
  return {
    type: form.type,
    instrument: form.instrument,
    units: Number(form.units),
    price: 'price' in form ? Number(form.price) : undefined,
    priceBound: bound === undefined ? undefined : Number(bound),
    timeInForce: form.timeInForce ?? (isMarket ? 'FOK' : 'GTC'),
    gtdAt: isMarket ? undefined : expiryOf(form, at),
    positionFill: form.positionFill ?? 'DEFAULT',
    triggerCondition: isMarket ? undefined : (form.triggerCondition ?? 'DEFAULT'),
    clientExtensions: form.clientExtensions,
    tradeClientExtensions: form.tradeClientExtensions,
    takeProfitOnFill: onFill(form.takeProfitOnFill, at),
    stopLossOnFill: onFill(form.stopLossOnFill, at),
    trailingStopLossOnFill: onFill(form.trailingStopLossOnFill, at),
  };
}

/** The defaults of a stop or target filled in. */
export function onFill<F extends ChildForm | undefined>(form: F, at: EpochMs): OnFill | Extract<F, undefined>;
export function onFill(form: ChildForm | undefined, at: EpochMs): OnFill | undefined {
  if (form === undefined) return undefined;
  return {
    price: form.price === undefined ? undefined : Number(form.price),
    distance: form.distance === undefined ? undefined : Number(form.distance),
    timeInForce: form.timeInForce ?? 'GTC',
    gtdAt: expiryOf(form, at),
    triggerCondition: form.triggerCondition ?? 'DEFAULT',
    clientExtensions: form.clientExtensions,
  };
}

interface TimeForm {
  readonly timeInForce?: string | undefined;
  readonly gtdTime?: string | undefined;
}

/** When an order ends by itself: a GTD at its time, a GFD at the next 17:00 New York. */
function expiryOf({ timeInForce, gtdTime }: TimeForm, at: EpochMs): EpochMs | undefined {
  if (timeInForce === 'GFD') return rollAfter(at);
  return timeInForce === 'GTD' && gtdTime !== undefined ? parseTime(gtdTime) : undefined;
}

function wrongUnits(text: string, instrument: SandboxInstrument): string | undefined {
  const size = Math.abs(Number(text));
  if (size === 0) return 'UNITS_INVALID';
  if (writtenDigits(text) > instrument.tradeUnitsPrecision) return 'UNITS_PRECISION_EXCEEDED';
  if (size < instrument.minimumTradeSize) return 'UNITS_MIMIMUM_NOT_MET';
  return size > instrument.maximumOrderUnits ? 'UNITS_LIMIT_EXCEEDED' : undefined;
}

function wrongPrice(text: string, instrument: SandboxInstrument): string | undefined {
  if (Number(text) <= 0) return 'PRICE_INVALID';
  return writtenDigits(text) > instrument.displayPrecision ? 'PRICE_PRECISION_EXCEEDED' : undefined;
}

function wrongBound(text: string | undefined, instrument: SandboxInstrument): string | undefined {
  if (text === undefined) return undefined;
  if (Number(text) <= 0) return 'PRICE_BOUND_INVALID';
  return writtenDigits(text) > instrument.displayPrecision ? 'PRICE_BOUND_PRECISION_EXCEEDED' : undefined;
}

const TIMES: Readonly<Record<OrderForm['type'], string>> = {
  MARKET: 'FOK IOC',
  LIMIT: 'GTC GTD GFD FOK IOC',
  STOP: 'GTC GTD GFD FOK IOC',
  MARKET_IF_TOUCHED: 'GTC GTD GFD',
  TAKE_PROFIT: 'GTC GTD GFD',
  STOP_LOSS: 'GTC GTD GFD',
  TRAILING_STOP_LOSS: 'GTC GTD GFD',
};

function wrongTime(form: TimeForm & { readonly type: OrderForm['type'] }, at: EpochMs): string | undefined {
  const { timeInForce: name, gtdTime } = form;
  if (name === undefined) return undefined;
  if (!TIMES[form.type].split(' ').includes(name)) return 'TIME_IN_FORCE_INVALID';
  if (name !== 'GTD') return undefined;
  const time = gtdTime === undefined ? undefined : parseTime(gtdTime);
  if (time === undefined) return 'TIME_IN_FORCE_GTD_TIMESTAMP_MISSING';
  return time <= at ? 'TIME_IN_FORCE_GTD_TIMESTAMP_IN_PAST' : undefined;
}

function wrongChildren(form: EntryForm, instrument: SandboxInstrument, at: EpochMs): string | undefined {
  const { takeProfitOnFill: target, stopLossOnFill: stop, trailingStopLossOnFill: trail } = form;
  const ids = [form.clientExtensions?.id, ...[target, stop, trail].map((one) => one?.clientExtensions?.id)];
  const given = ids.filter((id) => id !== undefined);
  if (new Set(given).size < given.length) return 'ORDERS_ON_FILL_DUPLICATE_CLIENT_ORDER_IDS';
  return (
    wrongChild('TAKE_PROFIT', target, instrument, at) ??
    wrongChild('STOP_LOSS', stop, instrument, at) ??
    wrongChild('TRAILING_STOP_LOSS', trail, instrument, at)
  );
}

type ChildType = 'TAKE_PROFIT' | 'STOP_LOSS' | 'TRAILING_STOP_LOSS';

/** The reason a stop or target that comes with a fill is refused. */
export function wrongChild(
  type: ChildType,
  form: ChildForm | undefined,
  instrument: SandboxInstrument,
  at: EpochMs,
): string | undefined {
  if (form === undefined) return undefined;
  const level = wrongLevels(type, form, instrument);
  if (level !== undefined) return level.replace(type, `${type}_ON_FILL`);
  const time = wrongTime({ ...form, type }, at);
  return time === undefined ? undefined : `${type}_ON_FILL_${time.replace('TIME_IN_FORCE_GTD', 'GTD')}`;
}

/** The reason with the order's type before it, as the list has them for what comes with a fill. */
function wrongLevels(type: ChildType, form: ChildForm, instrument: SandboxInstrument): string | undefined {
  const { price, distance } = form;
  if (type === 'STOP_LOSS' && price !== undefined && distance !== undefined) {
    return `${type}_PRICE_AND_DISTANCE_BOTH_SPECIFIED`;
  }
  if (type === 'STOP_LOSS' && price === undefined && distance === undefined) {
    return `${type}_PRICE_AND_DISTANCE_BOTH_MISSING`;
  }
  if (type === 'TAKE_PROFIT' && price === undefined) return `${type}_PRICE_MISSING`;
  if (type === 'TRAILING_STOP_LOSS' && distance === undefined) return `${type}_PRICE_DISTANCE_MISSING`;
  const wrong = price === undefined ? undefined : wrongPrice(price, instrument);
  if (wrong !== undefined) return `${type}_${wrong}`;
  if (distance === undefined) return undefined;
  const far = wrongDistance(type, distance, instrument);
  return far === undefined ? undefined : `${type}_${far}`;
}

function wrongDistance(type: ChildType, text: string, instrument: SandboxInstrument): string | undefined {
  const trailing = type === 'TRAILING_STOP_LOSS';
  const name = trailing ? 'PRICE_DISTANCE' : 'DISTANCE';
  const value = Number(text);
  if (value <= 0) return `${name}_INVALID`;
  if (writtenDigits(text) > instrument.displayPrecision) return `${name}_PRECISION_EXCEEDED`;
  if (trailing && value < instrument.minimumTrailingStopDistance) return `${name}_MINIMUM_NOT_MET`;
  return trailing && value > instrument.maximumTrailingStopDistance ? `${name}_MAXIMUM_EXCEEDED` : undefined;
}

function checkAttached(account: AccountState, form: AttachedForm, at: EpochMs, replaces?: string): Checked {
  const trade = tradeOf(account, form.tradeID, form.clientTradeID);
  if (form.tradeID === undefined && form.clientTradeID === undefined) return reject('TRADE_ID_UNSPECIFIED');
  const instrument = account.desk.market.instruments.get(trade?.instrument ?? '');
  if (trade === undefined || instrument === undefined) return reject('TRADE_DOESNT_EXIST');
  if (form.type === 'STOP_LOSS' && form.guaranteed === true) return reject('STOP_LOSS_ORDER_GUARANTEED_NOT_ALLOWED');
  const wrong = wrongLevels(form.type, form, instrument);
  if (wrong !== undefined) return reject(aloneReason(form.type, wrong));
  const time = wrongTime(form, at);
  if (time !== undefined) return reject(time);
  const same = [...account.pending.values()].some(
    (order) => order.ticket.tradeID === trade.id && order.ticket.type === form.type && order.id !== replaces,
  );
  if (same) return reject(`${form.type}_ORDER_ALREADY_EXISTS`);
  const details = onFill(
    {
      price: 'price' in form ? form.price : undefined,
      distance: 'distance' in form ? form.distance : undefined,
      timeInForce: form.timeInForce,
      gtdTime: form.gtdTime,
      triggerCondition: form.triggerCondition,
      clientExtensions: form.clientExtensions,
    },
    at,
  );
  const far = details.distance ?? 0;
  const fromTrade = form.type === 'STOP_LOSS' && details.price === undefined;
  return {
    ticket: {
      type: form.type,
      instrument: trade.instrument,
      units: 0,
      tradeID: trade.id,
      clientTradeID: trade.clientExtensions?.id,
      ...details,
      price: fromTrade ? trade.price - Math.sign(trade.units) * far : details.price,
    },
  };
}

/** Names of the list for an order of its own: `PRICE_INVALID`, where a child has `STOP_LOSS_ON_FILL_PRICE_INVALID`. */
function aloneReason(type: ChildType, reason: string): string {
  const bare = reason.slice(type.length + 1);
  if (bare.startsWith('PRICE_AND_DISTANCE')) return `STOP_LOSS_ORDER_${bare}`;
  return bare.startsWith('DISTANCE') ? `PRICE_${bare}` : bare;
}

/** An open trade by its id or by the client's. */
export function tradeOf(
  account: AccountState,
  id: string | undefined,
  clientID: string | undefined,
): Trade | undefined {
  if (id !== undefined) return account.open.get(id);
  if (clientID === undefined) return undefined;
  return [...account.open.values()].find((trade) => trade.clientExtensions?.id === clientID);
}

/** The first thing wrong with a form, in the venue's words. */
export function formError(error: z.ZodError, prefix: string): string {
  const path = error.issues[0]?.path ?? [];
  return `Invalid value specified for '${[prefix, ...path.map(String)].filter((part) => part !== '').join('.')}'`;
}

/** What a refusal repeats of the order that was sent. */
export function echo(form: OrderForm): Json {
  const { type, ...rest } = form;
  const isMarket = type === 'MARKET';
  return {
    timeInForce: isMarket ? 'FOK' : 'GTC',
    triggerCondition: isMarket ? undefined : 'DEFAULT',
    positionFill: 'instrument' in form ? 'DEFAULT' : undefined,
    ...rest,
  };
}
