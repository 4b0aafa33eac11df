import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  conversionPath,
  convertRate,
  marginRequired,
  pipValue,
  realizedPnl,
} from '../../../src/core/model/conversion.js';

const pairsOf = (text: string) => text.split(' ').map((name) => ({ base: name.slice(0, 3), quote: name.slice(4) }));
/** `EUR/USD` for a pair as quoted, `1/(EUR/USD)` for its inverse. */
const words = (from: string, to: string, text: string) =>
  conversionPath(from, to, pairsOf(text))
    ?.map(({ index, inverse }) => (inverse ? `1/(${text.split(' ')[index]})` : text.split(' ')[index]))
    .join(' × ');

describe('the way from one currency to another', () => {
  it.each`
    from     | to       | pairs                                | way
    ${'USD'} | ${'USD'} | ${'EUR/USD'}                         | ${''}
    ${'EUR'} | ${'USD'} | ${'EUR/USD'}                         | ${'EUR/USD'}
    ${'USD'} | ${'EUR'} | ${'EUR/USD'}                         | ${'1/(EUR/USD)'}
    ${'EUR'} | ${'USD'} | ${'USD/EUR EUR/USD'}                 | ${'EUR/USD'}
    ${'EUR'} | ${'JPY'} | ${'USD/JPY EUR/USD'}                 | ${'EUR/USD × USD/JPY'}
    ${'GBP'} | ${'EUR'} | ${'EUR/USD GBP/USD'}                 | ${'GBP/USD × 1/(EUR/USD)'}
    ${'JPY'} | ${'CHF'} | ${'EUR/JPY EUR/CHF USD/JPY USD/CHF'} | ${'1/(USD/JPY) × USD/CHF'}
    ${'JPY'} | ${'CHF'} | ${'GBP/JPY GBP/CHF EUR/JPY EUR/CHF'} | ${'1/(EUR/JPY) × EUR/CHF'}
    ${'JPY'} | ${'CHF'} | ${'USD/JPY USD/CHF CHF/JPY'}         | ${'1/(CHF/JPY)'}
    ${'NOK'} | ${'JPY'} | ${'EUR/NOK EUR/USD USD/JPY'}         | ${'1/(EUR/NOK) × EUR/USD × USD/JPY'}
    ${'NOK'} | ${'JPY'} | ${'EUR/NOK USD/JPY'}                 | ${undefined}
    ${'XYZ'} | ${'USD'} | ${'EUR/USD'}                         | ${undefined}
  `('$from to $to over $pairs goes $way', ({ from, to, pairs, way }) => {
    expect(words(from, to, pairs)).toBe(way);
  });

  it('back is the inverse of there, whatever pairs exist', () => {
    const currency = fc.constantFrom('USD', 'EUR', 'JPY', 'GBP', 'CHF', 'SEK');
    const pair = fc.record({ base: currency, quote: currency }).filter(({ base, quote }) => base !== quote);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 8 }), currency, currency, (pairs, from, to) => {
        const worth: Record<string, number> = { USD: 1, EUR: 1.1, JPY: 0.007, GBP: 1.3, CHF: 1.15, SEK: 0.1 };
        const prices = Float64Array.from(pairs, ({ base, quote }) => (worth[base] ?? 0) / (worth[quote] ?? 0));
        const [there, back] = [conversionPath(from, to, pairs), conversionPath(to, from, pairs)];
        expect(there?.length).toBe(back?.length);
        if (there === undefined || back === undefined) return;
        expect(convertRate(there, prices) * convertRate(back, prices)).toBeCloseTo(1, 9);
        expect(convertRate(there, prices)).toBeCloseTo((worth[from] ?? 0) / (worth[to] ?? 0), 9);
      }),
    );
  });

  it('is not a number while a price of it is unknown', () => {
    const path = conversionPath('EUR', 'JPY', pairsOf('EUR/USD USD/JPY')) ?? [];
    expect(convertRate(path, Float64Array.of(1.1, Number.NaN))).toBeNaN();
    expect(convertRate(path, Float64Array.of(1.1))).toBeNaN();
    expect(convertRate(path, Float64Array.of(1.1, 150))).toBeCloseTo(165, 9);
  });
});

describe('amounts in account currency', () => {
  it('a pip of 10,000 EUR/USD is one dollar, long or short', () => {
    expect(pipValue(10_000, 0.0001, 1)).toBe(1);
    expect(pipValue(-10_000, 0.0001, 1)).toBe(1);
  });

  it('a loss in yen is taken at the rate of the exit and booked to the cent', () => {
    const { quote, account, booked } = realizedPnl({
      units: 25_000,
      entry: 151.234,
      exit: 149.87,
      quoteToAccountAtExit: 0.0066725,
    });
    expect(quote).toBeCloseTo(-34_100, 6);
    expect(account).toBeCloseTo(-227.53225, 8);
    expect(booked).toBe(-227.53);
  });

  it('margin does not know long from short', () => {
    const position = { price: 1.085, marginRate: 0.0333, quoteToAccount: 1 };
    expect(marginRequired({ ...position, units: -100_000 })).toBeCloseTo(3_613.05, 9);
    expect(marginRequired({ ...position, units: 100_000 })).toBeCloseTo(3_613.05, 9);
  });
});
