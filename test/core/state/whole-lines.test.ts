import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mendLines, wholeLines } from '../../../src/core/state/whole-lines.js';

const file = (): string => join(mkdtempSync(join(tmpdir(), 'fxtrade-lines-')), 'file');

describe('a file of lines', () => {
  it.each([
    ['', ''],
    ['a\n', 'a\n'],
    ['a\nb\n', 'a\nb\n'],
    ['a\nhal', 'a\n'],
    ['hal', ''],
  ])('%j is read and mended to %j', (text, whole) => {
    const path = file();
    writeFileSync(path, text);
    expect(wholeLines(path)).toBe(whole);
    expect(readFileSync(path, 'utf8')).toBe(text);
    mendLines(path);
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it('that is not there has none, and is not made', () => {
    const path = file();
    mendLines(path);
    expect([wholeLines(path), existsSync(path)]).toEqual(['', false]);
  });

  it('that cannot be read is an error of the disk', () => {
    const path = file();
    mkdirSync(path);
    expect(() => wholeLines(path)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^STATE\./) }));
  });
});
