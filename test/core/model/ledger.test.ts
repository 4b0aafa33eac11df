import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId, orderId } from '../../../src/core/model/ids.js';
import { Ledger } from '../../../src/core/model/ledger.js';
import { toMinorUnit } from '../../../src/core/model/money.js';
import type { Fill, Side } from '../../../src/core/model/order.js';
import { Valuation } from '../../../src/core/model/valuation.js';
import { PAPER } from '../../helpers/scenario.js';

const A = instrumentId('A');
const B = instrumentId('B');

function fill(side: Side, units: number, price: number, more: Partial<Fill> = {}): Fill {
  const free = { commission: 0, spreadCost: 0, slippageCost: 0, impactCost: 0 };
  return {
    orderId: orderId('o-1'),
    executionId: 'x',
    instrument: A,
    side,
    units,
    price,
    ts: 1,
    reason: 'r',
    ...free,
    ...more,
  };
}

/** A ledger of 1,000.00 with fills booked at a rate of 1. */
function booked(...fills: readonly Fill[]) {
  const ledger = new Ledger([A, B], 1_000, 2);
  const trades = fills.map((one) => ledger.applyFill(one, 1, Number.NaN).trade);
  return { ledger, trades: trades.filter((trade) => trade !== undefined) };
}

it('books what the venue made of a fill in whatever order fills are told', () => {
  const exit = fill('buy', 10, 99, { executionId: 'exit', realizedPnl: 12.34 });
  const entry = fill('buy', 10, 99, { executionId: 'entry', realizedPnl: 0 });
  const short = fill('sell', 10, 100, { realizedPnl: 0 });

  const { ledger } = booked(short, entry, exit);

  expect([ledger.cash, ledger.units(0)]).toEqual([1_012.34, 10]);
  expect(booked(short, exit, entry).ledger.cash).toBe(1_012.34);
});

describe('netting', () => {
  it.each`
    name                        | fills                                                         | units | average | cash     | gross
    ${'opens'}                  | ${[['buy', 10, 100]]}                                         | ${10} | ${100}  | ${1_000} | ${[]}
    ${'adds at the mean price'} | ${[['buy', 10, 100], ['buy', 30, 104]]}                       | ${40} | ${103}  | ${1_000} | ${[]}
    ${'closes a part'}          | ${[['buy', 10, 100], ['sell', 4, 105]]}                       | ${6}  | ${100}  | ${1_020} | ${[20]}
    ${'closes'}                 | ${[['buy', 10, 100], ['sell', 10, 99]]}                       | ${0}  | ${0}    | ${990}   | ${[-10]}
    ${'turns around'}           | ${[['buy', 10, 100], ['sell', 15, 102]]}                      | ${-5} | ${102}  | ${1_020} | ${[20]}
    ${'turns a short around'}   | ${[['sell', 10, 100], ['buy', 15, 98]]}                       | ${5}  | ${98}   | ${1_020} | ${[20]}
    ${'keeps lots of 0.1'}      | ${[['buy', 0.1, 100], ['buy', 0.2, 100], ['sell', 0.3, 100]]} | ${0}  | ${0}    | ${1_000} | ${[0]}
  `('$name', ({ fills, units, average, cash, gross }) => {
    const { ledger, trades } = booked(...fills.map((one: [Side, number, number]) => fill(...one)));
    expect(ledger.units(0)).toBe(units);
    expect(ledger.averagePrice(0)).toBe(average);
    expect(ledger.cash).toBe(cash);
    expect(trades.map((trade) => trade.grossPnl)).toEqual(gross);
    expect(ledger.openIndexes).toEqual(units === 0 ? [] : [0]);
  });

  it('says when a position began, on its side', () => {
    const ledger = new Ledger([A], 1_000, 2);
    const opened = (side: Side, units: number) => ledger.applyFill(fill(side, units, 100), 1, Number.NaN).opened;
    expect([opened('buy', 1), opened('buy', 1), opened('sell', 1), opened('sell', 2), opened('buy', 1)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  it('gives each trade its share of commission, financing and risk, to the cent', () => {
    const ledger = new Ledger([A], 1_000, 2);
    ledger.applyFill(fill('buy', 3, 100, { commission: 1 }), 1, 30);
    ledger.bookFinancing(0, 0.5);
    const first = ledger.applyFill(fill('sell', 1, 110, { commission: 0.1 }), 1, Number.NaN).trade;
    expect(first).toMatchObject({ grossPnl: 10, commission: 0.43, financing: 0.17, netPnl: 9.4, initialRisk: 10 });
    const rest = ledger.applyFill(fill('sell', 3, 110, { commission: 0.3 }), 1, Number.NaN).trade;
    expect(rest).toMatchObject({
      units: 2,
      grossPnl: 20,
      commission: 0.87,
      financing: 0.33,
      netPnl: 18.8,
      initialRisk: 20,
    });
    expect(ledger.holding(0)).toMatchObject({ units: -1, commission: expect.closeTo(0.1, 9), financing: 0 });
    expect(ledger.cash).toBe(1_028.1);
  });

  it('books profit in a foreign currency at the rate of the exit', () => {
    const ledger = new Ledger([A], 1_000, 2);
    ledger.applyFill(fill('buy', 100, 100), 0.009, Number.NaN);
    expect(ledger.unrealizedPnl(0, 110, 0.01)).toBe(10);
    expect(ledger.applyFill(fill('sell', 100, 110), 0.008, Number.NaN).trade?.grossPnl).toBe(8);
    expect(ledger.cash).toBe(1_008);
    expect(ledger.unrealizedPnl(0, 110, 0.01)).toBe(0);
  });

  it('adds the risk of further units; one fill without a stop leaves it unknown', () => {
    const ledger = new Ledger([A], 1_000, 2);
    ledger.applyFill(fill('buy', 1, 100), 1, 5);
    ledger.applyFill(fill('buy', 1, 100), 1, 7);
    expect(ledger.holding(0).initialRisk).toBe(12);
    ledger.applyFill(fill('buy', 1, 100), 1, Number.NaN);
    expect(ledger.applyFill(fill('sell', 3, 100), 1, Number.NaN).trade?.initialRisk).toBeUndefined();
  });
});

it('large positions and known risks survive a save', () => {
  const { ledger } = booked();
  ledger.applyFill(fill('buy', 3_000_000, 1), 1, 500);
  const other = new Ledger([A, B], 1, 2);
  other.load(JSON.parse(JSON.stringify(ledger.save())));
  expect(other.applyFill(fill('sell', 3_000_000, 1), 1, Number.NaN).trade).toMatchObject({ initialRisk: 500 });
});

describe('splits', () => {
  const split = { ts: 9, lotStep: 1, quoteToAccount: 1 };

  it.each`
    name                      | units  | ratio  | price  | after | paid
    ${'two for one'}          | ${10}  | ${2}   | ${55}  | ${20} | ${undefined}
    ${'three for two'}        | ${5}   | ${1.5} | ${70}  | ${7}  | ${{ units: 0.5, grossPnl: 1.67 }}
    ${'one for ten'}          | ${25}  | ${0.1} | ${1e3} | ${2}  | ${{ units: 0.5, grossPnl: 0 }}
    ${'a short'}              | ${-25} | ${0.1} | ${990} | ${-2} | ${{ units: 0.5, grossPnl: 5 }}
    ${'less than a lot left'} | ${5}   | ${0.1} | ${1e3} | ${0}  | ${{ units: 0.5, grossPnl: 0 }}
  `('$name: $units become $after', ({ units, ratio, price, after, paid }) => {
    const { ledger } = booked(fill(units > 0 ? 'buy' : 'sell', Math.abs(units), 100));
    const before = ledger.cash + ledger.unrealizedPnl(0, price * ratio, 1);
    const trade = ledger.applySplit(0, { ...split, ratio, price });
    expect(ledger.units(0)).toBe(after);
    if (paid === undefined) expect(trade).toBeUndefined();
    else expect(trade).toMatchObject({ ...paid, exitReason: 'fraction of a split', exitTime: 9 });
    expect(ledger.cash + ledger.unrealizedPnl(0, price, 1)).toBeCloseTo(before, 1);
    expect(ledger.openIndexes).toEqual(after === 0 ? [] : [0]);
  });

  it('a position that a split ends leaves no costs to the next one', () => {
    const { ledger } = booked(fill('buy', 5, 100, { commission: 3 }));
    expect(ledger.applySplit(0, { ...split, ratio: 0.1, price: 1_000 })).toMatchObject({ commission: 3, netPnl: -3 });
    ledger.applyFill(fill('buy', 1, 100), 1, Number.NaN);
    expect(ledger.applyFill(fill('sell', 1, 100), 1, Number.NaN).trade).toMatchObject({ commission: 0, netPnl: 0 });
  });

  it('nothing held, nothing happens', () => {
    expect(new Ledger([A], 1_000, 2).applySplit(0, { ...split, ratio: 2, price: 50 })).toBeUndefined();
  });
});

describe('what cannot be booked', () => {
  const ledger = new Ledger([A], 1_000, 2);
  it.each([
    ['no units', () => ledger.applyFill(fill('buy', 0, 100), 1, 0)],
    ['no price', () => ledger.applyFill(fill('buy', 1, Number.NaN), 1, 0)],
    ['no rate', () => ledger.applyFill(fill('buy', 1, 100), Number.NaN, 0)],
    ['a strange instrument', () => ledger.applyFill(fill('buy', 1, 100, { instrument: B }), 1, 0)],
    ['an index outside', () => ledger.units(7)],
    ['an amount that is no number', () => toMinorUnit(Number.NaN, 2)],
  ])('%s is a bug, not a booking', (_name, book) => {
    expect(book).toThrow('this must hold');
  });

  it('a quote currency without a path into the account is refused, never taken at 1', () => {
    const yen = { ...PAPER, quote: 'JPY' };
    expect(() => new Valuation([yen], 1, 'USD')).toThrow(expect.objectContaining({ code: 'DATA.NO_CONVERSION_PATH' }));
    expect(() => new Valuation([PAPER, yen], 1, 'USD').quoteToAccount(1)).toThrow('only traded instruments');
  });

  it('a rate that is not known yet is unknown, then the price of its pair', () => {
    const yen = { ...PAPER, quote: 'JPY' };
    const pair = { ...PAPER, id: instrumentId('USD/JPY'), assetClass: 'fx' as const, base: 'USD', quote: 'JPY' };
    const valuation = new Valuation([yen, pair], 1, 'USD');
    expect(valuation.quoteToAccount(0)).toBeNaN();
    valuation.prices[1] = 160;
    expect(valuation.quoteToAccount(0)).toBe(1 / 160);
  });
});

const steps = fc.array(
  fc.record({
    buy: fc.boolean(),
    units: fc.integer({ min: 1, max: 500 }),
    price: fc.integer({ min: 1, max: 50_000 }).map((cents) => cents / 100),
    commission: fc.integer({ min: 0, max: 500 }).map((cents) => cents / 100),
    financing: fc.integer({ min: -300, max: 300 }).map((cents) => cents / 100),
    other: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('any sequence of fills', () => {
  it('cash and open profit are the cash flows and the stock at its mark; trades add up to the cash, to the cent', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50_000 }), (list, mark) => {
        const ledger = new Ledger([A, B], 1_000, 2);
        let flow = 1_000;
        let net = 0;
        const stock = [0, 0];
        for (const { buy, units, price, commission, financing, other } of list) {
          const index = other ? 1 : 0;
          const sign = buy ? 1 : -1;
          const one = fill(buy ? 'buy' : 'sell', units, price, { commission, instrument: other ? B : A });
          net += ledger.applyFill(one, 1, Number.NaN).trade?.netPnl ?? 0;
          flow -= sign * units * price + commission;
          stock[index] = (stock[index] ?? 0) + sign * units;
          if (ledger.units(index) === 0) continue;
          ledger.bookFinancing(index, financing);
          flow -= financing;
        }
        const price = mark / 100;
        const open = ledger.unrealizedPnl(0, price, 1) + ledger.unrealizedPnl(1, price, 1);
        const worth = flow + ((stock[0] ?? 0) + (stock[1] ?? 0)) * price;
        // Each trade may round by half a cent.
        expect(Math.abs(ledger.cash + open - worth)).toBeLessThan(0.005 * list.length + 1e-6);
        for (const index of [0, 1]) net -= ledger.holding(index).commission + ledger.holding(index).financing;
        expect(Math.round(net * 100)).toBe(Math.round((ledger.cash - 1_000) * 100));
        expect(Math.abs(ledger.cash * 100 - Math.round(ledger.cash * 100))).toBeLessThan(1e-4);
      }),
    );
  });

  it('survives a save as JSON at any point', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, place) => {
        const whole = new Ledger([A, B], 1_000, 2);
        let resumed = new Ledger([A, B], 1_000, 2);
        list.forEach(({ buy, units, price, commission }, at) => {
          const one = fill(buy ? 'buy' : 'sell', units, price, { commission });
          if (at === place % list.length) {
            const state: unknown = JSON.parse(JSON.stringify(resumed.save()));
            resumed = new Ledger([A, B], 5, 2);
            resumed.load(state);
          }
          expect(resumed.applyFill(one, 1, Number.NaN)).toEqual(whole.applyFill(one, 1, Number.NaN));
        });
        expect(resumed.save()).toEqual(whole.save());
        expect(resumed.ids).toEqual([A, B]);
      }),
    );
  });
});
