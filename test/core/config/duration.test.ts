import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/core/config/duration.js';

describe('durations', () => {
  it.each`
    text       | ms
    ${'500ms'} | ${500}
    ${'2s'}    | ${2000}
    ${'60m'}   | ${3_600_000}
    ${'8h'}    | ${28_800_000}
    ${'45d'}   | ${3_888_000_000}
    ${'1.5s'}  | ${1500}
    ${'0s'}    | ${0}
    ${'2'}     | ${undefined}
    ${'2 s'}   | ${undefined}
    ${'-2s'}   | ${undefined}
    ${'1w'}    | ${undefined}
    ${''}      | ${undefined}
  `('$text is $ms ms', ({ text, ms }) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('are read as they were written', () => {
    fc.assert(fc.property(fc.nat(1e9), (ms) => parseDuration(formatDuration(ms)) === ms));
  });
});
