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
