import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, suggest } from '../../../src/core/base/suggest.js';

describe('suggest', () => {
  it.each`
    word          | candidates                | near
    ${'sma-crss'} | ${['sma-cross', 'carry']} | ${'sma-cross'}
    ${'crary'}    | ${['sma-cross', 'carry']} | ${'carry'}
    ${'CARRY'}    | ${['carry']}              | ${'carry'}
    ${'xyz'}      | ${['sma-cross', 'carry']} | ${undefined}
    ${'fats'}     | ${['slow', 'fast']}       | ${'fast'}
    ${'backtst'}  | ${['backtest', 'paper']}  | ${'backtest'}
    ${'a'}        | ${['b', 'ab']}            | ${'b'}
    ${''}         | ${[]}                     | ${undefined}
  `('given $word of $candidates, it offers $near', ({ word, candidates, near }) => {
    expect(suggest(word, candidates)).toBe(near);
  });

  it('given a near word, the hint is a sentence with its space; given none, it is empty', () => {
    expect(didYouMean('crary', ['carry'])).toBe('Did you mean "carry"? ');
    expect(didYouMean('zzzzzz', ['carry'])).toBe('');
  });

  it('counts a swap of neighbors as one step', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
  });

  it('is symmetric, and zero only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
