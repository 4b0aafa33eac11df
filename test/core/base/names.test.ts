import { join, sep, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainName, namePart } from '../../../src/core/base/names.js';
import { BAD_NAMES } from '../../helpers/bad-names.js';

describe('a plain name', () => {
  it.each(['default', 'a', 'A1', 'evening.2', 'my-book_3', '101-004-1000001-001', 'console', 'com', 'x'.repeat(64)])(
    '%s is one',
    (name) => {
      expect(isPlainName(name)).toBe(true);
    },
  );

  it.each([...BAD_NAMES, '..'])('%j is none', (name) => {
    expect(isPlainName(name)).toBe(false);
  });

  it('stays in its folder on every system, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'./\\:aC1 ') })),
        (text) => {
          for (const part of [namePart(text), ...(isPlainName(text) ? [text] : [])]) {
            expect(join('/home', `x-${part}`).split(sep)).toHaveLength(3);
            expect(win32.join('c:\\home', `x-${part}`).split('\\')).toHaveLength(3);
          }
        },
      ),
    );
  });
});
