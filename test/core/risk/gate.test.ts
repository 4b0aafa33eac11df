import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientId, orderId } from '../../../src/core/model/ids.js';
import { signOf } from '../../../src/core/model/order.js';
import { assess, judge, overExposed } from '../../../src/core/risk/gate.js';
import { noLimits, standardLimits } from '../../../src/core/risk/presets.js';
import type { BookView, RiskLimits } from '../../../src/core/risk/rule.js';
import { aBook, anIntent, aView, only, stoppedBy } from './a-book.js';

const blockedBook = (change: Partial<BookView> = {}) =>
  aBook([aView('EUR/USD', { units: 1000 })], {
    blocked: [{ limit: 'breaker.dailyLoss', value: 210, max: 200, unit: 'bps of equity', message: 'stopped' }],
    ...change,
  });

describe('judge', () => {
  it('makes orders of what passed and mints no id for what did not', () => {
    const minted: number[] = [];
    const mint = ({ units }: { units: number }) => {
      minted.push(units);
      return { id: orderId(`o-${units}`), clientId: clientId(`fx-${units}`) };
    };
    const book = aBook();
    const [first, second] = judge(
      only({ maxPositionBps: 1000 }),
      [anIntent({ units: 10_000 }), anIntent({ units: 1 })],
      book,
      mint,
    );
    expect(first).toMatchObject({
      kind: 'passed',
      order: { id: 'o-10000', clientId: 'fx-10000', createdAt: book.now, intent: { units: 10_000 } },
    });
    expect(second).toMatchObject({ kind: 'refused', intent: { units: 1 }, failures: [{ limit: 'maxPositionBps' }] });
    expect(minted).toEqual([10_000]);
  });

  it('says which of them can only shrink the position', () => {
    const book = aBook([aView('EUR/USD', { units: 1000 })]);
    const proposals = [anIntent({ side: 'sell', units: 400 }), anIntent({ units: 5 })];
    const ids = { id: orderId('o-1'), clientId: clientId('fx-1') };
    const passed = [
      { kind: 'passed', exit: true },
      { kind: 'passed', exit: false },
    ];
    expect(assess(noLimits, proposals, book)).toEqual(passed);
    expect(judge(noLimits, proposals, book, () => ids)).toMatchObject(passed);
  });

  it('names every broken limit, not only the first', () => {
    const book = aBook([aView('EUR/USD', { spread: 0.01, quoteAgeMs: 60_000 })], { ordersLastMinute: 10 });
    expect(stoppedBy(standardLimits, [anIntent({ units: 300_000 })], book)).toEqual([
      'maxPositionBps',
      'maxGrossLeverage',
      'maxNetLeverage',
      'maxCurrencyNetBps',
      'stop.missing',
      'maxOrdersPerMinute',
      'maxSpreadBps',
      'maxQuoteAge.market',
      'var95DayBps',
      'es95DayBps',
    ]);
  });

  it('lets an ordinary order through the standard limits', () => {
    expect(stoppedBy(standardLimits, [anIntent({ units: 10_000, stopLoss: 0.92 })], aBook())).toEqual([]);
  });
});

describe('an entry that is looked at again right before it leaves', () => {
  const keys = (limits: RiskLimits, book: BookView, units = 1000, symbol = 'EUR/USD') =>
    overExposed(limits, anIntent({ units: Math.abs(units), side: units > 0 ? 'buy' : 'sell', symbol }), book).map(
      ({ limit }) => limit,
    );
  const held = aView('GBP/USD', { units: 90_000 }, { sector: 'S', group: 'G', marginRate: 1 });
  const full = aBook([aView('EUR/USD', {}, { sector: 'S', group: 'G', marginRate: 1 }), held], {
    marginUsed: 90_000,
    carryBook: true,
    newPositionsToday: 99,
    ordersLastMinute: 99,
    nothingMayLeave: true,
    recentIntents: [anIntent()],
  });
  /** All the limits of how much may come to be held, and all others that an entry would break. */
  const tight = only({
    maxPositionBps: 50,
    maxGrossLeverage: 0.5,
    maxNetLeverage: 0.5,
    maxPerSide: 1,
    maxOpenPositions: 1,
    maxCurrencyNetBps: 50,
    maxSectorBps: 50,
    maxCorrelatedGroupBps: 50,
    minCashReserveBps: 5000,
    var95DayBps: 1,
    es95DayBps: 1,
    maxNewPositionsPerDay: 1,
    maxOrdersPerMinute: 1,
    duplicateWindowMs: 5000,
    requireStop: true,
    maxOrderNotional: 1,
  });

  it('is judged by every limit of what may come to be held, and by no other', () => {
    expect(keys(tight, full)).toEqual([
      'maxPositionBps',
      'maxGrossLeverage',
      'maxNetLeverage',
      'maxPerSide',
      'maxOpenPositions',
      'maxCurrencyNetBps',
      'maxSectorBps',
      'maxCorrelatedGroupBps',
      'minCashReserveBps',
      'var95DayBps',
      'es95DayBps',
    ]);
    expect(keys(only({}), full)).toEqual([]);
  });

  it('passes when it has become an exit', () => {
    expect(keys(tight, full, -1000, 'GBP/USD')).toEqual([]);
  });

  it('does not pass when nobody knows its instrument any more', () => {
    expect(keys(only({}), full, 1000, 'ZZZ')).toEqual(['instrument.unknown']);
  });
});

describe('a batch', () => {
  it('counts what passed as filled, and what was refused not', () => {
    const limits = only({ maxPositionBps: 1000 });
    const kinds = (...units: number[]) =>
      assess(
        limits,
        units.map((size) => anIntent({ units: size })),
        aBook(),
      ).map((verdict) => verdict.kind);
    expect(kinds(6000, 6000)).toEqual(['passed', 'refused']);
    expect(kinds(60_000, 6000, 4000, 1)).toEqual(['refused', 'passed', 'passed', 'refused']);
  });

  it('given an entry, does not take a sale for its exit: the entry may never fill', () => {
    const limits = only({ maxPositionBps: 1000 });
    expect(stoppedBy(limits, [anIntent({ units: 5000 }), anIntent({ side: 'sell', units: 20_000 })], aBook())).toEqual([
      'maxPositionBps',
    ]);
  });

  it('given two exits of one position, judges the second as an entry', () => {
    const book = blockedBook();
    const exit = anIntent({ side: 'sell', units: 1000 });
    expect(assess(only({}), [exit, { ...exit, units: 999 }], book).map((verdict) => verdict.kind)).toEqual([
      'passed',
      'refused',
    ]);
  });

  it('counts positions that it opens itself', () => {
    const book = aBook([aView('EUR/USD'), aView('GBP/USD')]);
    const limits = only({ maxNewPositionsPerDay: 1 });
    expect(stoppedBy(limits, [anIntent(), anIntent({ symbol: 'GBP/USD' })], book)).toEqual(['maxNewPositionsPerDay']);
  });
});

describe('a blocked or halted book', () => {
  it('refuses entries and lets exits out', () => {
    const book = blockedBook();
    expect(stoppedBy(noLimits, [anIntent()], book)).toEqual(['breaker.dailyLoss']);
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell' })], book)).toEqual([]);
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', units: 400 })], book)).toEqual([]);
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', units: 5000, reduceOnly: true })], book)).toEqual([]);
  });

  it('judges an order that turns a position around as an entry of all its units: what is held may be gone when it fills', () => {
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', units: 1001 })], blockedBook())).toEqual([
      'breaker.dailyLoss',
    ]);
    const held = aBook([aView('EUR/USD', { units: 4000 })]);
    expect(stoppedBy(only({ maxPositionBps: 1000 }), [anIntent({ side: 'sell', units: 10_000 })], held)).toEqual([]);
    expect(stoppedBy(only({ maxPositionBps: 1000 }), [anIntent({ side: 'sell', units: 10_001 })], held)).toEqual([
      'maxPositionBps',
    ]);
  });

  it('given an exit on its way, judges a sale of what is held as an entry: both would fill', () => {
    const book = aBook([aView('EUR/USD', { units: 1000, leavingUnits: 1000 })], { blocked: blockedBook().blocked });
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', units: 1000 })], book)).toEqual(['breaker.dailyLoss']);
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', units: 1000, reduceOnly: true })], book)).toEqual([]);
  });

  it('given that nothing may leave, refuses exits, and says so of malformed and unknown orders too', () => {
    const book = blockedBook({ blocked: [], nothingMayLeave: true });
    expect(stoppedBy(noLimits, [anIntent({ side: 'sell', reduceOnly: true })], book)).toEqual(['halted']);
    expect(stoppedBy(noLimits, [anIntent({ units: 0.5 })], book)).toEqual([
      'order.lotStep',
      'order.minUnits',
      'halted',
    ]);
    expect(stoppedBy(noLimits, [anIntent({ symbol: 'ZZZ' })], book)).toEqual(['instrument.unknown', 'halted']);
  });

  it('lets an exit out though an order in flight would turn the position around', () => {
    const book = aBook([aView('EUR/USD', { units: 1000, pendingUnits: -30_000 })], { equity: 1 });
    expect(stoppedBy(standardLimits, [anIntent({ side: 'sell', units: 500, reduceOnly: true })], book)).toEqual([]);
    // One that may open too is no exit beside it.
    expect(
      stoppedBy(noLimits, [anIntent({ side: 'sell', units: 500 })], { ...book, blocked: blockedBook().blocked }),
    ).toEqual(['breaker.dailyLoss']);
  });
});

const numbers = [
  'perTradeRiskBps',
  'maxPositionBps',
  'maxGrossLeverage',
  'maxNetLeverage',
  'maxPerSide',
  'maxOpenPositions',
  'maxNewPositionsPerDay',
  'maxCurrencyNetBps',
  'maxSectorBps',
  'maxCorrelatedGroupBps',
  'maxOrdersPerMinute',
  'priceCollarBps',
  'maxSpreadBps',
  'maxSlippageBps',
  'maxOrderNotional',
  'var95DayBps',
  'es95DayBps',
  'maxRateAgeMs',
] as const satisfies readonly (keyof RiskLimits)[];

const anyOrder = fc.record({
  symbol: fc.constantFrom('EUR/USD', 'GBP/USD', 'USD/JPY', 'AAA'),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  units: fc.integer({ min: 1, max: 150_000 }),
  reduceOnly: fc.boolean(),
  stop: fc.integer({ min: 1, max: 2000 }),
});

const anyBook = fc
  .record({
    units: fc.array(fc.integer({ min: -80_000, max: 80_000 }), { minLength: 4, maxLength: 4 }),
    pending: fc.array(fc.integer({ min: -20_000, max: 20_000 }), { minLength: 4, maxLength: 4 }),
    spread: fc.integer({ min: 0, max: 40 }),
    opened: fc.integer({ min: 0, max: 4 }),
    carryBook: fc.boolean(),
  })
  .map(({ units, pending, spread, opened, carryBook }) =>
    aBook(
      ['EUR/USD', 'GBP/USD', 'USD/JPY', 'AAA'].map((symbol, index) =>
        aView(
          symbol,
          {
            units: units[index] ?? 0,
            pendingUnits: pending[index] ?? 0,
            spread: spread / 10_000,
            slippageBps: spread,
            rateAgeMs: 5,
          },
          { sector: 'S', group: index < 2 ? 'G' : 'H' },
        ),
      ),
      { newPositionsToday: opened, carryBook },
    ),
  );

const orderOf = (raw: { symbol: string; side: 'buy' | 'sell'; units: number; reduceOnly: boolean; stop: number }) =>
  anIntent({ ...raw, stopLoss: Number((1 - signOf(raw.side) * raw.stop * 0.0001).toFixed(4)) });

describe('for every order and book', () => {
  it('a tighter limit never approves more', () => {
    fc.assert(
      fc.property(
        anyBook,
        anyOrder,
        fc.constantFrom(...numbers),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (book, raw, key, factor) => {
          const intent = orderOf(raw);
          const limits: RiskLimits = { ...standardLimits, maxOrderNotional: 60_000, maxRateAgeMs: 10 };
          const tighter = { ...limits, [key]: (limits[key] ?? 0) * factor };
          const before = stoppedBy(limits, [intent], book);
          const after = stoppedBy(tighter, [intent], book);
          expect(after).toEqual(expect.arrayContaining([...before]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('an order that can only shrink a position, beside all that works against it, passes every exposure rule', () => {
    const closed: RiskLimits = {
      ...standardLimits,
      ...Object.fromEntries(numbers.map((key) => [key, 0])),
      minCashReserveBps: 10_000,
    };
    fc.assert(
      fc.property(anyBook, anyOrder, (book, raw) => {
        const intent = { ...orderOf(raw), reduceOnly: false };
        const { units: held, pendingUnits: pending } = book.instruments.get(intent.instrument) ?? aView();
        const others = pending * held < 0 ? Math.abs(pending) : 0;
        const shrinks = held * signOf(intent.side) < 0 && intent.units + others <= Math.abs(held);
        if (shrinks) expect(stoppedBy(closed, [intent], book)).toEqual([]);
        else expect(stoppedBy(closed, [intent], book).length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('what passes keeps the position within its limit, counting everything in flight', () => {
    const limits = only({ maxPositionBps: 5000 });
    fc.assert(
      fc.property(fc.array(anyOrder, { maxLength: 6 }), (raws) => {
        const intents = raws.map((raw) => ({ ...orderOf(raw), reduceOnly: false }));
        const book = aBook(['EUR/USD', 'GBP/USD', 'USD/JPY', 'AAA'].map((symbol) => aView(symbol)));
        const net = new Map<string, number>();
        assess(limits, intents, book).forEach((verdict, index) => {
          const intent = intents[index];
          if (verdict.kind === 'refused' || intent === undefined) return;
          const units = (net.get(intent.instrument) ?? 0) + signOf(intent.side) * intent.units;
          net.set(intent.instrument, units);
        });
        for (const units of net.values()) expect(Math.abs(units)).toBeLessThanOrEqual(50_000);
      }),
    );
  });
});

describe('an entry that is about to leave', () => {
  const limits = only({ maxGrossLeverage: 1 });
  const entry = anIntent({ symbol: 'GBP/USD', units: 60_000 });
  const exit = anIntent({ side: 'sell', units: 80_000, reduceOnly: true });
  const book = (units: number, leavingUnits: number) =>
    aBook([aView('EUR/USD', { units, leavingUnits }), aView('GBP/USD')]);

  it('given the exit that it counted on has filled, fits', () => {
    expect(assess(limits, [exit, entry], book(80_000, 0)).map(({ kind }) => kind)).toEqual(['passed', 'passed']);
    expect(overExposed(limits, entry, book(0, 0))).toEqual([]);
  });

  it('given nobody knows what became of that exit, would break the limit that it passed', () => {
    const found = overExposed(limits, entry, book(80_000, 80_000));
    expect(found.map(({ limit, value }) => [limit, value])).toEqual([['maxGrossLeverage', 1.4]]);
  });

  it('is asked for nothing when it is an exit', () => {
    expect(overExposed(limits, exit, book(80_000, 0))).toEqual([]);
  });
});
