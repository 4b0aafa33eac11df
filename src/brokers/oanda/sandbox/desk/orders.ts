import type { EpochMs } from '../../../../core/model/ids.js';
import type { AccountState, Batch, OnFill, Order, OrderType, Ticket, Trade } from './state.js';
import type { Json } from './text.js';
import { ticketView } from './views.js';

/** Makes an order and the record of its creation, whose number is the order's id. */
export function createOrder(
  account: AccountState,
  ticket: Ticket,
  reason: string,
  batch: Batch,
  more: Json = {},
): { readonly order: Order; readonly record: Json } {
  const id = account.nextID();
  const truth = {
    account: account.spec.id,
    id,
    clientId: ticket.clientExtensions?.id,
    type: ticket.type,
    instrument: ticket.instrument,
    units: ticket.units,
    arrivedAt: batch.at,
    reason,
    state: 'PENDING' as const,
  };
  const order: Order = {
    id,
    ticket,
    createdAt: batch.at,
    marketThen: account.desk.market.mid(ticket.instrument),
    truth,
    clientExtensions: ticket.clientExtensions,
    state: 'PENDING',
    tradeClosedIDs: [],
  };
  account.orders.set(id, order);
  account.pending.set(id, order);
  account.desk.orders.push(truth);
  const record = account.record(`${ticket.type}_ORDER`, { ...ticketView(account, ticket), reason, ...more }, batch);
  return { order, record };
}

export function cancelOrder(account: AccountState, order: Order, reason: string, batch: Batch, more: Json = {}): Json {
  order.state = 'CANCELLED';
  order.truth.state = 'CANCELLED';
  end(account, order, batch.at);
  return account.record(
    'ORDER_CANCEL',
    { orderID: order.id, clientOrderID: order.clientExtensions?.id, reason, ...more },
    batch,
  );
}

export function end(account: AccountState, order: Order, at: EpochMs): void {
  order.endedAt = at;
  order.endedBy = account.nextID();
  account.pending.delete(order.id);
}

/** What is left of a waiting order after a part of it was done waits on as a new order. */
export function reissue(account: AccountState, order: Order, units: number, batch: Batch) {
  const ticket = { ...order.ticket, units };
  const made = createOrder(account, ticket, 'REPLACEMENT', batch, { replacesOrderID: order.id });
  order.replacedBy = made.order.id;
  made.order.replaces = order.id;
  return made;
}

export function isTaken(account: AccountState, clientID: string | undefined): boolean {
  if (clientID === undefined) return false;
  const rule = account.desk.settings.clientIds;
  const orders = rule === 'pending' ? account.pending : account.orders;
  for (const order of orders.values()) {
    if (order.clientExtensions?.id !== clientID) continue;
    if (rule !== 'open' || order.state === 'PENDING' || account.open.has(order.tradeOpenedID ?? '')) return true;
  }
  return false;
}

/** Stops and targets end with their trade, whichever of them closed it. */
export function cancelDependents(account: AccountState, trade: Trade, cause: Order, batch: Batch): readonly Json[] {
  return [...account.pending.values()]
    .filter((order) => order.ticket.tradeID === trade.id && order !== cause)
    .map((order) => cancelOrder(account, order, 'LINKED_TRADE_CLOSED', batch));
}

const CHILDREN = [
  ['TAKE_PROFIT', 'takeProfitOnFill'],
  ['STOP_LOSS', 'stopLossOnFill'],
  ['TRAILING_STOP_LOSS', 'trailingStopLossOnFill'],
] as const;

/** The stops and targets that an entry brings with it. */
export function childrenOf(ticket: Ticket): [Exclude<OrderType, 'MARKET' | 'LIMIT' | 'STOP'>, OnFill][] {
  return CHILDREN.flatMap(([type, key]) => {
    const child = ticket[key];
    return child === undefined ? [] : [[type, child]];
  });
}

/** Makes a stop or target of a trade. A stop that is given as a distance gets its price from the trade's. */
export function attach(
  account: AccountState,
  trade: Trade,
  type: OrderType,
  child: OnFill,
  reason: string,
  batch: Batch,
  more: Json = {},
): { readonly order: Order; readonly record: Json } {
  const far = child.distance ?? 0;
  const price =
    type === 'STOP_LOSS' && child.price === undefined ? trade.price - Math.sign(trade.units) * far : child.price;
  const ticket: Ticket = {
    type,
    instrument: trade.instrument,
    units: 0,
    tradeID: trade.id,
    clientTradeID: trade.clientExtensions?.id,
    ...(price === undefined ? {} : { price }),
    distance: child.distance,
    timeInForce: child.timeInForce,
    gtdAt: child.gtdAt,
    triggerCondition: child.triggerCondition,
    clientExtensions: child.clientExtensions,
  };
  const made = createOrder(account, ticket, reason, batch, more);
  const quote = account.desk.market.quote(trade.instrument);
  if (type === 'TRAILING_STOP_LOSS' && quote !== undefined) {
    made.order.trailingStop = trade.units > 0 ? quote.bid - far : quote.ask + far;
  }
  return made;
}
