import { describe, expect, it } from 'vitest';
import type { FxError } from '../../../src/core/base/errors.js';
import { rangeOf, resolveParams } from '../../../src/core/strategies/params.js';
import { defineStrategy } from '../../../src/core/strategies/strategy.js';

const sample = defineStrategy({
  name: 'sample',
  params: {
    bars: { default: 16, min: 2, max: 500, unit: 'bars' },
    width: { default: 2, min: 0.5, integer: false },
    method: { default: 'equal', values: ['equal', 'rank'] },
    note: { default: '' },
    longOnly: { default: false },
  },
  create: () => ({}),
});

function refusal(given: Record<string, string | number | boolean>): FxError {
  try {
    resolveParams(sample, given);
  } catch (error) {
    return error as FxError;
  }
  throw new Error('nothing was refused');
}

describe('resolveParams', () => {
  it('given nothing, takes the defaults', () => {
    expect(resolveParams(sample, {})).toEqual({ bars: 16, width: 2, method: 'equal', note: '', longOnly: false });
  });

  it.each`
    given                    | value
    ${{ bars: '20' }}        | ${20}
    ${{ bars: 20 }}          | ${20}
    ${{ bars: '2' }}         | ${2}
    ${{ bars: 500 }}         | ${500}
    ${{ bars: '1e2' }}       | ${100}
    ${{ width: '2.5' }}      | ${2.5}
    ${{ method: 'rank' }}    | ${'rank'}
    ${{ note: 'any words' }} | ${'any words'}
    ${{ longOnly: 'true' }}  | ${true}
    ${{ longOnly: 'off' }}   | ${false}
    ${{ longOnly: true }}    | ${true}
  `('given $given, makes $value of it', ({ given, value }) => {
    const [name = ''] = Object.keys(given);
    expect((resolveParams(sample, given) as Record<string, unknown>)[name]).toBe(value);
  });

  it.each`
    given                    | says
    ${{ bras: 3 }}           | ${'sample has no parameter "bras"'}
    ${{ constructor: 3 }}    | ${'sample has no parameter "constructor"'}
    ${{ bars: 1 }}           | ${'is 1, outside 2 … 500 bars'}
    ${{ bars: 501 }}         | ${'is 501, outside 2 … 500 bars'}
    ${{ bars: '2.5' }}       | ${'must be a whole number, is 2.5'}
    ${{ bars: 'ten' }}       | ${'must be a number, is "ten"'}
    ${{ bars: '' }}          | ${'must be a number, is ""'}
    ${{ bars: '0x10' }}      | ${'must be a number, is "0x10"'}
    ${{ bars: Number.NaN }}  | ${'must be a number'}
    ${{ bars: true }}        | ${'must be a number, is true'}
    ${{ width: '0.4' }}      | ${'is 0.4, outside at least 0.5'}
    ${{ method: 'rnak' }}    | ${'is "rnak", not one of its values'}
    ${{ method: 3 }}         | ${'must be text, is 3'}
    ${{ longOnly: 'maybe' }} | ${'must be true or false, is "maybe"'}
  `('given $given, says: $says', ({ given, says }) => {
    const error = refusal(given);
    expect(error.code).toBe('STRATEGY.PARAM');
    expect(error.message).toContain(says);
    expect(error.next).not.toBe('');
  });

  it('given a near name or value, offers it', () => {
    expect(refusal({ bras: 3 }).next).toContain('Did you mean "bars"?');
    expect(refusal({ method: 'rnak' }).next).toContain('Did you mean "rank"?');
  });
});

describe('rangeOf', () => {
  it.each`
    spec                                    | words
    ${{ default: 1, min: 0, max: 2 }}       | ${'0 … 2'}
    ${{ default: 1, max: 2, unit: 'bars' }} | ${'at most 2 bars'}
    ${{ default: 1 }}                       | ${'any number'}
    ${{ default: false }}                   | ${'true | false'}
    ${{ default: 'a' }}                     | ${'text'}
    ${{ default: 'a', values: ['a', 'b'] }} | ${'a | b'}
  `('of $spec is $words', ({ spec, words }) => {
    expect(rangeOf(spec)).toBe(words);
  });
});
