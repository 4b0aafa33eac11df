import { describe, expect, it } from 'vitest';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { assess } from '../../../src/core/risk/gate.js';
import type { BookView, RiskLimits } from '../../../src/core/risk/rule.js';
import { aBook, anIntent, aView, only, stoppedBy } from './a-book.js';

interface Case {
  readonly rule: string;
  readonly limits: Partial<RiskLimits>;
  readonly book: BookView;
  /** Just passes, and is just refused. */
  readonly below: OrderIntent;
  readonly above: OrderIntent;
  readonly key?: string;
}

const buy = (units: number, symbol = 'EUR/USD') => anIntent({ units, symbol });
const sell = (units: number, symbol = 'EUR/USD') => anIntent({ units, symbol, side: 'sell' });

const cases: readonly Case[] = [
  { rule: 'maxPositionBps', limits: { maxPositionBps: 1000 }, book: aBook(), below: buy(10_000), above: buy(10_001) },
  {
    rule: 'maxPositionBps',
    limits: { maxPositionBps: 1000 },
    book: aBook([aView('EUR/USD', { units: 4000, pendingUnits: 5000 })]),
    below: buy(1000),
    above: buy(1001),
  },
  {
    rule: 'maxPositionBps',
    limits: { maxPositionBps: 1000 },
    // Of a buy and a sell on their way one may fill and the other not.
    book: aBook([aView('EUR/USD', { pendingUnits: 0, pendingSides: { buys: 9000, sells: 9000 } })]),
    below: buy(1000),
    above: buy(1001),
  },
  {
    rule: 'maxPositionBps',
    limits: { maxPositionBps: 1000 },
    // An order that turns a position around counts in full: a stop may close what is held before it fills.
    book: aBook([aView('EUR/USD', { units: -5000 })]),
    below: buy(10_000),
    above: buy(10_001),
  },
  {
    rule: 'maxGrossLeverage',
    limits: { maxGrossLeverage: 2 },
    book: aBook([aView(), aView('GBP/USD', { units: -150_000 })]),
    below: buy(50_000),
    above: buy(50_001),
  },
  {
    rule: 'maxNetLeverage',
    limits: { maxNetLeverage: 1 },
    book: aBook([
      aView(),
      aView('GBP/USD', { units: 150_000 }),
      aView('USD/JPY', { units: 100_000 }),
      aView('EUR/GBP', { units: 9_000 }),
    ]),
    below: buy(50_000),
    above: buy(50_001),
  },
  {
    rule: 'maxOpenPositions',
    limits: { maxOpenPositions: 2 },
    book: aBook([
      aView(),
      aView('GBP/USD', { units: 1 }),
      aView('AUD/USD', { units: 0 }),
      aView('NZD/USD', { pendingUnits: 5 }),
    ]),
    below: buy(5, 'GBP/USD'),
    above: buy(5),
  },
  {
    rule: 'maxNewPositionsPerDay',
    limits: { maxNewPositionsPerDay: 3 },
    book: aBook([aView(), aView('GBP/USD', { units: 5 }), aView('AUD/USD', { pendingUnits: 5 })], {
      newPositionsToday: 2,
    }),
    below: buy(5, 'GBP/USD'),
    above: buy(5),
  },
  {
    rule: 'maxNewPositionsPerDay',
    limits: { maxNewPositionsPerDay: 3 },
    book: aBook([aView('EUR/USD', { units: 10 })], { newPositionsToday: 3 }),
    below: buy(5),
    above: sell(15),
  },
  {
    rule: 'minCashReserveBps',
    limits: { minCashReserveBps: 2500 },
    book: aBook([aView('EUR/USD', { units: 1000 }, { marginRate: 0.5 })], { marginUsed: 65_000 }),
    below: buy(20_000),
    above: buy(20_010),
  },
  {
    rule: 'maxCurrencyNetBps',
    limits: { maxCurrencyNetBps: 5000 },
    book: aBook([aView('EUR/USD'), aView('EUR/GBP', { units: 40_000 })]),
    below: buy(10_000),
    above: buy(10_001),
  },
  {
    rule: 'maxCurrencyNetBps',
    limits: { maxCurrencyNetBps: 5000 },
    book: aBook([aView('EUR/GBP'), aView('GBP/USD', { units: 20_000 })]),
    below: sell(30_000, 'EUR/GBP'),
    above: sell(30_001, 'EUR/GBP'),
  },
  {
    rule: 'maxCurrencyNetBps',
    limits: { maxCurrencyNetBps: 5000 },
    book: aBook([aView('BTC/USDT', {}, { assetClass: 'crypto' })]),
    below: buy(50_000, 'BTC/USDT'),
    above: buy(50_001, 'BTC/USDT'),
  },
  {
    rule: 'maxSectorBps',
    limits: { maxSectorBps: 3000 },
    book: aBook([
      aView('AAA', {}, { sector: 'Tech' }),
      aView('BBB', { units: -20_000 }, { sector: 'Tech' }),
      aView('CCC', { units: 90_000 }, { sector: 'Oil' }),
    ]),
    below: buy(10_000, 'AAA'),
    above: buy(10_001, 'AAA'),
  },
  {
    rule: 'maxCorrelatedGroupBps',
    limits: { maxCorrelatedGroupBps: 4000 },
    book: aBook([
      aView('AUD/USD', {}, { group: 'pacific' }),
      aView('NZD/USD', { units: 30_000 }, { group: 'pacific' }),
    ]),
    below: buy(10_000, 'AUD/USD'),
    above: buy(10_001, 'AUD/USD'),
  },
  {
    rule: 'maxPerSide',
    limits: { maxPerSide: 1 },
    book: aBook(
      [
        aView('AUD/USD', { units: 10 }),
        aView('NZD/USD'),
        aView('USD/JPY'),
        aView('EUR/GBP', { units: 7 }),
        aView('EUR/USD', { units: -7 }),
        aView('GBP/USD', { units: 7 }),
      ],
      { carryBook: true },
    ),
    below: buy(10, 'USD/JPY'),
    above: buy(10, 'NZD/USD'),
  },
  {
    rule: 'maxPerSide',
    limits: { maxPerSide: 1 },
    book: aBook([aView('AUD/USD', { units: -10 }), aView('NZD/USD')], { carryBook: true }),
    below: sell(10, 'AUD/USD'),
    above: sell(10, 'NZD/USD'),
  },
];

describe.each(cases)('$rule', ({ rule, limits, book, below, above, key = rule }) => {
  it('lets an order through that just fits', () => {
    expect(stoppedBy(only(limits), [below], book)).toEqual([]);
  });

  it('refuses an order that is just too large, with value, limit and unit', () => {
    const [verdict] = assess(only(limits), [above], book);
    expect(verdict?.kind).toBe('refused');
    const failures = verdict?.kind === 'refused' ? verdict.failures : [];
    expect(failures.map((failure) => failure.limit)).toEqual([key]);
    expect(failures[0]?.value).toEqual(expect.any(Number));
    expect(failures[0]?.max).toEqual(expect.any(Number));
    expect(failures[0]?.unit).not.toBe('');
    expect(failures[0]?.message).toMatch(/\d/);
  });

  it('says nothing when it is off', () => {
    expect(stoppedBy(only({}), [above], book)).toEqual([]);
  });

  it('never stops an exit', () => {
    const held = new Map([...book.instruments].map(([id, view]) => [id, { ...view, units: 1e7 }]));
    const tight = only(
      Object.fromEntries(Object.keys(limits).map((name) => [name, name === 'minCashReserveBps' ? 10_000 : 0])),
    );
    for (const reduceOnly of [true, false]) {
      const exit = { ...sell(1000, above.instrument), reduceOnly };
      expect(stoppedBy(tight, [exit], { ...book, instruments: held, equity: -5 })).toEqual([]);
    }
  });
});

describe('a book with nothing left', () => {
  it.each([0, -10, Number.NaN])('given equity %s, no entry passes a limit in bps of equity', (equity) => {
    const book = aBook([aView('EUR/USD', { units: 5000 })], { equity });
    expect(stoppedBy(only({ maxPositionBps: 1000 }), [buy(10)], book)).toEqual(['maxPositionBps']);
    expect(stoppedBy(only({ maxGrossLeverage: 2 }), [buy(10)], book)).toEqual(['maxGrossLeverage']);
    expect(stoppedBy(only({ minCashReserveBps: 1 }), [buy(10)], book)).toEqual(['minCashReserveBps']);
  });
});

describe('a value that is over its limit already', () => {
  it('may be lowered by an order in another instrument, and not raised', () => {
    const book = aBook([aView(), aView('GBP/USD', { units: 200_000 })]);
    expect(stoppedBy(only({ maxNetLeverage: 1 }), [sell(10_000)], book)).toEqual([]);
    expect(stoppedBy(only({ maxNetLeverage: 1 }), [buy(10_000)], book)).toEqual(['maxNetLeverage']);
  });

  it('names the worse of two currencies', () => {
    const book = aBook([aView('EUR/GBP'), aView('EUR/USD', { units: 60_000 }), aView('GBP/USD', { units: -80_000 })]);
    const [verdict] = assess(only({ maxCurrencyNetBps: 5000 }), [buy(10, 'EUR/GBP')], book);
    expect(verdict).toMatchObject({ failures: [{ message: expect.stringContaining('net GBP') }] });
    const other = aBook([aView('EUR/GBP'), aView('EUR/USD', { units: 80_000 }), aView('GBP/USD', { units: -60_000 })]);
    const [second] = assess(only({ maxCurrencyNetBps: 5000 }), [buy(10, 'EUR/GBP')], other);
    expect(second).toMatchObject({ failures: [{ message: expect.stringContaining('net EUR') }] });
  });

  it('given a held instrument without a price, what cannot be measured is refused', () => {
    const book = aBook([aView(), aView('GBP/USD', { units: 5, price: Number.NaN })]);
    const [verdict] = assess(only({ maxGrossLeverage: 2 }), [buy(10)], book);
    expect(verdict).toMatchObject({
      failures: [{ limit: 'maxGrossLeverage', value: null, message: expect.stringContaining('unknown') }],
    });
  });
});

describe('the cash reserve', () => {
  const limits = only({ minCashReserveBps: 2500 });

  it('that is too small already is no reason against an order that takes nothing off it', () => {
    // Beside the exit on its way a purchase is an entry, though it could only shrink.
    const held = { units: -20_000, leavingUnits: 20_000 };
    const book = aBook([aView('EUR/USD', held, { marginRate: 1 })], { marginUsed: 80_000 });
    expect(stoppedBy(limits, [buy(15_000)], book)).toEqual([]);
    expect(stoppedBy(limits, [buy(20_001)], book)).toEqual(['minCashReserveBps']);
  });

  it('counts what is held as the venue does, and needs no price for it', () => {
    const book = aBook([aView(), aView('GBP/USD', { units: 5, price: Number.NaN })], { marginUsed: 10_000 });
    expect(stoppedBy(limits, [buy(10)], book)).toEqual([]);
  });
});
