import fc from 'fast-check';
import { expect, it } from 'vitest';
import { oneLine, visible } from '../../../src/core/base/text.js';

const ESC = String.fromCharCode(27);

it.each([
  ['a cursor move', `a${ESC}[2Jb`, 'a\\x1b[2Jb'],
  ['a title change', `${ESC}]0;pwned\u0007`, '\\x1b]0;pwned\\x07'],
  ['a carriage return that hides a line', 'loss\rprofit', 'loss\\x0dprofit'],
  ['an eight-bit control', 'a\u009b2J', 'a\\x9b2J'],
  ['text that is shown backwards', 'abc\u202edef', 'abc\\u202edef'],
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

it('whatever the text, no character is left that a terminal acts on', () => {
  const anything = fc.string({ unit: 'binary' });
  fc.assert(fc.property(anything, (text) => !/[\p{Cc}\p{Bidi_Control}]/u.test(oneLine(text))));
  fc.assert(fc.property(anything, (text) => !visible(text).includes(ESC)));
});
