import {
  changes,
  configure,
  full,
  idRange,
  listInstruments,
  pages,
  showTransaction,
  sinceID,
  summary,
} from './calls/account.js';
import {
  close,
  closePosition,
  extendTrade,
  listOpenTrades,
  listPositions,
  listTrades,
  setDependents,
  showPosition,
  showTrade,
} from './calls/closes.js';
import { cancel, create, extend, list, listPending, replace, show } from './calls/orders.js';
import { pricing } from './calls/prices.js';
import type { Answer, Asked } from './calls/reply.js';

/** The groups of requests that a fault script can aim at. */
export type Operation =
  | 'submit'
  | 'cancel'
  | 'close'
  | 'orders'
  | 'positions'
  | 'trades'
  | 'transactions'
  | 'account'
  | 'prices'
  | 'candles'
  | 'price-stream'
  | 'transaction-stream'
  | 'other';

interface Route {
  readonly method: string;
  /** Under the account; `*` is the name of an order, a trade, an instrument or a record. */
  readonly path: string;
  readonly operation: Operation;
  readonly call: (asked: Asked) => Answer;
}

const route = (method: string, path: string, operation: Operation, call: Route['call']): Route => ({
  method,
  path,
  operation,
  call,
});

const ROUTES: readonly Route[] = [
  route('GET', '', 'account', full),
  route('GET', 'summary', 'account', summary),
  route('GET', 'instruments', 'account', listInstruments),
  route('PATCH', 'configuration', 'other', configure),
  route('GET', 'changes', 'transactions', changes),
  route('GET', 'pricing', 'prices', pricing),
  route('POST', 'orders', 'submit', create),
  route('GET', 'orders', 'orders', list),
  route('GET', 'pendingOrders', 'orders', listPending),
  route('GET', 'orders/*', 'orders', show),
  route('PUT', 'orders/*', 'submit', replace),
  route('PUT', 'orders/*/cancel', 'cancel', cancel),
  route('PUT', 'orders/*/clientExtensions', 'other', extend),
  route('GET', 'trades', 'trades', listTrades),
  route('GET', 'openTrades', 'trades', listOpenTrades),
  route('GET', 'trades/*', 'trades', showTrade),
  route('PUT', 'trades/*/close', 'close', close),
  route('PUT', 'trades/*/orders', 'other', setDependents),
  route('PUT', 'trades/*/clientExtensions', 'other', extendTrade),
  route('GET', 'positions', 'positions', (asked) => listPositions(asked, false)),
  route('GET', 'openPositions', 'positions', (asked) => listPositions(asked, true)),
  route('GET', 'positions/*', 'positions', showPosition),
  route('PUT', 'positions/*/close', 'close', closePosition),
  route('GET', 'transactions', 'transactions', pages),
  route('GET', 'transactions/idrange', 'transactions', idRange),
  route('GET', 'transactions/sinceid', 'transactions', sinceID),
  route('GET', 'transactions/*', 'transactions', showTransaction),
];

export type Found =
  | { readonly kind: 'found'; readonly route: Route; readonly name: string }
  | { readonly kind: 'wrong-method' }
  | { readonly kind: 'nothing' };

/** The call of a path under an account, exact words before a name. */
export function findRoute(method: string, segments: readonly string[]): Found {
  const there = ROUTES.filter((one) => matches(one.path, segments));
  const exact = there.find((one) => !one.path.includes('*') && one.method === method);
  const chosen = exact ?? there.find((one) => one.method === method);
  if (chosen === undefined) return there.length === 0 ? { kind: 'nothing' } : { kind: 'wrong-method' };
  const at = chosen.path.split('/').indexOf('*');
  return { kind: 'found', route: chosen, name: at < 0 ? '' : (segments[at] ?? '') };
}

function matches(path: string, segments: readonly string[]): boolean {
  const parts = path === '' ? [] : path.split('/');
  return parts.length === segments.length && parts.every((part, i) => part === '*' || part === segments[i]);
}

/** What a request is about, known or not. */
export function operationOf(method: string, path: string): Operation {
  const [bare = ''] = path.split('?');
  if (/\/pricing\/stream$/.test(bare)) return 'price-stream';
  if (/\/transactions\/stream$/.test(bare)) return 'transaction-stream';
  if (/\/candles(\/latest)?$/.test(bare)) return 'candles';
  const [, version, accounts, id, ...segments] = bare.split('/');
  if (version !== 'v3' || accounts !== 'accounts') return 'other';
  if (id === undefined) return 'account';
  const found = findRoute(method, segments);
  return found.kind === 'found' ? found.route.operation : 'other';
}
