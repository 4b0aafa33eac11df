import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonText, oneLine, visible } from '../../../src/core/base/text.js';

const ESC = String.fromCharCode(27);
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cs}\u2028\u2029]/u;

it.each([
  ['a cursor move', `a${ESC}[2Jb`, 'a\\x1b[2Jb'],
  ['a title change', `${ESC}]0;pwned\u0007`, '\\x1b]0;pwned\\x07'],
  ['a carriage return that hides a line', 'loss\rprofit', 'loss\\x0dprofit'],
  ['an eight-bit control', 'a\u009b2J', 'a\\x9b2J'],
  ['text that is shown backwards', 'abc\u202edef', 'abc\\u202edef'],
  ['a clipboard write', `${ESC}]52;c;cHduZWQ=\u0007`, '\\x1b]52;c;cHduZWQ=\\x07'],
  ['a link that shows another', `${ESC}]8;;http://evil${ESC}\\ok`, '\\x1b]8;;http://evil\\x1b\\ok'],
  ['a space of no width', 'pay\u200bpal', 'pay\\u200bpal'],
  ['a soft hyphen', 'pay\u00adpal', 'pay\\xadpal'],
  ['a mark of direction', 'a\u200fb\u061cc', 'a\\u200fb\\u061cc'],
  ['letters that nobody sees', 'a\u{e0041}b', 'a\\u{e0041}b'],
  ['half a character', 'a\ud800b', 'a\\ud800b'],
  ['a line break of another kind', 'a\u2028b\u0085c', 'a\\u2028b\\x85c'],
])('%s is written out instead of acted on', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

it('new lines and tabs stay in a text and are written out on one line', () => {
  expect(visible('a\n\tb')).toBe('a\n\tb');
  expect(oneLine('a\n\tb')).toBe('a\\n\\tb');
});

it('our colors stay only where colors are on', () => {
  const red = `${ESC}[31mno${ESC}[39m`;
  expect(visible(red, true)).toBe(red);
  expect(visible(red)).toBe('\\x1b[31mno\\x1b[39m');
});

it.each(['0', '5', '7', '8', '9', '30', '37', '40', '107', '38;5;1', '48;2;0;0;0', '1;8', ''])(
  'a style that is none of ours is written out, also where colors are on: %j',
  (style) => {
    expect(visible(`${ESC}[${style}mtext`, true)).toBe(`\\x1b[${style}mtext`);
  },
);

it('an invisible letter outside the first plane is written out, also where colors are on', () => {
  expect(visible('a\u{e0041}b', true)).toBe('a\\u{e0041}b');
});

it('ordinary text of any language stays as it is', () => {
  for (const text of ['Zürich – 5 €', '東京 外国為替', 'Ελλάδα', 'مرحبا', '🙂', 'a̐éö̲'])
    expect(oneLine(text)).toBe(text);
});

it('JSON for files reads back as the same value and holds nothing that a terminal acts on', () => {
  const anything = fc.jsonValue({ stringUnit: 'binary' });
  fc.assert(
    fc.property(anything, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = jsonText({ value }, indent);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value })));
      expect(text.replaceAll('\n', '')).not.toMatch(HARMFUL);
    }),
  );
});

it('whatever the text, no character is left that a terminal acts on', () => {
  const anything = fc.string({ unit: 'binary' });
  fc.assert(fc.property(anything, (text) => !HARMFUL.test(oneLine(text))));
  fc.assert(fc.property(anything, (text) => !visible(text).includes(ESC)));
});
