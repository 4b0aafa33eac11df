import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { appendLine, createFile, createWhole, replaceFile } from '../../../src/core/state/atomic.js';
import { REAL_FILES } from '../../../src/core/state/file-calls.js';
import { ensureDir, makeDirs } from '../../../src/core/state/write.js';
import { failingFiles } from '../../helpers/failing-files.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-atomic-'));

it('a replaced file holds the new text, for its owner alone, and nothing else is left', () => {
  const dir = folder();
  const path = join(dir, 'head.json');
  replaceFile(path, 'one');
  replaceFile(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(['head.json']);
});

it('whichever file call fails, the file holds the old text or the new one and no temp file is left', () => {
  const codes: string[] = [];
  for (let at = 1; ; at++) {
    const dir = folder();
    const path = join(dir, 'head.json');
    writeFileSync(path, 'old');
    const files = failingFiles(at);
    let failed = false;
    try {
      replaceFile(path, 'new', files);
    } catch (error) {
      failed = true;
      codes.push((error as { code: string }).code);
    }
    expect(['old', 'new']).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(dir)).toEqual(['head.json']);
    if (!failed) break;
  }
  expect(codes.length).toBeGreaterThan(5);
  expect(new Set(codes)).toEqual(new Set(['STATE.DISK_FULL']));
});

it('a disk that takes a few bytes at a time still gets every byte', () => {
  const path = join(folder(), 'x');
  const slow = {
    ...REAL_FILES,
    writeSync: ((fd: number, bytes: Uint8Array, from: number, length: number) =>
      REAL_FILES.writeSync(fd, bytes, from, Math.min(length, 3))) as typeof REAL_FILES.writeSync,
  };
  replaceFile(path, 'a longer text — with ünïcode', slow);
  expect(readFileSync(path, 'utf8')).toBe('a longer text — with ünïcode');
});

it('a disk that takes no bytes is a full disk, not an endless loop', () => {
  const path = join(folder(), 'x');
  const stuck = { ...REAL_FILES, writeSync: (() => 0) as unknown as typeof REAL_FILES.writeSync };
  expect(() => replaceFile(path, 'text', stuck)).toThrow(expect.objectContaining({ code: 'STATE.DISK_FULL' }));
});

it('appended lines stand in order, for the owner alone', () => {
  const path = join(folder(), 'halts.ndjson');
  appendLine(path, '{"a":1}');
  appendLine(path, '{"b":2}');
  expect(readFileSync(path, 'utf8')).toBe('{"a":1}\n{"b":2}\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('a new file never takes the place of one that is there', () => {
  const path = join(folder(), 'mine.ts');
  expect(createFile(path, 'first')).toBe(true);
  expect(createFile(path, 'second')).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('first');
});

it.each([
  ['EROFS', 'STATE.READ_ONLY'],
  ['EACCES', 'STATE.NO_ACCESS'],
  ['ENOTDIR', 'STATE.WRONG_KIND'],
  ['EIO', 'STATE.DISK_ERROR'],
])('%s is told as %s with what to do', (errno, code) => {
  const told = expect.objectContaining({
    code,
    next: expect.stringMatching(/\w+/),
    facts: expect.objectContaining({ errno }),
  });
  expect(() => replaceFile(join(folder(), 'x'), 'text', failingFiles(1, errno))).toThrow(told);
  expect(() => ensureDir(join(folder(), 'a', 'b'), failingFiles(1, errno))).toThrow(told);
});

it('folders are made for the owner alone', () => {
  const dir = join(folder(), 'books', 'paper-default');
  ensureDir(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  chmodSync(dir, 0o755);
  ensureDir(dir);
  expect(statSync(dir).mode & 0o777).toBe(0o755);
});

it('a file that must be the first is whole or not there, whichever file call fails', () => {
  for (let at = 1; ; at++) {
    const dir = folder();
    const path = join(dir, 'answer.json');
    const files = failingFiles(at);
    try {
      expect(createWhole(path, 'yes', files)).toBe(true);
    } catch (error) {
      expect(error).toMatchObject({ code: 'STATE.DISK_FULL' });
    }
    if (readdirSync(dir).includes('answer.json')) expect(readFileSync(path, 'utf8')).toBe('yes');
    if (files.made() < at) {
      expect(readdirSync(dir)).toEqual(['answer.json']);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      return;
    }
  }
});

it.each(['EPERM', 'ENOTSUP'])(
  'where links fail with %s the first still wins, and the second changes nothing',
  (code) => {
    const dir = folder();
    const path = join(dir, 'answer.json');
    const noLinks = {
      ...REAL_FILES,
      linkSync: () => {
        throw Object.assign(new Error(code), { code });
      },
    };
    expect([createWhole(path, 'yes', noLinks), createWhole(path, 'no', noLinks)]).toEqual([true, false]);
    expect([readFileSync(path, 'utf8'), readdirSync(dir)]).toEqual(['yes', ['answer.json']]);
  },
);

it('a file system that has a parent and answers that it has not is an error, not a wait without end', () => {
  const nowhere = existsSync('/proc/self') ? '/proc/fxtrade-nowhere/deeper' : join(folder(), 'a\u0000b');
  expect(() => ensureDir(nowhere)).toThrow();
});

it('folders are made one in the other, the first new one is named, and what is there stays', () => {
  const root = folder();
  expect(makeDirs(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
  expect(makeDirs(join(root, 'a', 'b', 'c'))).toBeUndefined();
  expect(makeDirs(join(root, 'a', 'd'))).toBe(join(root, 'a', 'd'));
  expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
});
