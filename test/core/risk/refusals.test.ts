import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../../src/core/model/instrument.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { assess } from '../../../src/core/risk/gate.js';
import type { BookView, Failure, InstrumentView, RiskLimits } from '../../../src/core/risk/rule.js';
import { aBook, anIntent, aView, only } from './a-book.js';

const DAY = 86_400_000;
const BPS = 'bps of equity';
const AGES = { market: 2000, limit: 10_000, daily: 3_600_000 };

interface Case {
  readonly limits?: Partial<RiskLimits>;
  readonly order?: Partial<OrderIntent>;
  readonly view?: Partial<InstrumentView>;
  readonly instrument?: Partial<Instrument>;
  readonly others?: readonly InstrumentView[];
  readonly book?: Partial<BookView>;
}

/** Every refusal of an order, in full. Price 2 and a rate of 0.5 to the account: what forgets one of them shows. */
function refusals({
  limits = {},
  order = {},
  view = {},
  instrument = {},
  others = [],
  book = {},
}: Case): readonly Failure[] {
  const own = aView(
    'EUR/GBP',
    { price: 2, quoteToAccount: 0.5, ...view },
    { lotStep: 10, minUnits: 20, ...instrument },
  );
  const intent = anIntent({ symbol: 'EUR/GBP', ...order });
  const [verdict] = assess(only(limits), [intent], aBook([own, ...others], { equity: 10_000, ...book }));
  return verdict?.kind === 'refused' ? verdict.failures : [];
}

const said = (limit: string, value: number | null, max: number | null, unit: string, message: string): Failure => ({
  limit,
  value,
  max,
  unit,
  message,
});

describe('a limit that is broken is told in full', () => {
  const oil = aView('OIL', { units: 2000 }, { sector: 'Energy', group: 'crude' });
  it.each<[string, Case, Failure]>([
    [
      'position',
      { limits: { maxPositionBps: 500 } },
      said(
        'maxPositionBps',
        1000,
        500,
        BPS,
        'EUR/GBP position would be 1000 bps of equity, limit is 500 bps of equity',
      ),
    ],
    [
      'gross leverage',
      { limits: { maxGrossLeverage: 0.25 }, others: [oil] },
      said(
        'maxGrossLeverage',
        0.3,
        0.25,
        'times equity',
        'gross exposure would be 0.3 times equity, limit is 0.25 times equity',
      ),
    ],
    [
      'net leverage',
      { limits: { maxNetLeverage: 0.15 }, others: [oil, aView('BUND', { units: -500 })], book: { currency: 'GBP' } },
      said(
        'maxNetLeverage',
        0.25,
        0.15,
        'times equity',
        'net exposure would be 0.25 times equity, limit is 0.15 times equity',
      ),
    ],
    [
      'open positions',
      { limits: { maxOpenPositions: 1 }, others: [oil, aView('FLAT')] },
      said('maxOpenPositions', 2, 1, 'positions', 'open positions would be 2 positions, limit is 1 positions'),
    ],
    [
      'positions opened today',
      {
        limits: { maxNewPositionsPerDay: 3 },
        others: [oil, aView('FLAT'), aView('SOON', { pendingUnits: -1 })],
        book: { newPositionsToday: 2 },
      },
      said(
        'maxNewPositionsPerDay',
        4,
        3,
        'positions',
        'positions opened today would be 4 positions, limit is 3 positions',
      ),
    ],
    [
      'cash reserve',
      { limits: { minCashReserveBps: 9000 }, book: { marginUsed: 955 } },
      {
        ...said(
          'minCashReserveBps',
          8995,
          9000,
          BPS,
          'cash reserve would be 8995 bps of equity, at least 9000 bps must stay',
        ),
      },
    ],
    [
      'cash reserve of a book whose money is gone',
      { limits: { minCashReserveBps: 9000 }, book: { equity: 0 } },
      said('minCashReserveBps', null, 9000, BPS, 'cash reserve would be unknown, at least 9000 bps must stay'),
    ],
    [
      'net of a currency',
      { limits: { maxCurrencyNetBps: 900 }, book: { currency: 'GBP' } },
      said('maxCurrencyNetBps', 1000, 900, BPS, 'net EUR would be 1000 bps of equity, limit is 900 bps of equity'),
    ],
    [
      'sector',
      { limits: { maxSectorBps: 2500 }, instrument: { sector: 'Energy' }, others: [oil] },
      said('maxSectorBps', 3000, 2500, BPS, 'Energy would be 3000 bps of equity, limit is 2500 bps of equity'),
    ],
    [
      'group',
      { limits: { maxCorrelatedGroupBps: 2500 }, instrument: { group: 'crude' }, others: [oil] },
      said('maxCorrelatedGroupBps', 3000, 2500, BPS, 'crude would be 3000 bps of equity, limit is 2500 bps of equity'),
    ],
    [
      'per side',
      {
        limits: { maxPerSide: 1 },
        others: [aView('AUD/USD', { units: 5 })],
        book: { carryBook: true },
      },
      said('maxPerSide', 2, 1, 'currencies', 'currencies held long would be 2 currencies, limit is 1 currencies'),
    ],
    [
      'risk of a trade',
      { limits: { perTradeRiskBps: 40 }, order: { stopLoss: 1.9 } },
      said('perTradeRiskBps', 50, 40, BPS, 'loss at the stop would be 50 bps of equity, limit is 40 bps of equity'),
    ],
    [
      'rate of orders',
      { limits: { maxOrdersPerMinute: 5 }, book: { ordersLastMinute: 7 } },
      said('maxOrdersPerMinute', 8, 5, 'orders', 'orders this minute would be 8 orders, limit is 5 orders'),
    ],
    [
      'the same again',
      {
        limits: { duplicateWindowMs: 5000 },
        book: { recentIntents: [anIntent({ symbol: 'EUR/GBP', reason: 'an earlier one' })] },
      },
      said('duplicateWindow', 1000, 5, 's', 'the same buy of 1000 EUR/GBP was sent less than 5 s ago'),
    ],
    [
      'two sources',
      { limits: { priceCollarBps: 50 }, view: { secondPrice: 1.6 } },
      said(
        'priceCollarBps',
        2500,
        50,
        'bps of price',
        'two price sources differ by 2500 bps of price, limit is 50 bps of price',
      ),
    ],
    [
      'collar',
      { limits: { priceCollarBps: 50 }, order: { type: 'limit', price: 2.02 } },
      said(
        'priceCollarBps',
        100,
        50,
        'bps through the market',
        'limit price is 100 bps through the market, limit is 50 bps through the market',
      ),
    ],
    [
      'slippage',
      { limits: { maxSlippageBps: 5 }, view: { slippageBps: 7 } },
      said('maxSlippageBps', 7, 5, 'bps of price', 'expected slippage is 7 bps of price, limit is 5 bps of price'),
    ],
    [
      'spread',
      { limits: { maxSpreadBps: 5 }, view: { spread: 0.002 } },
      said('maxSpreadBps', 10, 5, 'bps of price', 'spread is 10 bps of price, limit is 5 bps of price'),
    ],
    [
      'age of a price',
      { limits: { maxQuoteAgeMs: AGES }, view: { quoteAgeMs: 3500 } },
      said('maxQuoteAge.market', 3.5, 2, 's old', 'EUR/GBP price is 3.5 s old, limit is 2 s old'),
    ],
    [
      'age of a price that nobody knows',
      { limits: { maxQuoteAgeMs: AGES }, view: { quoteAgeMs: Number.POSITIVE_INFINITY } },
      said('maxQuoteAge.market', null, 2, 's old', 'EUR/GBP price is unknown, limit is 2 s old'),
    ],
    [
      'age of a rate',
      { limits: { maxRateAgeMs: 45 * DAY }, view: { rateAgeMs: 50 * DAY } },
      said('maxRateAge', 50, 45, 'days old', 'interest rate is 50 days old, limit is 45 days old'),
    ],
    [
      'value of an order',
      { limits: { maxOrderNotional: 800 } },
      said('maxOrderNotional', 1000, 800, 'USD', 'order value is 1000 USD, limit is 800 USD'),
    ],
    [
      'value at risk',
      { limits: { var95DayBps: 5 } },
      said(
        'var95DayBps',
        9.8691217617,
        5,
        BPS,
        'one-day 95 % value at risk would be 9.869122 bps of equity, limit is 5 bps of equity',
      ),
    ],
    [
      'expected shortfall',
      { limits: { es95DayBps: 5 } },
      said(
        'es95DayBps',
        12.376276845,
        5,
        BPS,
        'one-day 95 % expected shortfall would be 12.37628 bps of equity, limit is 5 bps of equity',
      ),
    ],
  ])('%s', (_, given, expected) => {
    const [found, ...more] = refusals(given);
    expect(more).toEqual([]);
    expect(found).toEqual({
      ...expected,
      value: expected.value === null ? null : expect.closeTo(expected.value, 8),
    });
  });
});

describe('what is missing or malformed is told in full', () => {
  const flaw = (limit: string, message: string, value: number | null = null) => said(limit, value, null, '', message);
  it.each<[string, Case, Failure]>([
    ['no price', { view: { price: 0 } }, flaw('price.unknown', 'EUR/GBP has no price yet')],
    ['a negative price', { view: { price: -2 } }, flaw('price.unknown', 'EUR/GBP has no price yet')],
    [
      'no rate',
      { view: { quoteToAccount: 0 } },
      flaw('conversion.unknown', "no rate from GBP to the account's currency is known"),
    ],
    [
      'a negative rate',
      { view: { quoteToAccount: -1 } },
      flaw('conversion.unknown', "no rate from GBP to the account's currency is known"),
    ],
    [
      'no stop',
      { limits: { requireStop: true } },
      flaw('stop.missing', 'EUR/GBP entry has no protective stop, one is required'),
    ],
    [
      'a stop on the wrong side',
      { order: { stopLoss: 2.5 } },
      flaw('stop.side', 'stop 2.5 is on the wrong side of the buy at 2', 2.5),
    ],
    [
      'a target on the wrong side',
      { order: { side: 'sell', takeProfit: 2.5 } },
      flaw('stop.side', 'target 2.5 is on the wrong side of the sell at 2', 2.5),
    ],
    [
      'a target at the price itself',
      { order: { takeProfit: 2 } },
      flaw('stop.side', 'target 2 is on the wrong side of the buy at 2', 2),
    ],
    [
      'another instrument',
      { order: { instrument: anIntent({ symbol: 'ZZZ' }).instrument } },
      flaw('instrument.unknown', "ZZZ is not one of the session's instruments"),
    ],
    [
      'units of nothing',
      { order: { units: 0 } },
      flaw('order.units', 'units are 0, they must be a positive number', 0),
    ],
    [
      'units of NaN',
      { order: { units: Number.NaN } },
      flaw('order.units', 'units are NaN, they must be a positive number'),
    ],
    [
      'units off the grid',
      { order: { units: 25 } },
      said('order.lotStep', 25, 10, 'units', '25 units are not a multiple of 10'),
    ],
    [
      'too few units',
      { order: { units: 10 } },
      said('order.minUnits', 10, 20, 'units', '10 units, at least 20 are needed'),
    ],
    ['no price of its own', { order: { type: 'limit' } }, flaw('order.price', 'a limit order needs a price')],
    ['a price too many', { order: { stopPrice: 2 } }, flaw('order.stopPrice', 'a market order has no stopPrice')],
    [
      'a price of nothing',
      { order: { type: 'limit', price: 0 } },
      flaw('order.price', 'price is 0, it must be a positive number', 0),
    ],
    [
      'a trigger off the grid',
      { order: { type: 'stop', stopPrice: 2.00005 } },
      said('order.tick', 2.00005, 0.0001, 'price', 'stopPrice 2.00005 is not a multiple of the tick 0.0001'),
    ],
    [
      'a stop of nothing',
      { order: { stopLoss: -1 } },
      flaw('order.stopLoss', 'stopLoss is -1, it must be a positive number', -1),
    ],
    [
      'a distance of nothing',
      { order: { trailStop: 0 } },
      flaw('order.trailStop', 'trailStop is 0, it must be a positive number', 0),
    ],
    ['no end', { order: { timeInForce: 'GTD' } }, flaw('order.expiry', 'a GTD order needs the time at which it ends')],
    ['a halted book', { book: { nothingMayLeave: true } }, flaw('halted', 'halted: nothing may leave, exits neither')],
    [
      'a halted instrument',
      { view: { nothingMayLeave: true } },
      flaw('halted', 'halted: nothing may leave, exits neither'),
    ],
  ])('%s', (_, given, expected) => {
    expect(refusals(given)).toEqual([expected]);
  });
});

describe('the same order again', () => {
  const limits = { duplicateWindowMs: 1 };
  const full: Partial<OrderIntent> = {
    type: 'stop-limit',
    price: 2.1,
    stopPrice: 2.1,
    stopLoss: 1.5,
    takeProfit: 3,
    trailStop: 0.2,
  };
  const earlier = anIntent({ symbol: 'EUR/GBP', ...full });
  const others: [string, Partial<OrderIntent>][] = [
    ['another instrument', { instrument: anIntent({ symbol: 'GBP/USD' }).instrument }],
    ['the other side', { side: 'sell' }],
    ['another size', { units: 1010 }],
    ['another kind', { type: 'limit' }],
    ['another price', { price: 2.2 }],
    ['another trigger', { stopPrice: 2.2 }],
    ['another distance', { trailDistance: 0.5 }],
    ['an exit', { reduceOnly: true }],
    ['another stop', { stopLoss: 1.6 }],
    ['another target', { takeProfit: 4 }],
    ['another trail', { trailStop: 0.3 }],
  ];

  it.each(others)('is not %s', (_, change) => {
    expect(refusals({ limits, order: full, book: { recentIntents: [{ ...earlier, ...change }] } })).toEqual([]);
  });

  it('is one that differs in its words and its end only', () => {
    const again = { ...earlier, reason: 'again', expiresAt: 5, group: 'g' };
    expect(refusals({ limits, order: full, book: { recentIntents: [again] } })).toHaveLength(1);
  });
});
