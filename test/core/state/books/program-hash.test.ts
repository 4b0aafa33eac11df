import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOf, programHash } from '../../../../src/core/state/books/program-hash.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-build-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function aProgram(name: string, files: Readonly<Record<string, string>>): string {
  const dist = join(root, name, 'dist');
  mkdirSync(join(dist, 'chunks'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dist, path), text);
  return join(dist, 'chunks', 'live.js');
}

describe('the hash of the program', () => {
  it('is the same for the same files, wherever they lie and whichever of them asks', () => {
    const files = { 'cli.js': 'a', 'chunks/live.js': 'b', 'chunks/halt.js': 'c' };
    const [one, other] = [aProgram('one', files), aProgram('other', files)];
    expect(hashOf(one)).toMatch(/^[0-9a-f]{12}$/);
    expect(hashOf(other)).toBe(hashOf(one));
    expect(hashOf(one.replace('chunks', 'core'))).toBe(hashOf(one));
  });

  it.each([
    ['another text', { 'cli.js': 'a', 'chunks/live.js': 'x' }],
    ['another file', { 'cli.js': 'a', 'chunks/live.js': 'b', 'chunks/new.js': '' }],
    ['another name', { 'cli.js': 'a', 'chunks/late.js': 'b' }],
  ])('differs with %s', (name, files) => {
    const first = hashOf(aProgram(`${name} 1`, { 'cli.js': 'a', 'chunks/live.js': 'b' }));
    expect(hashOf(aProgram(`${name} 2`, files as Readonly<Record<string, string>>))).not.toBe(first);
  });

  it('is a word where nothing was built, or nothing was packed', () => {
    expect(programHash()).toBe('source');
    expect(hashOf(join(root, 'nowhere', 'dist', 'core', 'state', 'program-hash.js'))).toBe('unpacked');
  });
});
