import { execute } from '../desk/fills.js';
import { cancelOrder, createOrder } from '../desk/orders.js';
import type { AccountState, Batch, Order } from '../desk/state.js';
import type { Json } from '../desk/text.js';
import { checkOrder, echo, extensionsForm, formError, type OrderForm, orderForm } from '../desk/tickets.js';
import { isDue } from '../desk/triggers.js';
import { orderView } from '../desk/views.js';
import { type Answer, type Asked, failed, lastIDs, ok, refused } from './reply.js';

/** `POST /orders`. */
export function create({ account, batch, body }: Asked): Answer {
  const form = formOf(body);
  if ('status' in form) return form;
  return place(account, form.form, batch);
}

/** `PUT /orders/{spec}`: the old order ends and the new one takes its place, or nothing happens. */
export function replace({ account, batch, body, name }: Asked): Answer {
  const old = pendingOrder(account, name);
  const form = formOf(body);
  if ('status' in form) return form;
  if (old === undefined) return noSuchOrder(account, batch, name, 404);
  return place(account, form.form, batch, old);
}

function formOf(body: unknown): { readonly form: OrderForm } | Answer {
  const order = (body as { readonly order?: unknown } | null | undefined)?.order;
  if (order === undefined) return failed(400, "Invalid value specified for 'order'");
  const parsed = orderForm.safeParse(order);
  return parsed.success ? { form: parsed.data } : failed(400, formError(parsed.error, 'order'));
}

function place(account: AccountState, form: OrderForm, batch: Batch, old?: Order): Answer {
  const checked = checkOrder(account, form, batch.at, old?.id);
  if ('rejectReason' in checked) {
    const { rejectReason } = checked;
    const record = reject(account, form, rejectReason, batch, old);
    const status = rejectReason === 'TRADE_DOESNT_EXIST' ? 404 : 400;
    return refused(account, batch, status, rejectReason, { orderRejectTransaction: record });
  }
  const cancelled =
    old === undefined
      ? undefined
      : cancelOrder(account, old, 'CLIENT_REQUEST_REPLACED', batch, {
          replacedByOrderID: String(Number(account.nextID()) + 1),
        });
  const { order, record } = createOrder(
    account,
    checked.ticket,
    old === undefined ? 'CLIENT_ORDER' : 'REPLACEMENT',
    batch,
    old === undefined ? {} : { replacesOrderID: old.id },
  );
  if (old !== undefined) {
    old.replacedBy = order.id;
    order.replaces = old.id;
  }
  const after = actAtOnce(account, order, batch);
  const ended = after.find((one) => one['type'] === 'ORDER_CANCEL' && one['orderID'] === order.id);
  const answer: Json =
    old === undefined
      ? { orderCancelTransaction: ended }
      : { orderCancelTransaction: cancelled, replacingOrderCancelTransaction: ended };
  return {
    status: 201,
    headers: { location: `/v3/accounts/${account.spec.id}/orders/${order.id}` },
    body: {
      ...answer,
      orderCreateTransaction: record,
      orderFillTransaction: after.find((one) => one['type'] === 'ORDER_FILL'),
      orderReissueTransaction: after.find((one) => one['replacesOrderID'] === order.id),
      ...lastIDs(account, batch),
    },
  };
}

/** A market order is done or cancelled at once; another only when its price is already there. */
function actAtOnce(account: AccountState, order: Order, batch: Batch): readonly Json[] {
  const { type, timeInForce } = order.ticket;
  if (type === 'MARKET' || isDue(account, order)) return execute(account, order, batch);
  if (timeInForce === 'FOK' || timeInForce === 'IOC') {
    return [cancelOrder(account, order, 'TIME_IN_FORCE_EXPIRED', batch)];
  }
  return [];
}

function reject(account: AccountState, form: OrderForm, rejectReason: string, batch: Batch, old?: Order): Json {
  account.desk.orders.push({
    account: account.spec.id,
    id: account.nextID(),
    clientId: form.clientExtensions?.id,
    type: form.type,
    instrument: 'instrument' in form ? form.instrument : undefined,
    units: 'units' in form ? Number(form.units) : 0,
    arrivedAt: batch.at,
    reason: rejectReason,
    state: 'REFUSED',
  });
  const reason = old === undefined ? 'CLIENT_ORDER' : 'REPLACEMENT';
  const fields = { ...echo(form), reason, rejectReason, intendedReplacesOrderID: old?.id };
  return account.record(`${form.type}_ORDER_REJECT`, fields, batch);
}

/** `PUT /orders/{spec}/cancel`. */
export function cancel({ account, batch, name }: Asked): Answer {
  const order = pendingOrder(account, name);
  if (order === undefined) return noSuchOrder(account, batch, name, 404);
  const orderCancelTransaction = cancelOrder(account, order, 'CLIENT_REQUEST', batch);
  return ok({ orderCancelTransaction, ...lastIDs(account, batch) });
}

function noSuchOrder(account: AccountState, batch: Batch, name: string, status: number): Answer {
  const ids = name.startsWith('@') ? { clientOrderID: name.slice(1) } : { orderID: name };
  const record = account.record('ORDER_CANCEL_REJECT', { ...ids, rejectReason: 'ORDER_DOESNT_EXIST' }, batch);
  return refused(account, batch, status, 'ORDER_DOESNT_EXIST', { orderCancelRejectTransaction: record });
}

/** An order that waits, by its id or as `@` and the client's. */
export function pendingOrder(account: AccountState, name: string): Order | undefined {
  if (!name.startsWith('@')) return account.pending.get(name);
  return [...account.pending.values()].find((order) => order.clientExtensions?.id === name.slice(1));
}

/** `GET /orders/{spec}`. By the client's id only what waits is found, unless the settings say otherwise. */
export function show({ account, name }: Asked): Answer {
  const order = name.startsWith('@') ? byClientID(account, name) : account.orders.get(name);
  if (order === undefined) return failed(404, 'The Order specified does not exist', 'NO_SUCH_ORDER');
  return ok({ order: orderView(account, order), lastTransactionID: account.lastTransactionID });
}

function byClientID(account: AccountState, name: string): Order | undefined {
  const pending = pendingOrder(account, name);
  if (pending !== undefined || !account.desk.settings.findsEndedOrders) return pending;
  return [...account.orders.values()].findLast((order) => order.clientExtensions?.id === name.slice(1));
}

const STATES = ['PENDING', 'FILLED', 'TRIGGERED', 'CANCELLED', 'ALL'];

/** `GET /orders`: newest first, at most `count`. */
export function list({ account, query }: Asked): Answer {
  const state = query.get('state') ?? 'PENDING';
  const count = Number(query.get('count') ?? 50);
  if (!STATES.includes(state)) return failed(400, "Invalid value specified for 'state'");
  if (!(Number.isInteger(count) && count >= 1 && count <= 500))
    return failed(400, "Invalid value specified for 'count'");
  const ids = query.get('ids')?.split(',');
  const instrument = query.get('instrument');
  const before = Number(query.get('beforeID') ?? Number.POSITIVE_INFINITY);
  const orders = [...account.orders.values()]
    .reverse()
    .filter((order) => ids?.includes(order.id) ?? (state === 'ALL' || order.state === state))
    .filter((order) => instrument === null || order.ticket.instrument === instrument)
    .filter((order) => Number(order.id) < before)
    .slice(0, count);
  return ok({ orders: orders.map((order) => orderView(account, order)), lastTransactionID: account.lastTransactionID });
}

/** `GET /pendingOrders`. */
export function listPending({ account }: Asked): Answer {
  const orders = [...account.pending.values()].reverse().map((order) => orderView(account, order));
  return ok({ orders, lastTransactionID: account.lastTransactionID });
}

/** `PUT /orders/{spec}/clientExtensions`. */
export function extend({ account, batch, name, body }: Asked): Answer {
  const order = pendingOrder(account, name);
  const parsed = extensionsForm.safeParse((body as { readonly clientExtensions?: unknown } | null)?.clientExtensions);
  if (!parsed.success) return failed(400, "Invalid value specified for 'clientExtensions'");
  if (order === undefined) {
    const fields = { orderID: name, clientExtensionsModify: parsed.data, rejectReason: 'ORDER_DOESNT_EXIST' };
    const record = account.record('ORDER_CLIENT_EXTENSIONS_MODIFY_REJECT', fields, batch);
    return refused(account, batch, 404, 'ORDER_DOESNT_EXIST', { orderClientExtensionsModifyRejectTransaction: record });
  }
  order.clientExtensions = { ...order.clientExtensions, ...parsed.data };
  const record = account.record(
    'ORDER_CLIENT_EXTENSIONS_MODIFY',
    { orderID: order.id, clientExtensionsModify: parsed.data },
    batch,
  );
  return ok({ orderClientExtensionsModifyTransaction: record, ...lastIDs(account, batch) });
}
