import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { instrumentOf, majorPairs, minorUnitOf, parseSymbol } from '../../../src/core/model/instruments.js';

const codeOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error instanceof FxError ? error.code : error;
  }
  return undefined;
};

describe('symbols', () => {
  it.each`
    text         | id            | base         | quote
    ${'EURUSD'}  | ${'EUR/USD'}  | ${'EUR'}     | ${'USD'}
    ${'EUR_USD'} | ${'EUR/USD'}  | ${'EUR'}     | ${'USD'}
    ${'eur/usd'} | ${'EUR/USD'}  | ${'EUR'}     | ${'USD'}
    ${'Eur-Usd'} | ${'EUR/USD'}  | ${'EUR'}     | ${'USD'}
    ${'xauusd'}  | ${'XAU/USD'}  | ${'XAU'}     | ${'USD'}
    ${'BTCUSDT'} | ${'BTC/USDT'} | ${'BTC'}     | ${'USDT'}
    ${'dogeusd'} | ${'DOGE/USD'} | ${'DOGE'}    | ${'USD'}
    ${' aapl '}  | ${'AAPL'}     | ${undefined} | ${undefined}
    ${'W1'}      | ${'W1'}       | ${undefined} | ${undefined}
    ${'my-fund'} | ${'my-fund'}  | ${undefined} | ${undefined}
    ${'ABC/XYZ'} | ${'ABC/XYZ'}  | ${'ABC'}     | ${'XYZ'}
    ${'A/B/C'}   | ${'A/B/C'}    | ${undefined} | ${undefined}
    ${'EUR/'}    | ${'EUR/'}     | ${undefined} | ${undefined}
    ${'BTC/XYZ'} | ${'BTC/XYZ'}  | ${'BTC'}     | ${'XYZ'}
    ${'USDUSD'}  | ${'USDUSD'}   | ${undefined} | ${undefined}
  `('$text is $id', ({ text, id, base, quote }) => {
    expect({ base: undefined, quote: undefined, ...parseSymbol(text) }).toEqual({ id, base, quote });
  });
});

describe('the built-in table', () => {
  it.each`
    symbol        | assetClass  | tick         | pip         | lotStep    | marginRate | spread     | hours         | group
    ${'EUR/USD'}  | ${'fx'}     | ${0.00001}   | ${0.0001}   | ${1}       | ${0.0333}  | ${0.00008} | ${'fx'}       | ${'europe'}
    ${'USD/JPY'}  | ${'fx'}     | ${0.001}     | ${0.01}     | ${1}       | ${0.0333}  | ${0.009}   | ${'fx'}       | ${'yen'}
    ${'AUD/NZD'}  | ${'fx'}     | ${0.00001}   | ${0.0001}   | ${1}       | ${0.0333}  | ${0.00019} | ${'fx'}       | ${'antipodes'}
    ${'GBP/AUD'}  | ${'fx'}     | ${0.00001}   | ${0.0001}   | ${1}       | ${0.0333}  | ${0.00026} | ${'fx'}       | ${undefined}
    ${'USD/HUF'}  | ${'fx'}     | ${0.001}     | ${0.01}     | ${1}       | ${0.05}    | ${0.14}    | ${'fx'}       | ${'central-europe'}
    ${'USD/TRY'}  | ${'fx'}     | ${0.00001}   | ${0.0001}   | ${1}       | ${0.05}    | ${0.02}    | ${'fx'}       | ${undefined}
    ${'JPY/USD'}  | ${'fx'}     | ${0.0000001} | ${0.000001} | ${1}       | ${0.1}     | ${0.00005} | ${'fx'}       | ${'yen'}
    ${'PLN/CZK'}  | ${'fx'}     | ${0.00001}   | ${0.0001}   | ${1}       | ${0.1}     | ${0.005}   | ${'fx'}       | ${'central-europe'}
    ${'XAU/USD'}  | ${'fx'}     | ${0.01}      | ${0.1}      | ${1}       | ${0.05}    | ${0.3}     | ${'fx'}       | ${'metals'}
    ${'XAG/USD'}  | ${'fx'}     | ${0.001}     | ${0.01}     | ${1}       | ${0.05}    | ${0.025}   | ${'fx'}       | ${'metals'}
    ${'AAPL'}     | ${'stock'}  | ${0.01}      | ${0.01}     | ${1}       | ${0.5}     | ${0.02}    | ${'us-stock'} | ${undefined}
    ${'BTC/USDT'} | ${'crypto'} | ${0.01}      | ${0.01}     | ${0.00001} | ${1}       | ${1}       | ${'always'}   | ${'crypto'}
    ${'XRP/USD'}  | ${'crypto'} | ${0.00001}   | ${0.00001}  | ${0.00001} | ${1}       | ${0.0002}  | ${'always'}   | ${'crypto'}
    ${'ETH/BTC'}  | ${'crypto'} | ${0.000001}  | ${0.000001} | ${0.00001} | ${1}       | ${0.00001} | ${'always'}   | ${'crypto'}
  `('$symbol has tick $tick, lot step $lotStep, margin $marginRate', (row) => {
    const found = instrumentOf(row.symbol, {}, 'USD');
    expect(found).toMatchObject({
      assetClass: row.assetClass,
      tick: row.tick,
      pip: row.pip,
      lotStep: row.lotStep,
      minUnits: row.lotStep,
      marginRate: row.marginRate,
      typicalSpread: row.spread,
      hours: row.hours,
    });
    expect(found.group).toBe(row.group);
  });

  it('has the 28 pairs of the majors as markets quote them, each with a spread of its own', () => {
    expect(majorPairs).toHaveLength(28);
    for (const pair of majorPairs) {
      const found = instrumentOf(pair, {}, 'EUR');
      expect(found.id).toBe(pair);
      expect(found.marginRate).toBe(0.0333);
    }
    expect(majorPairs).toEqual(expect.arrayContaining(['EUR/USD', 'USD/JPY', 'AUD/USD', 'USD/CAD', 'GBP/CHF']));
  });

  it('knows the sectors of its stocks', () => {
    expect(instrumentOf('JPM', {}, 'USD').sector).toBe('financials');
    expect(instrumentOf('KO', {}, 'EUR').quote).toBe('USD');
  });
});

describe('settings on top', () => {
  it('an instrument known only from the settings is of class other, in account currency', () => {
    expect(instrumentOf('W1', { tick: 1 }, 'EUR')).toEqual({
      id: 'W1',
      assetClass: 'other',
      base: 'W1',
      quote: 'EUR',
      tick: 1,
      pip: 1,
      lotStep: 1,
      minUnits: 1,
      marginRate: 1,
      typicalSpread: 0,
      hours: 'data',
    });
  });

  it('a class brings its habits, a pair its currencies', () => {
    expect(instrumentOf('BRK.B', { assetClass: 'stock' }, 'EUR')).toMatchObject({ quote: 'USD', hours: 'us-stock' });
    const coin = instrumentOf('PEPE/USDT', { assetClass: 'crypto', tick: 0.001 }, 'USD');
    expect(coin).toMatchObject({ base: 'PEPE', quote: 'USDT', hours: 'always', tick: 0.001, pip: 0.001 });
  });

  it('values of the settings win, and pip and smallest order follow tick and lot step', () => {
    const found = instrumentOf('EUR/USD', { tick: 0.0001, lotStep: 1000, sector: undefined }, 'USD');
    expect(found).toMatchObject({ tick: 0.0001, pip: 0.001, lotStep: 1000, minUnits: 1000, typicalSpread: 0.00008 });
    expect(instrumentOf('EUR/USD', { tick: 0.0001, pip: 0.0001 }, 'USD').pip).toBe(0.0001);
    expect(instrumentOf('EUR/USD', { lotStep: 10, minUnits: 100 }, 'USD').minUnits).toBe(100);
  });

  it.each`
    symbol       | overrides                | code
    ${'W1'}      | ${{}}                    | ${'DATA.UNKNOWN_INSTRUMENT'}
    ${'W1'}      | ${{ tick: undefined }}   | ${'DATA.UNKNOWN_INSTRUMENT'}
    ${'BTC/XYZ'} | ${{}}                    | ${'DATA.UNKNOWN_INSTRUMENT'}
    ${'ABC/XYZ'} | ${{}}                    | ${'DATA.UNKNOWN_INSTRUMENT'}
    ${'EUR/USD'} | ${{ tick: 0 }}           | ${'CONFIG.INSTRUMENT'}
    ${'EUR/USD'} | ${{ lotStep: -1 }}       | ${'CONFIG.INSTRUMENT'}
    ${'EUR/USD'} | ${{ marginRate: NaN }}   | ${'CONFIG.INSTRUMENT'}
    ${'EUR/USD'} | ${{ typicalSpread: -1 }} | ${'CONFIG.INSTRUMENT'}
    ${'EUR/USD'} | ${{ quote: 'EUR' }}      | ${'CONFIG.INSTRUMENT'}
  `('$symbol with $overrides is refused as $code', ({ symbol, overrides, code }) => {
    expect(codeOf(() => instrumentOf(symbol, overrides, 'USD'))).toBe(code);
  });
});

it.each`
  currency  | digits
  ${'USD'}  | ${2}
  ${'JPY'}  | ${0}
  ${'KWD'}  | ${3}
  ${'USDT'} | ${2}
  ${'BTC'}  | ${8}
`('$currency is booked to $digits decimals', ({ currency, digits }) => {
  expect(minorUnitOf(currency)).toBe(digits);
});
