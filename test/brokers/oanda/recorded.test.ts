import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byId, toPosition, toQuote, toVenueOrder } from '../../../src/brokers/oanda/map.js';
import * as schema from '../../../src/brokers/oanda/schema.js';
import { Translator } from '../../../src/brokers/oanda/transactions.js';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { SHARED } from '../../helpers/oanda-sandbox.js';

const FOLDER = `${SHARED}/fixtures/oanda`;

/** How a recorded value is read: by what the adapter itself reads it with. */
const READERS = {
  summary: (value: unknown) => schema.summarySchema.parse(value).account,
  instruments: (value: unknown) => Object.fromEntries(byId(schema.instrumentsSchema.parse(value).instruments)),
  quotes: (value: unknown) => schema.pricingSchema.parse(value).prices.map(toQuote),
  quote: (value: unknown) => toQuote(schema.priceSchema.parse(value)),
  candles: (value: unknown) => schema.candlesSchema.parse(value).candles,
  positions: (value: unknown) => schema.positionsSchema.parse(value).positions.flatMap((one) => toPosition(one) ?? []),
  position: (value: unknown) => [toPosition(schema.positionSchema.parse(value)) ?? 'flat'],
  trades: (value: unknown) => schema.tradesSchema.parse(value).trades,
  trade: (value: unknown) => schema.tradeSchema.parse(value),
  orders: (value: unknown) => schema.ordersSchema.parse(value).orders.map((order) => toVenueOrder(order, new Map())),
  order: (value: unknown) => toVenueOrder(schema.orderSchema.parse(value), new Map()),
  account(value: unknown) {
    const { account } = schema.accountSchema.parse(value);
    const trades = new Map(account.trades.map((trade) => [trade.id, trade]));
    return account.orders.map((order) => toVenueOrder(order, trades));
  },
  created: (value: unknown) => schema.createdSchema.parse(value),
  refusal: (value: unknown) => schema.refusalSchema.parse(value),
  row: (value: unknown) => new Translator().events(value),
  rows(value: unknown) {
    const translator = new Translator();
    return schema.transactionsSchema.parse(value).transactions.flatMap((row) => translator.events(row));
  },
  heartbeat: (value: unknown) => schema.heartbeatSchema.parse(value),
  /** Replies to calls that the adapter never makes. */
  unused: () => ({}),
} as const;

type Row = readonly [file: string, pointer: string, reader: keyof typeof READERS, expected: unknown];
const at = (text: string): number => Date.parse(text);
const EUR = instrumentId('EUR/USD');
const M = 'mab05k';

/** What each recorded value says, written by hand beside the place where it stands. */
const TABLE: readonly Row[] = [
  [
    `${M}/account/account_summary.json`,
    '',
    'summary',
    {
      id: '000-000-0000000-000',
      currency: 'USD',
      balance: 100_000,
      NAV: 100_000,
      marginUsed: 0,
      marginAvailable: 100_000,
      hedgingEnabled: false,
    },
  ],
  [
    `${M}/account/account.json`,
    '',
    'account',
    [
      {
        venueId: '1',
        instrument: 'GBP/USD',
        side: 'buy',
        units: 1_000,
        type: 'other',
        price: 1.5,
        timeInForce: 'GTC',
        reduceOnly: false,
        clientId: undefined,
      },
    ],
  ],
  [`${M}/account/accounts.json`, '', 'unused', {}],
  [
    `${M}/account/changes.json`,
    '/changes/transactions/0',
    'row',
    [
      {
        kind: 'filled',
        id: '1002',
        venueId: '1001',
        instrument: 'AUD/USD',
        side: 'sell',
        units: 150,
        price: 0.71471,
        realizedPnl: -0.4155,
        financing: 0.0039,
        commission: 0,
        spreadCost: 0.009,
        cash: 99_988.0814,
        last: true,
        ts: at('2019-04-18T14:54:30.123Z'),
        reason: 'market-order-trade-close',
        clientId: undefined,
      },
    ],
  ],
  [
    `${M}/account/changes.json`,
    '/changes/ordersCancelled/0',
    'order',
    { venueId: '1035', side: 'buy', units: 188, price: 1.12186, createdAt: at('2019-04-24T19:36:53.121Z') },
  ],
  [
    `${M}/account/configuration.json`,
    '/clientConfigureTransaction',
    'row',
    [{ kind: 'other', id: '1', type: 'CLIENT_CONFIGURE' }],
  ],
  [
    `${M}/account/instruments.json`,
    '',
    'instruments',
    {
      'USD/CNH': { tick: 1e-5, pip: 1e-4, lotStep: 1, minUnits: 1, marginRate: 1 },
      'EUR/USD': { tick: 1e-5, base: 'EUR', quote: 'USD', assetClass: 'fx' },
      'USD/JPY': { tick: 0.001, pip: 0.01 },
    },
  ],
  [
    `${M}/instrument/candles.json`,
    '',
    'candles',
    {
      0: {
        time: at('2018-10-11T00:00:00Z'),
        volume: 81_734,
        complete: true,
        ask: { o: 1.32059, h: 1.32571, l: 1.31831, c: 1.32346 },
      },
      99: {
        time: at('2019-02-04T01:00:00Z'),
        volume: 262,
        complete: false,
        ask: { o: 1.30814, h: 1.30861, l: 1.30789, c: 1.3084 },
      },
    },
  ],
  [
    `${M}/order/cancel_order.json`,
    '/orderCancelTransaction',
    'row',
    [{ kind: 'cancelled', id: '1', venueId: '2', reason: 'client-request', ts: at('2019-01-01T00:00:00Z') }],
  ],
  [
    `${M}/order/client_extensions.json`,
    '/orderClientExtensionsModifyTransaction',
    'row',
    [{ kind: 'other', id: '1079', type: 'ORDER_CLIENT_EXTENSIONS_MODIFY' }],
  ],
  [
    `${M}/order/market_if_touched_order.json`,
    '',
    'created',
    { orderCreateTransaction: { id: '1', instrument: 'GBP_USD', units: 100, price: 1.336 }, lastTransactionID: '1' },
  ],
  [
    `${M}/order/market_order.json`,
    '',
    'created',
    {
      orderCreateTransaction: { units: 1_000, clientExtensions: { id: 'id' } },
      orderFillTransaction: { orderID: '2', price: 1.16555, halfSpreadCost: 0.008, accountBalance: 100_000 },
      lastTransactionID: '2',
    },
  ],
  [
    `${M}/order/order.json`,
    '/order',
    'order',
    { venueId: '1', instrument: 'GBP/USD', units: 101, price: 1.336, type: 'other' },
  ],
  [`${M}/order/orders.json`, '', 'orders', [{ venueId: '1', units: 101 }]],
  [`${M}/order/pending_orders.json`, '', 'orders', [{ venueId: '1', side: 'buy', units: 101, filledUnits: 0 }]],
  [
    `${M}/order/replace.json`,
    '/orderCancelTransaction',
    'row',
    [{ kind: 'cancelled', id: '1077', venueId: '1076', reason: 'client-request-replaced' }],
  ],
  [`${M}/order/replace.json`, '/orderCreateTransaction', 'row', [{ kind: 'accepted', id: '1078', venueId: '1078' }]],
  [
    `${M}/order/stop_loss_order.json`,
    '/orderCreateTransaction',
    'row',
    [{ kind: 'protected', venueId: '1', role: 'stop', price: 1.1, trailDistance: undefined }],
  ],
  [
    `${M}/order/error/market_halted.json`,
    '',
    'created',
    { orderCreateTransaction: { id: '1' }, orderCancelTransaction: { orderID: '2', reason: 'MARKET_HALTED' } },
  ],
  [
    `${M}/order/error/order_rejected.json`,
    '',
    'refusal',
    {
      errorCode: 'PRICE_PRECISION_EXCEEDED',
      orderRejectTransaction: { rejectReason: 'PRICE_PRECISION_EXCEEDED', units: 101 },
    },
  ],
  [
    `${M}/order/error/order_rejected.json`,
    '/orderRejectTransaction',
    'row',
    [{ kind: 'refused', id: '1', reason: 'price-precision-exceeded' }],
  ],
  [
    `${M}/position/error/close_position_error.json`,
    '/longOrderRejectTransaction',
    'row',
    [{ kind: 'refused', id: '410', reason: 'closeout-position-reject' }],
  ],
  [
    `${M}/position/error/close_position_error.json`,
    '/shortOrderRejectTransaction',
    'row',
    [{ kind: 'refused', id: '411', reason: 'closeout-position-doesnt-exist' }],
  ],
  [
    `${M}/position/close_position.json`,
    '/longOrderFillTransaction',
    'row',
    [
      {
        kind: 'filled',
        id: '1086',
        venueId: '1085',
        side: 'sell',
        units: 100,
        price: 1.11626,
        realizedPnl: -0.014,
        spreadCost: 0.007,
        cash: 94_984.8727,
        reason: 'market-order-position-closeout',
      },
    ],
  ],
  [`${M}/position/open_positions.json`, '', 'positions', []],
  [`${M}/position/positions.json`, '', 'positions', []],
  [`${M}/position/position.json`, '/position', 'position', ['flat']],
  [`${M}/trade/trades.json`, '', 'trades', [{ id: '1', instrument: 'EUR_USD', price: 1.13257, currentUnits: 100 }]],
  [`${M}/trade/open_trades.json`, '', 'trades', [{ id: '1', price: 1.13387, currentUnits: 100, state: 'OPEN' }]],
  [`${M}/trade/trade.json`, '/trade', 'trade', { id: '1', price: 1.13387, currentUnits: 100 }],
  [
    `${M}/trade/close_trade.json`,
    '/orderFillTransaction',
    'row',
    [
      {
        kind: 'filled',
        id: '378',
        venueId: '377',
        side: 'sell',
        units: 100,
        price: 1.14541,
        realizedPnl: -0.042,
        cash: 99_991.1832,
      },
    ],
  ],
  [
    `${M}/transaction/idrange.json`,
    '',
    'rows',
    [
      {
        kind: 'financing',
        id: '100',
        instrument: EUR,
        cost: 0.0082,
        cash: 100_003.6114,
        ts: at('2018-04-23T20:00:00Z'),
      },
      { kind: 'financing', id: '101', cost: 0.0082, cash: 100_003.6032 },
    ],
  ],
  [
    `${M}/transaction/sinceid.json`,
    '',
    'rows',
    [
      { kind: 'refused', id: '413', reason: 'closeout-position-doesnt-exist' },
      { kind: 'financing', id: '414', instrument: EUR, cost: 0.0083, cash: 99_991.1237 },
    ],
  ],
  [
    `${M}/transaction/transaction.json`,
    '/transaction',
    'row',
    [{ kind: 'other', id: '1', type: 'CREATE', ts: at('2017-12-27T02:15:56.647Z') }],
  ],
  [`${M}/transaction/transaction_pages.json`, '', 'unused', {}],
  [
    `${M}/pricing/pricing.json`,
    '',
    'quotes',
    [{ kind: 'quote', instrument: EUR, bid: 1.2936, ask: 1.2947, tradeable: false, ts: at('2019-01-01T00:00:00Z') }],
  ],
  [
    'hootnot/accounts.json',
    '/_v3_account_by_accountID/response',
    'account',
    [
      {
        venueId: '204',
        instrument: 'EUR/GBP',
        side: 'sell',
        units: 50_000,
        type: 'limit',
        price: 0.87,
        clientId: 'myID',
        createdAt: at('2016-07-08T07:18:47.623Z'),
      },
    ],
  ],
  [
    'hootnot/accounts.json',
    '/_v3_account_by_accountID_summary/response',
    'summary',
    {
      id: '101-004-1435156-001',
      currency: 'EUR',
      balance: 35_454.474,
      marginUsed: 10_581.5,
      marginAvailable: 24_872.974,
    },
  ],
  [
    'hootnot/accounts.json',
    '/_v3_account_by_accountID_instruments/response',
    'instruments',
    {
      DE30_EUR: { tick: 0.1, pip: 1, quote: 'EUR', assetClass: 'other', marginRate: 0.05 },
      'EUR/CHF': { tick: 1e-5, marginRate: 0.05 },
    },
  ],
  [
    'hootnot/accounts.json',
    '/_v3_accounts_accountID_account_changes/response/changes/transactions/0',
    'row',
    [{ kind: 'accepted', id: '2309', venueId: '2309', ts: at('2016-10-25T21:07:21.065Z') }],
  ],
  [
    'hootnot/instruments.json',
    '/_v3_instruments_instrument_candles/response',
    'candles',
    { 0: { time: at('2016-10-17T19:35:00Z'), volume: 132, mid: { o: 10_503.8, h: 10_508, l: 10_503.8, c: 10_506 } } },
  ],
  [
    'hootnot/orders.json',
    '/_v3_accounts_accountID_orders_create/response',
    'created',
    { orderCreateTransaction: { id: '2304', units: -100, price: 1.2 } },
  ],
  [
    'hootnot/orders.json',
    '/_v3_accounts_accountID_orders_pending/response',
    'orders',
    [{ venueId: '2304', side: 'sell', units: 100, price: 1.2, clientId: 'myID' }],
  ],
  [
    'hootnot/orders.json',
    '/_v3_accounts_accountID_order_cancel/response/orderCancelTransaction',
    'row',
    [{ kind: 'cancelled', id: '2308', venueId: '2307', clientId: undefined }],
  ],
  [
    'hootnot/orders.json',
    '/_v3_accounts_accountID_order_replace/response/orderCreateTransaction',
    'row',
    [{ kind: 'accepted', id: '2307' }],
  ],
  [
    'hootnot/positions.json',
    '/_v3_accounts_accountID_positions/response',
    'positions',
    [{ instrument: 'DE30_EUR', units: -20, averagePrice: 10_581.5, unrealizedPnl: 870 }],
  ],
  [
    'hootnot/positions.json',
    '/_v3_accounts_accountID_openpositions/response',
    'positions',
    [
      { instrument: 'DE30_EUR', units: 10, averagePrice: 10_678.3, unrealizedPnl: -284 },
      { instrument: EUR, units: -100, averagePrice: 1.09843, unrealizedPnl: -0.0738 },
    ],
  ],
  [
    'hootnot/positions.json',
    '/_v3_accounts_accountID_position_close/response/longOrderFillTransaction',
    'row',
    [
      {
        kind: 'filled',
        id: '6391',
        side: 'sell',
        units: 251,
        price: 1.13018,
        realizedPnl: -0.0337,
        cash: 43_650.69807,
      },
    ],
  ],
  [
    'hootnot/pricing.json',
    '/_v3_accounts_accountID_pricing/response',
    'quotes',
    [
      { instrument: EUR, bid: 1.12157, ask: 1.1217, tradeable: true, ts: at('2016-10-05T05:28:16.729Z') },
      { instrument: 'EUR/JPY', bid: 115.329, ask: 115.346 },
    ],
  ],
  [
    'hootnot/pricing.json',
    '/_v3_accounts_accountID_pricing_stream/response/0',
    'quote',
    { instrument: 'EUR/JPY', bid: 114.295, ask: 114.312, tradeable: true },
  ],
  [
    'hootnot/pricing.json',
    '/_v3_accounts_accountID_pricing_stream/response/1',
    'heartbeat',
    { time: at('2016-10-27T08:38:44.327Z') },
  ],
  [
    'hootnot/trades.json',
    '/_v3_accounts_accountID_trades/response',
    'trades',
    [
      { id: '2315', instrument: 'DE30_EUR', currentUnits: 10 },
      { id: '2313', price: 1.09448 },
    ],
  ],
  [
    'hootnot/trades.json',
    '/_v3_account_accountID_trades_close/response/orderFillTransaction',
    'row',
    [
      {
        kind: 'filled',
        id: '2317',
        venueId: '2316',
        units: 100,
        price: 1.09289,
        realizedPnl: -0.1455,
        commission: 0,
        spreadCost: 0,
      },
    ],
  ],
  [
    'hootnot/trades.json',
    '/_v3_account_accountID_trades_crcdo/response/takeProfitOrderTransaction',
    'row',
    [{ kind: 'protected', id: '2325', role: 'target', price: 1.05 }],
  ],
  [
    'hootnot/transactions.json',
    '/_v3_accounts_transaction_sinceid/response',
    'rows',
    [
      { kind: 'accepted', id: '2307' },
      { kind: 'cancelled', id: '2308', venueId: '2307' },
      { kind: 'accepted', id: '2309' },
      { kind: 'other', id: '2310' },
      { kind: 'other', id: '2311' },
    ],
  ],
  [
    'hootnot/transactions.json',
    '/_v3_accounts_transaction_idrange/response',
    'rows',
    [
      { kind: 'accepted', id: '2304' },
      { kind: 'other', id: '2305' },
      { kind: 'cancelled', id: '2306', reason: 'client-request-replaced' },
    ],
  ],
  [
    'hootnot/transactions.json',
    '/_v3_accounts_transactions_stream/response/0',
    'heartbeat',
    { lastTransactionID: '2311', time: at('2016-10-28T11:56:12.002Z') },
  ],
];

function pick(file: string, pointer: string): unknown {
  let value: unknown = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'));
  for (const key of pointer.split('/').slice(1)) value = (value as Record<string, unknown>)[key];
  return value;
}

function files(): string[] {
  try {
    return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
  } catch {
    console.log('recorded replies of OANDA are not read: the shared data is absent');
    return [];
  }
}

const recorded = files();

describe.skipIf(recorded.length === 0)('a recorded reply', () => {
  it('stands in the table, every one', () => {
    const told = new Set(TABLE.map(([file]) => file));
    expect(recorded.filter((file) => !told.has(file))).toEqual([]);
  });

  it.each(TABLE)('%s%s is read (%s) as it is meant', (file, pointer, reader, expected) => {
    const got = READERS[reader](pick(file, pointer));
    // Some expectations name only a few places of a long list.
    const shaped = Array.isArray(got) && !Array.isArray(expected) ? { ...got } : got;
    expect(shaped).toMatchObject(expected as object);
    if (Array.isArray(expected)) expect(got).toHaveLength(expected.length);
  });

  it('that was damaged is refused or gives sound numbers, never anything else', () => {
    const readable = TABLE.filter(([, , reader]) => reader !== 'unused');
    fc.assert(
      fc.property(
        fc.constantFrom(...readable),
        fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...NONSENSE),
        ([file, pointer, reader], path, nonsense) => {
          const value = damaged(pick(file, pointer), path, nonsense);
          let got: unknown;
          try {
            got = READERS[reader](value);
          } catch (error) {
            const isExpected = error instanceof FxError || (error as Error).name === 'ZodError';
            if (!isExpected) throw error;
            return;
          }
          expect(badNumbers(got)).toEqual([]);
        },
      ),
      { numRuns: 1_500 },
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

const NONSENSE: readonly unknown[] = [
  null,
  true,
  'NaN',
  '1e400',
  '-',
  '',
  '1,5',
  '0x10',
  ' 1',
  'Infinity',
  '99999999999999999999999',
  0,
  -1,
  1.5,
  1e308,
  [],
  {},
  JSON.parse('{"__proto__":{"polluted":1}}'),
  '2024-13-45T99:99:99Z',
  'MOON_PHASE',
];

/** The value with one of its parts, found by walking the numbers of `path`, put in place of another. */
function damaged(value: unknown, path: readonly number[], nonsense: unknown): unknown {
  const [step, ...rest] = path;
  if (typeof value !== 'object' || value === null || step === undefined) return nonsense;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return nonsense;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  Object.assign(copy, { [key]: damaged((value as Record<string, unknown>)[key], rest, nonsense) });
  return copy;
}

/** Numbers that no price, size, amount or time can be. */
function badNumbers(value: unknown): unknown[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(badNumbers) : [];
}
