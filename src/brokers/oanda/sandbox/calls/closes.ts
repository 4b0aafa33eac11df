import { execute } from '../desk/fills.js';
import { attach, cancelOrder, createOrder, isTaken } from '../desk/orders.js';
import type { AccountState, Batch, OrderType, Trade } from '../desk/state.js';
import { decimal, type Json } from '../desk/text.js';
import { childForm, extensionsForm, onFill, tradeOf, wrongChild } from '../desk/tickets.js';
import { closeTrade, isDue } from '../desk/triggers.js';
import { gridOf, positionView, tradeView } from '../desk/views.js';
import { type Answer, type Asked, failed, lastIDs, ok, refused } from './reply.js';

const SIZE = /^(ALL|NONE|\d+(\.\d+)?)$/;

function openTrade(account: AccountState, name: string): Trade | undefined {
  return name.startsWith('@') ? tradeOf(account, undefined, name.slice(1)) : tradeOf(account, name, undefined);
}

/** `PUT /trades/{spec}/close`. */
export function close({ account, batch, name, body }: Asked): Answer {
  const units = (body as { readonly units?: unknown } | null | undefined)?.units ?? 'ALL';
  if (typeof units !== 'string' || !SIZE.test(units) || units === 'NONE') {
    return failed(400, "Invalid value specified for 'units'");
  }
  const trade = openTrade(account, name);
  const tradeClose = { tradeID: trade?.id ?? name.replace('@', ''), units };
  const size = units === 'ALL' ? Math.abs(trade?.units ?? 0) : Number(units);
  const reason = whyNotClose(trade, size);
  if (trade === undefined || reason !== undefined) {
    const fields = { ...MARKET, reason: 'TRADE_CLOSE', tradeClose, rejectReason: reason };
    const record = account.record('MARKET_ORDER_REJECT', fields, batch);
    const status = trade === undefined ? 404 : 400;
    return refused(account, batch, status, reason ?? '', { orderRejectTransaction: record });
  }
  const signed = -Math.sign(trade.units) * size;
  const { record, after } = closeTrade(account, trade, signed, 'TRADE_CLOSE', batch, { tradeClose });
  return ok({
    orderCreateTransaction: record,
    orderFillTransaction: after.find((one) => one['type'] === 'ORDER_FILL'),
    orderCancelTransaction: after.find((one) => one['type'] === 'ORDER_CANCEL' && one['orderID'] === record['id']),
    ...lastIDs(account, batch),
  });
}

function whyNotClose(trade: Trade | undefined, size: number): string | undefined {
  if (trade === undefined) return 'TRADE_DOESNT_EXIST';
  if (size > Math.abs(trade.units)) return 'CLOSE_TRADE_UNITS_EXCEED_TRADE_SIZE';
  return size === 0 ? 'UNITS_INVALID' : undefined;
}

const MARKET = { timeInForce: 'FOK', positionFill: 'REDUCE_ONLY' } as const;

interface Side {
  readonly key: 'long' | 'short';
  readonly asked: string;
  /** Signed; 0 when the side is not open. */
  readonly held: number;
  readonly reason: string | undefined;
}

/** `PUT /positions/{instrument}/close`: one side that cannot be closed refuses both. */
export function closePosition({ account, batch, name, body }: Asked): Answer {
  if (!account.desk.market.instruments.has(name)) return failed(400, "Invalid value specified for 'instrument'");
  const form = (body ?? {}) as { readonly longUnits?: unknown; readonly shortUnits?: unknown };
  const sides: Side[] = [];
  for (const key of ['long', 'short'] as const) {
    const asked = form[`${key}Units`] ?? 'NONE';
    if (typeof asked !== 'string' || !SIZE.test(asked)) {
      return failed(400, `Invalid value specified for '${key}Units'`);
    }
    if (asked !== 'NONE') sides.push(sideOf(account, name, key, asked));
  }
  if (sides.length === 0)
    return failed(400, 'No side of the position was asked to be closed', 'CLOSEOUT_POSITION_INCOMPLETE_SPECIFICATION');
  const wrong = sides.find((side) => side.reason !== undefined)?.reason;
  return wrong === undefined
    ? closeSides(account, name, sides, batch)
    : refuseSides(account, name, sides, wrong, batch);
}

function sideOf(account: AccountState, name: string, key: 'long' | 'short', asked: string): Side {
  const sign = key === 'long' ? 1 : -1;
  const held = account
    .openTrades(name)
    .filter((trade) => Math.sign(trade.units) === sign)
    .reduce((sum, trade) => sum + trade.units, 0);
  const size = asked === 'ALL' ? Math.abs(held) : Number(asked);
  if (held === 0) return { key, asked, held, reason: 'CLOSEOUT_POSITION_DOESNT_EXIST' };
  const reason =
    size > Math.abs(held) ? 'CLOSEOUT_POSITION_UNITS_EXCEED_POSITION_SIZE' : size === 0 ? 'UNITS_INVALID' : undefined;
  return { key, asked, held, reason };
}

function refuseSides(account: AccountState, name: string, sides: readonly Side[], code: string, batch: Batch): Answer {
  const records: Record<string, unknown> = {};
  const digits = gridOf(account, name).units;
  for (const { key, asked, held, reason } of sides) {
    const fields = {
      ...MARKET,
      rejectReason: reason ?? 'CLOSEOUT_POSITION_REJECT',
      instrument: name,
      units: held === 0 ? undefined : decimal(-held, digits),
      reason: 'POSITION_CLOSEOUT',
      [`${key}PositionCloseout`]: { instrument: name, units: asked },
    };
    records[`${key}OrderRejectTransaction`] = account.record('MARKET_ORDER_REJECT', fields, batch);
  }
  return refused(account, batch, 400, code, records);
}

function closeSides(account: AccountState, name: string, sides: readonly Side[], batch: Batch): Answer {
  const records: Record<string, unknown> = {};
  for (const { key, asked, held } of sides) {
    const size = asked === 'ALL' ? Math.abs(held) : Number(asked);
    const closes = { [`${key}PositionCloseout`]: { instrument: name, units: asked } };
    const ticket = { type: 'MARKET', instrument: name, units: -Math.sign(held) * size, ...MARKET, closes } as const;
    const { order, record } = createOrder(account, ticket, 'POSITION_CLOSEOUT', batch);
    const after = execute(account, order, batch);
    records[`${key}OrderCreateTransaction`] = record;
    records[`${key}OrderFillTransaction`] = after.find((one) => one['type'] === 'ORDER_FILL');
    records[`${key}OrderCancelTransaction`] = after.find(
      (one) => one['type'] === 'ORDER_CANCEL' && one['orderID'] === order.id,
    );
  }
  return ok({ ...records, ...lastIDs(account, batch) });
}

const DEPENDENTS = [
  ['takeProfit', 'TAKE_PROFIT'],
  ['stopLoss', 'STOP_LOSS'],
  ['trailingStopLoss', 'TRAILING_STOP_LOSS'],
] as const;

/** `PUT /trades/{spec}/orders`: sets, replaces or (with null) cancels the stops and targets of a trade. */
export function setDependents({ account, batch, name, body }: Asked): Answer {
  const trade = openTrade(account, name);
  const form = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (trade === undefined) return failed(404, 'The Trade specified does not exist', 'NO_SUCH_TRADE');
  if (form['guaranteedStopLoss'] !== undefined && form['guaranteedStopLoss'] !== null) {
    return failed(400, 'Guaranteed stops are not offered', 'STOP_LOSS_ORDER_GUARANTEED_NOT_ALLOWED');
  }
  const wrong = DEPENDENTS.map(([key, type]) => wrongDependent(account, trade, key, type, form[key], batch)).find(
    (answer) => answer !== undefined,
  );
  if (wrong !== undefined) return wrong;
  const records: Record<string, unknown> = {};
  for (const [key, type] of DEPENDENTS) {
    if (form[key] !== undefined) Object.assign(records, setDependent(account, trade, { key, type }, form[key], batch));
  }
  return ok({ ...records, ...lastIDs(account, batch) });
}

type ChildType = (typeof DEPENDENTS)[number][1];

function wrongDependent(
  account: AccountState,
  trade: Trade,
  key: string,
  type: ChildType,
  value: unknown,
  batch: Batch,
): Answer | undefined {
  if (value === undefined || value === null) return undefined;
  const instrument = account.desk.market.instruments.get(trade.instrument);
  const parsed = childForm.safeParse(value);
  if (!parsed.success || instrument === undefined) return failed(400, `Invalid value specified for '${key}'`);
  const old = dependentOf(account, trade, type);
  const id = parsed.data.clientExtensions?.id;
  const taken = id !== old?.clientExtensions?.id && isTaken(account, id) ? 'CLIENT_ORDER_ID_ALREADY_EXISTS' : undefined;
  const reason = taken ?? wrongChild(type, parsed.data, instrument, batch.at)?.replace(/^.*_ON_FILL_/, '');
  if (reason === undefined) return undefined;
  const { price, distance } = parsed.data;
  const record = account.record(
    `${type}_ORDER_REJECT`,
    { tradeID: trade.id, price, distance, timeInForce: 'GTC', reason: 'CLIENT_ORDER', rejectReason: reason },
    batch,
  );
  return refused(account, batch, 400, reason, { [`${key}OrderRejectTransaction`]: record });
}

function dependentOf(account: AccountState, trade: Trade, type: OrderType) {
  return [...account.pending.values()].find((one) => one.ticket.tradeID === trade.id && one.ticket.type === type);
}

function setDependent(
  account: AccountState,
  trade: Trade,
  what: { readonly key: string; readonly type: ChildType },
  value: unknown,
  batch: Batch,
): Json {
  const { key, type } = what;
  const records: Record<string, unknown> = {};
  const old = dependentOf(account, trade, type);
  if (old !== undefined) {
    const more = value === null ? {} : { replacedByOrderID: String(Number(account.nextID()) + 1) };
    const reason = value === null ? 'CLIENT_REQUEST' : 'CLIENT_REQUEST_REPLACED';
    records[`${key}OrderCancelTransaction`] = cancelOrder(account, old, reason, batch, more);
  }
  const parsed = childForm.safeParse(value);
  if (!parsed.success || trade.units === 0) return records;
  const details = onFill(parsed.data, batch.at);
  const reason = old === undefined ? 'CLIENT_ORDER' : 'REPLACEMENT';
  const more = old === undefined ? {} : { replacesOrderID: old.id };
  const { order, record } = attach(account, trade, type, details, reason, batch, more);
  records[`${key}OrderTransaction`] = record;
  if (old !== undefined) {
    old.replacedBy = order.id;
    order.replaces = old.id;
  }
  if (isDue(account, order)) {
    const after = execute(account, order, batch);
    records[`${key}OrderFillTransaction`] = after.find((one) => one['type'] === 'ORDER_FILL');
  }
  return records;
}

/** `PUT /trades/{spec}/clientExtensions`. */
export function extendTrade({ account, batch, name, body }: Asked): Answer {
  const trade = openTrade(account, name);
  const parsed = extensionsForm.safeParse((body as { readonly clientExtensions?: unknown } | null)?.clientExtensions);
  if (!parsed.success) return failed(400, "Invalid value specified for 'clientExtensions'");
  if (trade === undefined) {
    const fields = { tradeID: name, tradeClientExtensionsModify: parsed.data, rejectReason: 'TRADE_DOESNT_EXIST' };
    const record = account.record('TRADE_CLIENT_EXTENSIONS_MODIFY_REJECT', fields, batch);
    return refused(account, batch, 404, 'TRADE_DOESNT_EXIST', { tradeClientExtensionsModifyRejectTransaction: record });
  }
  trade.clientExtensions = { ...trade.clientExtensions, ...parsed.data };
  const fields = { tradeID: trade.id, tradeClientExtensionsModify: parsed.data };
  const record = account.record('TRADE_CLIENT_EXTENSIONS_MODIFY', fields, batch);
  return ok({ tradeClientExtensionsModifyTransaction: record, ...lastIDs(account, batch) });
}

/** `GET /trades/{spec}`, closed ones too. */
export function showTrade({ account, name }: Asked): Answer {
  const trade = account.trades.get(name) ?? openTrade(account, name);
  if (trade === undefined) return failed(404, 'The Trade specified does not exist', 'NO_SUCH_TRADE');
  return ok({ trade: tradeView(account, trade, true), lastTransactionID: account.lastTransactionID });
}

/** `GET /trades`: newest first. */
export function listTrades({ account, query }: Asked): Answer {
  const state = query.get('state') ?? 'OPEN';
  const ids = query.get('ids')?.split(',');
  const instrument = query.get('instrument');
  const before = Number(query.get('beforeID') ?? Number.POSITIVE_INFINITY);
  const trades = [...account.trades.values()]
    .reverse()
    .filter(
      (trade) => ids?.includes(trade.id) ?? (state === 'ALL' || (trade.units === 0 ? 'CLOSED' : 'OPEN') === state),
    )
    .filter((trade) => instrument === null || trade.instrument === instrument)
    .filter((trade) => Number(trade.id) < before)
    .slice(0, Number(query.get('count') ?? 50));
  return ok({
    trades: trades.map((trade) => tradeView(account, trade, true)),
    lastTransactionID: account.lastTransactionID,
  });
}

/** `GET /openTrades`. */
export function listOpenTrades({ account }: Asked): Answer {
  const trades = [...account.open.values()].reverse().map((trade) => tradeView(account, trade, true));
  return ok({ trades, lastTransactionID: account.lastTransactionID });
}

/** `GET /positions` (all that were ever held) and `/openPositions`. */
export function listPositions({ account }: Asked, openOnly: boolean): Answer {
  const names = [...account.results.keys()].filter((name) => !openOnly || account.openTrades(name).length > 0);
  const positions = names.map((name) => positionView(account, name));
  return ok({ positions, lastTransactionID: account.lastTransactionID });
}

/** `GET /positions/{instrument}`. */
export function showPosition({ account, name }: Asked): Answer {
  if (!account.desk.market.instruments.has(name)) return failed(400, "Invalid value specified for 'instrument'");
  return ok({ position: positionView(account, name), lastTransactionID: account.lastTransactionID });
}
