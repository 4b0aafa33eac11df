import { chmodSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REAL_FILES } from '../../../src/core/state/file-calls.js';
import { checkHome, roomStop } from '../../../src/core/state/home-check.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-home-'));
const refusing = (code: string) => ({
  ...REAL_FILES,
  openSync: (() => {
    throw Object.assign(new Error(code), { code });
  }) as typeof REAL_FILES.openSync,
});

describe('a home', () => {
  it('that can be written is left as it was', () => {
    const home = folder();
    chmodSync(home, 0o755);
    expect(checkHome(home)).toMatchObject({ there: true, empty: true, mode: 0o755, refusal: undefined });
    expect(readdirSync(home)).toEqual([]);
    expect(checkHome(home).freeBytes).toBeGreaterThan(0);
  });

  it('that is not there is not made', () => {
    const home = join(folder(), 'a', 'b');
    expect(checkHome(home)).toMatchObject({ there: false, empty: true, refusal: undefined });
    expect(existsSync(home)).toBe(false);
  });

  it.each(['EROFS', 'EACCES', 'ENOSPC'])('on a disk that says %s tells it', (code) => {
    expect(checkHome(folder(), refusing(code)).refusal).toBe(code);
    expect(checkHome(join(folder(), 'new'), refusing(code)).refusal).toBe(code);
  });

  it('with something in it is not empty, and a file is no home', () => {
    const home = folder();
    writeFileSync(join(home, 'config.json'), '{}');
    expect(checkHome(home).empty).toBe(false);
    expect(checkHome(join(home, 'config.json')).refusal).toBe('it is not a folder');
  });
});

describe('room for something new', () => {
  const [MIB, GIB] = [1024 ** 2, 1024 ** 3];

  it.each`
    what                                            | free            | size          | stops
    ${'plenty'}                                     | ${500 * GIB}    | ${2000 * GIB} | ${undefined}
    ${'little of a large disk, and a lot of bytes'} | ${2 * GIB}      | ${2000 * GIB} | ${undefined}
    ${'too little of a large disk'}                 | ${1023 * MIB}   | ${2000 * GIB} | ${'1023 MiB are free on the disk of /home, limit is 1024 MiB'}
    ${'a twentieth of a small one'}                 | ${50 * MIB}     | ${1000 * MIB} | ${undefined}
    ${'less than that'}                             | ${50 * MIB - 1} | ${1000 * MIB} | ${'50 MiB are free on the disk of /home, limit is 50 MiB'}
    ${'none'}                                       | ${0}            | ${64 * MIB}   | ${'0 MiB are free on the disk of /home, limit is 3 MiB'}
  `('$what: $stops', ({ free, size, stops }) => {
    expect(roomStop('/home', GIB, { free, size })).toBe(stops);
  });

  it('is asked of the system, and one that does not say stops nothing', () => {
    expect(roomStop(folder(), 1)).toBeUndefined();
    expect(roomStop(folder(), Number.POSITIVE_INFINITY, { free: 1, size: 100 })).toBeDefined();
    expect(roomStop(join(folder(), 'not', 'there'), GIB)).toBeUndefined();
  });
});
