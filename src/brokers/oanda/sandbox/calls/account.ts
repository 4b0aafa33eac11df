import type { AccountState, Order, Trade } from '../desk/state.js';
import { decimal, type Json, money, parseTime, stamp } from '../desk/text.js';
import { marginOf, unrealizedOf } from '../desk/valuation.js';
import {
  calculatedView,
  gridOf,
  instrumentView,
  orderView,
  positionView,
  summaryView,
  tradeView,
} from '../desk/views.js';
import { type Answer, type Asked, failed, lastIDs, ok } from './reply.js';

/** `GET /accounts/{id}`. */
export function full({ account }: Asked): Answer {
  const body = {
    ...summaryView(account),
    orders: [...account.pending.values()].map((order) => orderView(account, order)),
    positions: [...account.results.keys()].map((name) => positionView(account, name)),
    trades: [...account.open.values()].map((trade) => tradeView(account, trade, false)),
  };
  return ok({ account: body, lastTransactionID: account.lastTransactionID });
}

/** `GET /summary`. */
export function summary({ account }: Asked): Answer {
  return ok({ account: summaryView(account), lastTransactionID: account.lastTransactionID });
}

/** `GET /instruments`. */
export function listInstruments({ account, query }: Asked): Answer {
  const { instruments } = account.desk.market;
  const names = query.get('instruments')?.split(',') ?? [...instruments.keys()];
  const found = names.map((name) => instruments.get(name));
  if (found.includes(undefined)) return failed(400, "Invalid value specified for 'instruments'");
  const views = found.flatMap((one) => (one === undefined ? [] : [instrumentView(one)]));
  return ok({ instruments: views, lastTransactionID: account.lastTransactionID });
}

/** `PATCH /configuration`. */
export function configure({ account, batch, body }: Asked): Answer {
  const { alias, marginRate } = (body ?? {}) as { readonly alias?: unknown; readonly marginRate?: unknown };
  const rate = marginRate === undefined ? undefined : Number(marginRate);
  if (rate !== undefined && !(rate > 0 && rate <= 1)) {
    const fields = { marginRate: String(marginRate), rejectReason: 'MARGIN_RATE_INVALID' };
    const record = account.record('CLIENT_CONFIGURE_REJECT', fields, batch);
    const { body: error } = failed(400, 'The margin rate specified is invalid', 'MARGIN_RATE_INVALID');
    return { status: 400, body: { clientConfigureRejectTransaction: record, ...error, ...lastIDs(account, batch) } };
  }
  if (typeof alias === 'string') account.alias = alias;
  if (rate !== undefined) account.marginRate = rate;
  const fields = { alias, marginRate: rate === undefined ? undefined : String(rate) };
  const clientConfigureTransaction = account.record('CLIENT_CONFIGURE', fields, batch);
  return ok({ clientConfigureTransaction, lastTransactionID: account.lastTransactionID });
}

const NO_RANGE = 'The Transaction ID range specified is not satisfiable';

/** `GET /transactions/{id}`. */
export function showTransaction({ account, name }: Asked): Answer {
  const transaction = account.transactions[Number(name) - 1];
  if (transaction === undefined) return failed(404, 'The transaction specified does not exist', 'NO_SUCH_TRANSACTION');
  return ok({ transaction, lastTransactionID: account.lastTransactionID });
}

/** `GET /transactions/sinceid`: at most a thousand. */
export function sinceID({ account, query }: Asked): Answer {
  const since = idOf(query.get('id'));
  if (since === undefined) return failed(400, "Invalid value specified for 'id'");
  if (since > account.transactions.length) return failed(416, NO_RANGE);
  const transactions = filtered(account.transactions.slice(since, since + 1000), query.get('type'));
  return ok({ transactions, lastTransactionID: account.lastTransactionID });
}

/** `GET /transactions/idrange`: both ends included. */
export function idRange({ account, query }: Asked): Answer {
  const [from, to] = [idOf(query.get('from')), idOf(query.get('to'))];
  if (from === undefined) return failed(400, "Invalid value specified for 'from'");
  if (to === undefined) return failed(400, "Invalid value specified for 'to'");
  if (from < 1 || to < from || from > account.transactions.length) return failed(416, NO_RANGE);
  if (to - from >= 1000) return failed(400, "Maximum value for 'to' exceeded");
  const transactions = filtered(account.transactions.slice(from - 1, to), query.get('type'));
  return ok({ transactions, lastTransactionID: account.lastTransactionID });
}

const idOf = (text: string | null): number | undefined =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const GROUPS: Readonly<Record<string, RegExp>> = {
  ORDER: /ORDER/,
  FUNDING: /^TRANSFER_FUNDS/,
  ADMIN: /^(CREATE|CLOSE|REOPEN|CLIENT_CONFIGURE)/,
};

function filtered(transactions: readonly Json[], types: string | null): readonly Json[] {
  if (types === null) return transactions;
  const wanted = types.split(',');
  return transactions.filter((one) => {
    const type = String(one['type']);
    return wanted.some((want) => want === type || GROUPS[want]?.test(type) === true);
  });
}

/** `GET /transactions`: addresses of pages of ids. */
export function pages({ account, query, batch }: Asked): Answer {
  const from = query.get('from') === null ? account.createdAt : parseTime(query.get('from') ?? '');
  const to = query.get('to') === null ? batch.at : parseTime(query.get('to') ?? '');
  const pageSize = Number(query.get('pageSize') ?? 100);
  if (from === undefined) return failed(400, "Invalid value specified for 'from'");
  if (to === undefined) return failed(400, "Invalid value specified for 'to'");
  if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 1000)) {
    return failed(400, "Invalid value specified for 'pageSize'");
  }
  const [first, last] = [stamp(from), stamp(to)];
  const types = query.get('type');
  const inside = account.transactions.filter((one) => String(one['time']) >= first && String(one['time']) <= last);
  const ids = inside.map((one) => Number(one['id']));
  const [low = 1, high = 0] = [ids[0], ids.at(-1)];
  const base = `${account.desk.settings.baseUrl}/v3/accounts/${account.spec.id}/transactions/idrange`;
  const more = types === null ? '' : `&type=${types}`;
  const addresses: string[] = [];
  for (let at = low; at <= high; at += pageSize) {
    addresses.push(`${base}?from=${at}&to=${Math.min(high, at + pageSize - 1)}${more}`);
  }
  const count = filtered(inside, types).length;
  return ok({
    from: first,
    to: last,
    pageSize,
    type: types?.split(','),
    count,
    pages: addresses,
    lastTransactionID: account.lastTransactionID,
  });
}

/** `GET /changes`: what became of everything that a record after the given one names, and the account at the prices of now. */
export function changes({ account, query }: Asked): Answer {
  const since = idOf(query.get('sinceTransactionID'));
  if (since === undefined || since > account.transactions.length) return failed(416, NO_RANGE);
  const transactions = account.transactions.slice(since);
  const { created, cancelled, filled, opened, reduced, closed, positions } = namesIn(account, transactions);
  const orders = (ids: ReadonlySet<string>) =>
    [...ids].flatMap((id) => account.orders.get(id) ?? []).map((order: Order) => orderView(account, order));
  const trades = (ids: ReadonlySet<string>) =>
    [...ids].flatMap((id) => account.trades.get(id) ?? []).map((trade: Trade) => tradeView(account, trade, false));
  return ok({
    changes: {
      ordersCreated: orders(created),
      ordersCancelled: orders(cancelled),
      ordersFilled: orders(filled),
      ordersTriggered: [],
      tradesOpened: trades(opened),
      tradesReduced: trades(reduced),
      tradesClosed: trades(closed),
      positions: [...positions].map((name) => positionView(account, name)),
      transactions,
    },
    state: stateView(account),
    lastTransactionID: account.lastTransactionID,
  });
}

interface Row {
  readonly tradeID: string;
}

type Names = Record<'created' | 'cancelled' | 'filled' | 'opened' | 'reduced' | 'closed' | 'positions', Set<string>>;

function namesIn(account: AccountState, transactions: readonly Json[]): Names {
  const names = {
    created: new Set<string>(),
    cancelled: new Set<string>(),
    filled: new Set<string>(),
    opened: new Set<string>(),
    reduced: new Set<string>(),
    closed: new Set<string>(),
    positions: new Set<string>(),
  };
  for (const one of transactions) {
    const own = String(one['id']);
    if (account.pending.has(own)) names.created.add(own);
    if (one['type'] === 'ORDER_CANCEL') names.cancelled.add(String(one['orderID']));
    if (one['type'] === 'ORDER_FILL') noteFill(names, one);
  }
  return names;
}

function noteFill(names: Names, one: Json): void {
  names.filled.add(String(one['orderID']));
  names.positions.add(String(one['instrument']));
  const opened = one['tradeOpened'] as Row | undefined;
  const reduced = one['tradeReduced'] as Row | undefined;
  if (opened !== undefined) names.opened.add(opened.tradeID);
  if (reduced !== undefined) names.reduced.add(reduced.tradeID);
  for (const { tradeID } of (one['tradesClosed'] as readonly Row[] | undefined) ?? []) names.closed.add(tradeID);
}

function stateView(account: AccountState): Json {
  const trailing = [...account.pending.values()].filter((order) => order.trailingStop !== undefined);
  const held = new Set([...account.open.values()].map((trade) => trade.instrument));
  return {
    ...calculatedView(account),
    balance: money(account.balance),
    pl: money(account.pl),
    financing: money(account.financing),
    orders: trailing.map((order) => ({
      id: order.id,
      trailingStopValue: decimal(order.trailingStop ?? 0, gridOf(account, order.ticket.instrument).price),
    })),
    trades: [...account.open.values()].map((trade) => ({
      id: trade.id,
      unrealizedPL: money(unrealizedOf(account, trade)),
      marginUsed: money(marginOf(account, trade.instrument, trade.units) || 0),
    })),
    positions: [...held].map((name) => netView(account, name)),
  };
}

function netView(account: AccountState, name: string): Json {
  const sum = (sign: number) =>
    account
      .openTrades(name)
      .filter((trade) => Math.sign(trade.units) === sign)
      .reduce((total, trade) => total + unrealizedOf(account, trade), 0);
  const [long, short] = [sum(1), sum(-1)];
  return {
    instrument: name,
    netUnrealizedPL: money(long + short),
    longUnrealizedPL: money(long),
    shortUnrealizedPL: money(short),
    marginUsed: money(marginOf(account, name, account.netUnits(name)) || 0),
  };
}
