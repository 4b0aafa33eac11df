import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideKnown, hider, learnSecret } from '../../../src/core/base/hide.js';

const SHOWN = '[secret A]';
const VALUE = 'pa"ss/+wörd=7f3a9';
const bytes = Buffer.from(VALUE);

describe('a hidden value', () => {
  it.each([
    ['plain', VALUE],
    ['inside JSON', JSON.stringify(VALUE).slice(1, -1)],
    ['in a URL', encodeURIComponent(VALUE)],
    ['in a URL, in small letters', encodeURIComponent(VALUE).toLowerCase()],
    ['in a form', new URLSearchParams({ a: VALUE }).toString().slice(2)],
    ['as base64', bytes.toString('base64')],
    ['as base64 without its end', bytes.toString('base64').replace(/=+$/, '')],
    ['as base64url', bytes.toString('base64url')],
    ['as hex', bytes.toString('hex')],
    ['as hex in capitals', bytes.toString('hex').toUpperCase()],
  ])('is found %s', (_, form) => {
    expect(hider([{ value: VALUE, shown: SHOWN }])(`before ${form} after`)).toBe(`before ${SHOWN} after`);
  });

  it.each([
    ['the password', 'hunter2+x'],
    ['the path', 'services/T000/B000/abcdef'],
  ])('that is a URL is found by %s alone', (_, part) => {
    const value = 'https://me:hunter2%2Bx@hooks.example.org/services/T000/B000/abcdef';
    expect(hider([{ value, shown: SHOWN }])(`error at ${part}!`)).toBe(`error at ${SHOWN}!`);
  });

  it('that holds another is replaced as a whole', () => {
    const hide = hider([
      { value: 'abcdef', shown: '[1]' },
      { value: 'abcdefghi', shown: '[2]' },
    ]);
    expect(hide('abcdefghi abcdef')).toBe('[2] [1]');
  });

  it('that is a word is left alone', () => {
    expect(hider([{ value: 'abc', shown: SHOWN }])('abc')).toBe('abc');
  });

  it('is in no text any more, whatever both are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 40, unit: 'binary' }), fc.string(), (value, around) => {
        fc.pre(!SHOWN.includes(value));
        const clean = hider([{ value, shown: SHOWN }])(`${around}${value}${around}`);
        expect(clean.replaceAll(SHOWN, '')).not.toContain(value);
      }),
    );
  });
});

it('a secret is hidden at the last door from the moment it is known', () => {
  expect(hideKnown('here is a canary-01')).toBe('here is a canary-01');
  learnSecret({ value: 'canary-01', shown: SHOWN });
  expect(hideKnown('here is a canary-01')).toBe(`here is a ${SHOWN}`);
});
