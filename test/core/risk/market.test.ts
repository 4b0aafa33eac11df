import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { entryLimitPrice } from '../../../src/core/risk/market.js';
import { standardLimits } from '../../../src/core/risk/presets.js';
import type { InstrumentView, RiskLimits } from '../../../src/core/risk/rule.js';
import { aBook, anIntent, aView, only, stoppedBy } from './a-book.js';

const DAY = 86_400_000;
const ages = { market: 2000, limit: 10_000, daily: 3_600_000 };

interface Case {
  readonly given: string;
  readonly limits: Partial<RiskLimits>;
  readonly order?: Partial<OrderIntent>;
  readonly view: Partial<InstrumentView>;
  readonly stopped: readonly string[];
}

const limit = (price: number, side: 'buy' | 'sell' = 'buy') => ({ type: 'limit', price, side }) as const;

const cases: readonly Case[] = [
  {
    given: 'a buy limit at the collar above the ask',
    limits: { priceCollarBps: 50 },
    order: limit(1.0055),
    view: { spread: 0.001 },
    stopped: [],
  },
  {
    given: 'a buy limit a tick above the collar',
    limits: { priceCollarBps: 50 },
    order: limit(1.0057),
    view: { spread: 0.001 },
    stopped: ['priceCollarBps'],
  },
  {
    given: 'a sell limit at the collar below the bid',
    limits: { priceCollarBps: 50 },
    order: limit(0.995, 'sell'),
    view: {},
    stopped: [],
  },
  {
    given: 'a sell limit a tick below the collar',
    limits: { priceCollarBps: 50 },
    order: limit(0.9949, 'sell'),
    view: {},
    stopped: ['priceCollarBps'],
  },
  {
    given: 'a patient limit far from the market',
    limits: { priceCollarBps: 50 },
    order: limit(0.5),
    view: {},
    stopped: [],
  },
  {
    given: 'a stop-limit near its trigger',
    limits: { priceCollarBps: 50 },
    order: { type: 'stop-limit', stopPrice: 1.2, price: 1.206 },
    view: {},
    stopped: [],
  },
  {
    given: 'a stop-limit far through its trigger',
    limits: { priceCollarBps: 50 },
    order: { type: 'stop-limit', stopPrice: 1.2, price: 1.2062 },
    view: {},
    stopped: ['priceCollarBps'],
  },
  { given: 'two sources 49 bps apart', limits: { priceCollarBps: 50 }, view: { secondPrice: 1.0049 }, stopped: [] },
  {
    given: 'two sources 51 bps apart',
    limits: { priceCollarBps: 50 },
    view: { secondPrice: 0.9949 },
    stopped: ['priceCollarBps'],
  },
  {
    given: 'a second source that is broken',
    limits: { priceCollarBps: 50 },
    view: { secondPrice: Number.NaN },
    stopped: ['priceCollarBps'],
  },
  { given: 'a market order', limits: { priceCollarBps: 0 }, view: {}, stopped: [] },
  { given: 'a spread of 20 bps', limits: { maxSpreadBps: 20 }, view: { spread: 0.002 }, stopped: [] },
  { given: 'a spread of 21 bps', limits: { maxSpreadBps: 20 }, view: { spread: 0.0021 }, stopped: ['maxSpreadBps'] },
  { given: 'an unknown slippage', limits: { maxSlippageBps: 50 }, view: {}, stopped: [] },
  { given: 'an expected slippage of 50 bps', limits: { maxSlippageBps: 50 }, view: { slippageBps: 50 }, stopped: [] },
  {
    given: 'an expected slippage of 51 bps',
    limits: { maxSlippageBps: 50 },
    view: { slippageBps: 51 },
    stopped: ['maxSlippageBps'],
  },
  {
    given: 'a limit 51 bps through the touch',
    limits: { maxSlippageBps: 50 },
    order: limit(1.0051),
    view: {},
    stopped: ['maxSlippageBps'],
  },
  {
    given: 'a market order on a price 2 s old',
    limits: { maxQuoteAgeMs: ages },
    view: { quoteAgeMs: 2000 },
    stopped: [],
  },
  {
    given: 'a market order on a price over 2 s old',
    limits: { maxQuoteAgeMs: ages },
    view: { quoteAgeMs: 2001 },
    stopped: ['maxQuoteAge.market'],
  },
  {
    given: 'a limit order on a price 10 s old',
    limits: { maxQuoteAgeMs: ages },
    order: limit(1),
    view: { quoteAgeMs: 10_000 },
    stopped: [],
  },
  {
    given: 'a limit order on a price over 10 s old',
    limits: { maxQuoteAgeMs: ages },
    order: limit(1),
    view: { quoteAgeMs: 10_001 },
    stopped: ['maxQuoteAge.limit'],
  },
  {
    given: 'a daily bar an hour old',
    limits: { maxQuoteAgeMs: ages },
    view: { quoteAgeMs: 3_600_000, timeframeMs: DAY },
    stopped: [],
  },
  {
    given: 'a daily bar over an hour old',
    limits: { maxQuoteAgeMs: ages },
    view: { quoteAgeMs: 3_600_001, timeframeMs: DAY },
    stopped: ['maxQuoteAge.daily'],
  },
  {
    given: 'a price of unknown age',
    limits: { maxQuoteAgeMs: ages },
    view: { quoteAgeMs: Number.POSITIVE_INFINITY },
    stopped: ['maxQuoteAge.market'],
  },
  { given: 'rates 45 days old', limits: { maxRateAgeMs: 45 * DAY }, view: { rateAgeMs: 45 * DAY }, stopped: [] },
  {
    given: 'rates over 45 days old',
    limits: { maxRateAgeMs: 45 * DAY },
    view: { rateAgeMs: 46 * DAY },
    stopped: ['maxRateAge'],
  },
  { given: 'no rates in play', limits: { maxRateAgeMs: 45 * DAY }, view: {}, stopped: [] },
  { given: 'an order of the largest value', limits: { maxOrderNotional: 1000 }, view: {}, stopped: [] },
  {
    given: 'an order over the largest value',
    limits: { maxOrderNotional: 999 },
    view: {},
    stopped: ['maxOrderNotional'],
  },
  {
    given: 'an old price and old rates, and no limit of their age',
    limits: {},
    view: { quoteAgeMs: 9e9, rateAgeMs: 9e9 },
    stopped: [],
  },
  { given: 'no price', limits: {}, view: { price: Number.NaN }, stopped: ['price.unknown'] },
  { given: 'an infinite price', limits: {}, view: { price: Number.POSITIVE_INFINITY }, stopped: ['price.unknown'] },
  {
    given: 'no way to the account currency',
    limits: {},
    view: { quoteToAccount: Number.NaN },
    stopped: ['conversion.unknown'],
  },
  {
    given: 'an infinite rate to the account currency',
    limits: {},
    view: { quoteToAccount: Number.POSITIVE_INFINITY },
    stopped: ['conversion.unknown'],
  },
];

describe('an entry into the market', () => {
  it.each(cases)('given $given, is stopped by $stopped', ({ limits, order, view, stopped }) => {
    expect(stoppedBy(only(limits), [anIntent(order)], aBook([aView('EUR/USD', view)]))).toEqual(stopped);
  });

  it.each(cases)('given $given, an exit leaves', ({ limits, view }) => {
    const book = aBook([aView('EUR/USD', { ...view, units: 1000 })]);
    expect(stoppedBy(only(limits), [anIntent({ side: 'sell', reduceOnly: true })], book)).toEqual([]);
  });

  it("given an instrument's own order limit, the smaller one holds", () => {
    const book = aBook([aView('EUR/USD', {}, { maxOrderNotional: 500 })]);
    expect(stoppedBy(only({}), [anIntent({ units: 500 })], book)).toEqual([]);
    expect(stoppedBy(only({ maxOrderNotional: 900 }), [anIntent({ units: 501 })], book)).toEqual(['maxOrderNotional']);
  });
});

describe('the price of a marketable entry', () => {
  it.each`
    side      | price      | spread     | tick    | limit
    ${'buy'}  | ${1.08427} | ${0.00014} | ${1e-5} | ${1.08976}
    ${'sell'} | ${1.08427} | ${0.00014} | ${1e-5} | ${1.07878}
    ${'buy'}  | ${1.5}     | ${0}       | ${1}    | ${2}
    ${'sell'} | ${1.5}     | ${0}       | ${1}    | ${1}
    ${'sell'} | ${0.5}     | ${0}       | ${1}    | ${undefined}
  `('$side at $price on a tick of $tick is $limit', ({ side, price, spread, tick, limit: expected }) => {
    const view = aView('EUR/USD', { price, spread }, { tick });
    expect(entryLimitPrice(standardLimits, side, view)).toBe(expected);
  });

  it.each`
    side      | price  | bps     | limit  | why
    ${'buy'}  | ${1.1} | ${0}    | ${1.1} | ${'the touch itself, though 1.1 ÷ 0.1 is a little more than 11'}
    ${'sell'} | ${1}   | ${0}    | ${1}   | ${'the touch itself'}
    ${'sell'} | ${1}   | ${1000} | ${0.9} | ${'a whole tick, not the one before it'}
    ${'buy'}  | ${1}   | ${1000} | ${1.1} | ${'a whole tick, not the one before it'}
  `('$side at $price, $bps bps away on a tick of 0.1, is $limit: $why', ({ side, price, bps, limit: expected }) => {
    const view = aView('EUR/USD', { price }, { tick: 0.1 });
    expect(entryLimitPrice(only({ priceCollarBps: bps }), side, view)).toBe(expected);
  });

  it('obeys the tighter of collar and slippage, and needs one of them', () => {
    const view = aView();
    expect(entryLimitPrice(only({ priceCollarBps: 100, maxSlippageBps: 20 }), 'buy', view)).toBe(1.002);
    expect(entryLimitPrice(only({ priceCollarBps: 30 }), 'buy', view)).toBe(1.003);
    expect(entryLimitPrice(only({}), 'buy', view)).toBeUndefined();
  });
});
