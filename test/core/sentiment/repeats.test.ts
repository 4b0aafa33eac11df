import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byKnowledge, type Headline } from '../../../src/core/sentiment/headline.js';
import { withoutRepeats } from '../../../src/core/sentiment/repeats.js';
import { aHeadline } from '../../helpers/a-headline.js';

const HOUR = 3_600_000;
const at = (hours: number) => Date.UTC(2024, 0, 10) + hours * HOUR;

const story = 'Central bank of Freedonia raises its policy rate to 5.25 percent, as expected';

describe('the same story', () => {
  it.each`
    second                                                                                       | hours | kept
    ${story}                                                                                     | ${1}  | ${1}
    ${'UPDATE: Central Bank of Freedonia raises policy rate to 5.25 percent as expected - Wire'} | ${1}  | ${1}
    ${'Central bank of Freedonia raises its policy rate to 5.50 percent, as expected'}           | ${1}  | ${2}
    ${'Sylvania leaves its policy rate where it was at 5.25 percent'}                            | ${1}  | ${2}
    ${story}                                                                                     | ${49} | ${2}
  `('told as "$second" $hours h later leaves $kept', ({ second, hours, kept }) => {
    const told = [
      aHeadline({ text: story, publishedAt: at(0), source: 'one' }),
      aHeadline({ text: second, publishedAt: at(hours), source: 'two' }),
    ];
    const found = withoutRepeats(told);
    expect(found.kept.length).toBe(kept);
    expect(found.kept[0]).toBe(told[0]);
    expect(found.repeats).toBe(2 - kept);
  });

  it('in few words is the same only when the words are equal', () => {
    const texts = ['Fed raises rates', 'Fed raises forecasts', 'FED RAISES RATES'];
    const told = texts.map((text, i) => aHeadline({ text, publishedAt: at(i) }));
    expect(withoutRepeats(told).kept.map(({ text }) => text)).toEqual(texts.slice(0, 2));
  });

  it('as a revision of the same item stays the first wording', () => {
    const first = aHeadline({ id: 'a', text: 'Freedonia plans a new tax on imports of pumps', publishedAt: at(0) });
    const revised = aHeadline({ id: 'a', text: 'Sylvania drops everything', publishedAt: at(0), knownAt: at(2) });
    expect(withoutRepeats([first, revised]).kept).toEqual([first]);
  });

  it('is found as by comparing each with all that were kept before', () => {
    const word = fc.constantFrom(
      'yen',
      'euro',
      'falls',
      'soars',
      'bank',
      'rate',
      '5',
      '7',
      'pump',
      'war',
      'oil',
      'gold',
    );
    const texts = fc.array(fc.uniqueArray(word, { minLength: 0, maxLength: 9 }), { maxLength: 40 });
    fc.assert(
      fc.property(texts, (made) => {
        const all = made.map((words, i) =>
          aHeadline({ text: words.join(' '), publishedAt: at(i * 3), source: 'wire' }),
        );
        const kept: Headline[] = [];
        for (const one of all) if (!kept.some((other) => isOneStory(one, other))) kept.push(one);
        expect(withoutRepeats(all).kept).toEqual(kept);
      }),
    );
  });

  it('what is kept at a moment depends on nothing later', () => {
    const words = fc.array(fc.constantFrom('yen', 'euro', 'falls', 'soars', 'bank', 'rate', '5', '7', 'pump', 'war'), {
      minLength: 1,
      maxLength: 8,
    });
    const headline = fc
      .record({ words, hour: fc.integer({ min: 0, max: 100 }), id: fc.integer({ min: 0, max: 20 }) })
      .map(({ words, hour, id }) => aHeadline({ text: words.join(' '), publishedAt: at(hour), id: `i${id}` }));
    fc.assert(
      fc.property(fc.array(headline, { maxLength: 30 }), fc.integer({ min: 0, max: 100 }), (made, cut) => {
        const all: Headline[] = [...made].sort(byKnowledge);
        const upTo = (list: readonly Headline[]) => list.filter(({ knownAt }) => knownAt <= at(cut));
        expect(upTo(withoutRepeats(all).kept)).toEqual(withoutRepeats(upTo(all)).kept);
      }),
    );
  });
});

/** The rule in its plainest form. */
function isOneStory(one: Headline, other: Headline): boolean {
  const [a, b] = [one, other].map(({ text }) => new Set(text.split(' ').filter((word) => word !== ''))) as [
    Set<string>,
    Set<string>,
  ];
  const numbers = (words: Set<string>) =>
    [...words]
      .filter((word) => /^\d/.test(word))
      .sort()
      .join(' ');
  if (one.knownAt - other.knownAt > 48 * HOUR || numbers(a) !== numbers(b)) return false;
  const shared = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - shared;
  return Math.min(a.size, b.size) < 5 ? shared === all : shared >= 0.75 * all;
}
