import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  livingHolder,
  lockedBy,
  releaseOwnLock,
  signalHolder,
  takeLock,
} from '../../../../src/core/state/lock/lock-file.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-lock-file-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newFolder = (): string => mkdtempSync(join(root, 'book-'));

interface Said {
  readonly pid: number;
  readonly startedAt: string;
  readonly bootId: string;
  readonly host: string;
  readonly generation: number;
}

/** What the lock file of a folder says of its holder. */
const said = (folder: string): Said => JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));

/** The line of this process, changed. */
function mine(change: object = {}): string {
  const folder = newFolder();
  const release = takeLock(folder);
  const line = { ...said(folder), ...change };
  release();
  return JSON.stringify(line);
}

function failureOf(act: () => unknown): { code?: string; message?: string; facts?: unknown; next?: string } {
  try {
    act();
  } catch (error) {
    return error as object;
  }
  return {};
}

const GONE = { pid: 4_194_303 };

describe('a lock file', () => {
  it('names its holder while it is held, and leaves nothing behind', () => {
    const folder = newFolder();
    expect([lockedBy(folder), livingHolder(folder)]).toEqual([undefined, undefined]);
    const release = takeLock(folder);
    expect([lockedBy(folder), livingHolder(folder)]).toEqual([process.pid, process.pid]);
    expect(readdirSync(folder)).toEqual(['lock']);
    const { bootId, startedAt, host, generation } = said(folder);
    const stat = readFileSync('/proc/self/stat', 'utf8');
    expect(bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    expect(startedAt).toBe(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    expect([host, generation]).toEqual([hostname(), 1]);
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toMatch(/\}\n$/);
    release();
    expect(readdirSync(folder)).toEqual([]);
    release();
  });

  it.each([
    ['{"generation":6}', 7],
    ['{"generation":0}', 1],
    ['{"generation":"6"}', 1],
    ['{}', 1],
    ['{', 1],
  ])('over a head of %s names generation %s', (head, generation) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'head.json'), head);
    const release = takeLock(folder);
    expect(said(folder).generation).toBe(generation);
    release();
  });

  it('that somebody alive holds is refused with the process, and stays as it is', () => {
    const folder = newFolder();
    const text = mine();
    writeFileSync(join(folder, 'lock'), text);
    expect(failureOf(() => takeLock(folder))).toMatchObject({
      code: 'STATE.BUSY',
      message: `another run holds the book (process ${process.pid}); nothing was done`,
      next: 'wait until it ends, or use another book with --book NAME',
      facts: { lock: join(folder, 'lock'), pid: process.pid },
    });
    expect(readdirSync(folder)).toEqual(['lock']);
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(text);
  });

  it.each([
    ['a process that is gone', GONE],
    ['a process that began at another time', { startedAt: '1' }],
    ['a process of before the last boot', { bootId: 'another' }],
  ])('of %s is taken over', (_, change) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), mine(change));
    expect([lockedBy(folder), livingHolder(folder)]).toEqual([{ pid: process.pid, ...change }.pid, undefined]);
    const release = takeLock(folder);
    expect(said(folder).pid).toBe(process.pid);
    expect(livingHolder(folder)).toBe(process.pid);
    expect(readdirSync(folder)).toEqual(['lock']);
    release();
  });

  it.each(['', '{', 'null', '{"pid":"7"}', '{"pid":7}', '{"pid":7,"startedAt":"1"}', '{"pid":7,"bootId":"a"}'])(
    'that holds %j names nobody, and is taken over',
    (text) => {
      const folder = newFolder();
      writeFileSync(join(folder, 'lock'), text);
      expect(lockedBy(folder)).toBeUndefined();
      takeLock(folder)();
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it.each([
    ['{"pid":"7","startedAt":"1","bootId":"a"}'],
    ['{"pid":7,"startedAt":1,"bootId":"a"}'],
    ['{"pid":7,"startedAt":"1","bootId":1}'],
  ])('that says %s is not ours', (text) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), text);
    expect(lockedBy(folder)).toBeUndefined();
  });

  it('in a folder that is not there is an error of the disk, not of another run', () => {
    expect(failureOf(() => takeLock(join(root, 'nowhere'))).code).toMatch(/^STATE\.(?!BUSY)/);
  });
});

describe('taking over', () => {
  it('leaves it to the one that is at it already', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), mine(GONE));
    writeFileSync(join(folder, 'lock.takeover'), mine());
    expect(failureOf(() => takeLock(folder))).toMatchObject({ code: 'STATE.BUSY', facts: { pid: process.pid } });
    expect(readdirSync(folder).sort()).toEqual(['lock', 'lock.takeover']);
  });

  it('goes on where somebody died at it', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'lock'), mine(GONE));
    writeFileSync(join(folder, 'lock.takeover'), mine(GONE));
    const release = takeLock(folder);
    expect(readdirSync(folder)).toEqual(['lock']);
    release();
  });
});

describe('a lock that a thread of this process left', () => {
  it('is released, and only that', () => {
    const folder = newFolder();
    expect(releaseOwnLock(folder)).toBe(false);
    takeLock(folder);
    expect(releaseOwnLock(folder)).toBe(true);
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    for (const change of [GONE, { pid: 1 }, { startedAt: '1' }, { bootId: 'another' }]) {
      writeFileSync(join(folder, 'lock'), mine(change));
      expect(releaseOwnLock(folder)).toBe(false);
      expect(existsSync(join(folder, 'lock'))).toBe(true);
    }
  });
});

describe('a signal to the holder', () => {
  it('reaches it, and ends it', async () => {
    const folder = newFolder();
    const holder = spawn('sleep', ['60']);
    const line = readFileSync(`/proc/${holder.pid}/stat`, 'utf8');
    const startedAt = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
    writeFileSync(join(folder, 'lock'), mine({ pid: holder.pid, startedAt }));
    const ended = new Promise((done) => holder.once('exit', (_, signal) => done(signal)));
    expect(signalHolder(folder, 'SIGTERM')).toBe(true);
    expect(await ended).toBe('SIGTERM');
    expect(signalHolder(folder, 'SIGKILL')).toBe(false);
  });

  it('is never one to ourselves, nor to a process that only has the number', () => {
    const folder = newFolder();
    expect(signalHolder(folder, 'SIGKILL')).toBe(false);
    for (const change of [{}, GONE, { startedAt: '1' }]) {
      writeFileSync(join(folder, 'lock'), mine(change));
      expect(signalHolder(folder, 'SIGKILL')).toBe(false);
    }
  });
});
