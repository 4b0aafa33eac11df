import { describe, expect, it } from 'vitest';
import { accountSide } from '../../../src/core/risk/concentration.js';
import { assess } from '../../../src/core/risk/gate.js';
import { aBook, anInstrument, anIntent, aView, only, stoppedBy } from './a-book.js';

const buy = (units: number, symbol: string) => anIntent({ units, symbol });
const sell = (units: number, symbol: string) => anIntent({ units, symbol, side: 'sell' });
const coin = (symbol: string, units = 0) => aView(symbol, { units }, { assetClass: 'crypto' });

describe('the side of an instrument against the account’s currency', () => {
  it.each([
    ['EUR/USD', 'USD', {}, 1],
    ['USD/JPY', 'USD', {}, -1],
    ['EUR/JPY', 'USD', {}, 0],
    // Whatever it is called, a stock is paid for in money and is none.
    ['USD', 'USD', { assetClass: 'stock' as const }, 1],
    ['BTC/EUR', 'USD', { assetClass: 'crypto' as const }, 1],
  ])('of %s in %s', (symbol, currency, change, side) => {
    expect(accountSide(anInstrument(symbol, change), currency)).toBe(side);
  });
});

describe('coins that are meant to be a dollar', () => {
  const limits = only({ maxCurrencyNetBps: 1000 });

  it.each(['USDT', 'USDC', 'FDUSD', 'TUSD', 'BUSD', 'DAI'])(
    '%s counts as one: no risk to a book in dollars',
    (dollar) => {
      // 10,000 of each coin is the limit; the two together are over it only as what they are paid in.
      const book = aBook([coin(`BTC/${dollar}`), coin(`ETH/${dollar}`, 10_000)]);
      expect(stoppedBy(limits, [buy(10_000, `BTC/${dollar}`)], book)).toEqual([]);
      const euros = aBook([coin(`BTC/${dollar}`), coin(`ETH/${dollar}`, 10_000)], { currency: 'EUR' });
      expect(stoppedBy(limits, [buy(1, `BTC/${dollar}`)], euros)).toEqual(['maxCurrencyNetBps']);
    },
  );

  it('another coin is a currency like any', () => {
    const book = aBook([coin('BTC/ETH'), coin('SOL/ETH', 10_000)]);
    expect(stoppedBy(limits, [buy(10, 'BTC/ETH')], book)).toEqual(['maxCurrencyNetBps']);
  });
});

describe('the net of a currency', () => {
  const limits = only({ maxCurrencyNetBps: 5000 });

  it('that is over its limit may be lowered and not raised, whatever else is held', () => {
    const book = aBook([aView('EUR/GBP'), aView('EUR/USD', { units: 60_000 })]);
    expect(stoppedBy(limits, [sell(5000, 'EUR/GBP')], book)).toEqual([]);
    expect(stoppedBy(limits, [buy(5000, 'EUR/GBP')], book)).toEqual(['maxCurrencyNetBps']);
  });

  it('counts neither stocks nor the account’s own currency', () => {
    const stock = aView('EUR', { units: 90_000 }, { assetClass: 'stock', base: 'EUR', quote: 'GBP' });
    expect(stoppedBy(limits, [buy(10_000, 'EUR/GBP')], aBook([aView('EUR/GBP'), stock]))).toEqual([]);
    expect(stoppedBy(limits, [buy(90_000, 'EUR')], aBook([stock]))).toEqual([]);
    const dollars = aBook([
      aView('USD/JPY'),
      aView('EUR/USD', { units: -45_000 }),
      aView('GBP/USD', { units: -45_000 }),
    ]);
    expect(stoppedBy(limits, [buy(40_000, 'USD/JPY')], dollars)).toEqual([]);
  });

  it('of a book whose money is gone fits nowhere', () => {
    expect(stoppedBy(limits, [buy(1, 'EUR/GBP')], aBook([aView('EUR/GBP')], { equity: 0 }))).toEqual([
      'maxCurrencyNetBps',
    ]);
  });
});

describe('the currency that is named', () => {
  const limits = only({ maxCurrencyNetBps: 5000 });
  const named = (symbol: string, change: { equity?: number }) => {
    const [verdict] = assess(limits, [buy(60_000, symbol)], aBook([aView(symbol)], change));
    return verdict?.kind === 'refused' ? verdict.failures.map(({ message }) => message.slice(0, 7)) : [];
  };

  it('is the first of two that weigh the same, and never the account’s own', () => {
    expect(named('EUR/GBP', {})).toEqual(['net EUR']);
    expect(named('EUR/USD', { equity: 0 })).toEqual(['net EUR']);
  });
});

describe('a sector over its limit', () => {
  const held = (units: number) => aView('BBB', { units }, { sector: 'Tech' });

  it('takes nothing more, and what makes it no larger', () => {
    // An exit is on its way already, so that a purchase is an entry though it could only shrink.
    const own = aView('AAA', { units: -20_000, leavingUnits: 20_000 }, { sector: 'Tech' });
    const limits = only({ maxSectorBps: 3000 });
    expect(stoppedBy(limits, [sell(1, 'AAA')], aBook([own, held(40_000)]))).toEqual(['maxSectorBps']);
    expect(stoppedBy(limits, [buy(15_000, 'AAA')], aBook([own, held(40_000)]))).toEqual([]);
    expect(stoppedBy(limits, [buy(20_001, 'AAA')], aBook([own, held(40_000)]))).toEqual(['maxSectorBps']);
  });
});

describe('currencies on one side of a carry book', () => {
  const limits = only({ maxPerSide: 1 });
  const carry = { carryBook: true };

  it('count long and short apart, the account’s own not', () => {
    const book = aBook([aView('AUD/USD', { units: 10 }), aView('NZD/USD', { units: -10 }), aView('EUR/GBP')], carry);
    expect(stoppedBy(limits, [buy(5, 'AUD/USD')], book)).toEqual([]);
    expect(stoppedBy(limits, [sell(5, 'NZD/USD')], book)).toEqual([]);
    expect(stoppedBy(limits, [buy(5, 'EUR/GBP')], book)).toEqual(['maxPerSide']);
  });

  it('that cancel out are not held', () => {
    const book = aBook(
      [
        aView('EUR/GBP', { units: 10 }),
        aView('EUR/USD', { units: -10 }),
        aView('GBP/USD', { units: 10 }),
        aView('AUD/USD'),
      ],
      carry,
    );
    expect(stoppedBy(limits, [buy(10, 'AUD/USD')], book)).toEqual([]);
  });

  it('that were too many already may stay as they are', () => {
    const book = aBook([aView('AUD/USD', { units: 10 }), aView('NZD/USD', { units: 10 }), aView('CAD/USD')], carry);
    expect(stoppedBy(limits, [buy(10, 'AUD/USD')], book)).toEqual([]);
    expect(stoppedBy(limits, [buy(10, 'CAD/USD')], book)).toEqual(['maxPerSide']);
  });

  it('are no limit of other books', () => {
    const book = aBook([aView('AUD/USD', { units: 10 }), aView('NZD/USD')]);
    expect(stoppedBy(limits, [buy(10, 'NZD/USD')], book)).toEqual([]);
  });
});
