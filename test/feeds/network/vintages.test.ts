import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeVintages, type Vintage } from '../../../src/feeds/network/vintages.js';

const DAY = 86_400_000;
const at = (date: string) => Date.parse(date);
/** Published the day after. */
const knownBy = (period: string) => at(period) + DAY;
const pull = (stored: readonly Vintage[], values: Record<string, string>, seen: string, last?: string) =>
  mergeVintages(
    stored,
    Object.entries(values).map(([period, value]) => ({ period, value })),
    { seenAt: at(seen), lastSeenAt: last === undefined ? undefined : at(last), knownBy },
  );

describe('what a series holds after it was read again', () => {
  it.each`
    given                                       | stored                                                               | seen            | last            | value    | knownAt
    ${'a new value in time'}                    | ${[]}                                                                | ${'2024-01-10'} | ${undefined}    | ${'1'}   | ${'2024-01-06'}
    ${'a value before its usual time'}          | ${[]}                                                                | ${'2024-01-05'} | ${undefined}    | ${'1'}   | ${'2024-01-05'}
    ${'one that was not there when it was due'} | ${[{ period: '2024-01-04', value: '1', knownAt: at('2024-01-05') }]} | ${'2024-01-10'} | ${'2024-01-08'} | ${'1'}   | ${'2024-01-10'}
    ${'one that was not due when last asked'}   | ${[{ period: '2024-01-04', value: '1', knownAt: at('2024-01-05') }]} | ${'2024-01-10'} | ${'2024-01-05'} | ${'1'}   | ${'2024-01-06'}
    ${'one in a hole of the past'}              | ${[{ period: '2024-01-09', value: '1', knownAt: at('2024-01-10') }]} | ${'2024-01-12'} | ${'2024-01-11'} | ${'1'}   | ${'2024-01-06'}
    ${'the same value in other digits'}         | ${[{ period: '2024-01-05', value: '1', knownAt: at('2024-01-06') }]} | ${'2024-01-10'} | ${'2024-01-07'} | ${'1.0'} | ${'2024-01-06'}
    ${'a revision'}                             | ${[{ period: '2024-01-05', value: '1', knownAt: at('2024-01-06') }]} | ${'2024-01-10'} | ${'2024-01-07'} | ${'2'}   | ${'2024-01-10'}
  `('$given is known from $knownAt', ({ stored, seen, last, value, knownAt }) => {
    const { vintages } = pull(stored, { '2024-01-05': value }, seen, last);
    const own = vintages.filter(({ period }) => period === '2024-01-05').at(-1);
    expect(new Date(own?.knownAt ?? 0).toISOString().slice(0, 10)).toBe(knownAt);
  });

  it('takes what the vendor says of the time before its own rule', () => {
    const told = { period: '2024-01-05', value: '1', knownAt: at('2024-02-01') };
    const { vintages } = mergeVintages([], [told, { ...told, value: '2', knownAt: at('2024-03-01') }], {
      seenAt: at('2024-06-01'),
      lastSeenAt: undefined,
      knownBy,
    });
    expect(vintages).toEqual([told, { ...told, value: '2', knownAt: at('2024-03-01') }]);
  });

  it('never loses a value or its time, is done after one pull, and never knows one before the vendor was asked', () => {
    const days = fc.dictionary(
      fc.integer({ min: 1, max: 28 }).map((day) => `2024-01-${String(day).padStart(2, '0')}`),
      fc.integer({ min: 0, max: 9 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(days, { minLength: 1, maxLength: 6 }), (pulls) => {
        let stored: readonly Vintage[] = [];
        for (const [i, values] of pulls.entries()) {
          const seenAt = at('2024-02-01') + i * DAY;
          const times = { seenAt, lastSeenAt: i === 0 ? undefined : seenAt - DAY, knownBy };
          const fresh = Object.entries(values).map(([period, value]) => ({ period, value }));
          const merged = mergeVintages(stored, fresh, times);
          for (const old of stored) expect(merged.vintages).toContainEqual(old);
          for (const one of merged.vintages) expect(one.knownAt).toBeLessThanOrEqual(seenAt);
          expect(mergeVintages(merged.vintages, fresh, times)).toMatchObject({ added: 0, revised: 0 });
          stored = merged.vintages;
        }
      }),
    );
  });
});
