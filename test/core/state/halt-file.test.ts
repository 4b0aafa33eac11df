import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepReserve } from '../../../src/core/state/emergency/reserve.js';
import { type FileCalls, REAL_FILES } from '../../../src/core/state/file-calls.js';
import {
  type HaltLine,
  isHaltScope,
  parseHalts,
  RESERVE_FILE,
  readHalts,
  writeHalt,
} from '../../../src/core/state/halt-file.js';
import { removeHalts } from '../../../src/core/state/lift-halt.js';
import { failingFiles } from '../../helpers/failing-files.js';

const newHome = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-halt-'));
const aHalt = (over: Partial<HaltLine> = {}): HaltLine => ({
  id: 'h-1',
  time: '2026-01-05T12:00:00.000Z',
  who: 'desk@host',
  reason: 'drill',
  scope: 'all',
  mode: 'all',
  ...over,
});
const everything = expect.objectContaining({ scope: 'all', mode: 'all' });

describe('reading', () => {
  it('no file is no halt', () => {
    expect(readHalts(newHome())).toEqual([]);
    expect(readHalts(join(newHome(), 'not-there'))).toEqual([]);
  });

  it.each([
    ['an empty file', ''],
    ['an empty line', '\n'],
    ['text', 'stop!'],
    ['JSON of another kind', '[1,2]'],
    ['null', 'null\n'],
    ['an unknown scope', JSON.stringify({ ...aHalt(), scope: 'desk' })],
    ['an unknown mode', JSON.stringify({ ...aHalt(), mode: 'some' })],
    ['a torn line', JSON.stringify(aHalt({ scope: 'broker:sim' })).slice(0, 40)],
  ])('%s halts everything', (_, text) => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), text);
    expect(readHalts(home)).toContainEqual(everything);
  });

  it('a foreign line among ours halts everything and keeps ours', () => {
    const ours = aHalt({ scope: 'instrument:EUR/USD', mode: 'reduce-only' });
    expect(parseHalts(`${JSON.stringify(ours)}\nhello\n`)).toEqual([ours, everything]);
  });

  it('a folder, a link to nowhere and a home that is a file halt everything', () => {
    const home = newHome();
    mkdirSync(join(home, 'HALT'));
    const linked = newHome();
    symlinkSync(join(linked, 'nowhere'), join(linked, 'HALT'));
    const file = join(newHome(), 'home');
    writeFileSync(file, '');
    for (const place of [home, linked, file]) expect(readHalts(place)).toEqual([everything]);
  });

  it('whatever bytes the file holds, it is never taken for no halt', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => parseHalts(text).length > 0),
      { numRuns: 2_000 },
    );
    const home = newHome();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        writeFileSync(join(home, 'HALT'), bytes);
        return readHalts(home).length > 0;
      }),
      { numRuns: 300 },
    );
  });

  it('any file call that fails while reading means halted', () => {
    const home = newHome();
    writeHalt(home, aHalt({ scope: 'broker:sim' }));
    for (const at of [1, 2]) expect(readHalts(home, failingFiles(at, 'EIO'))).toEqual([everything]);
  });
});

describe('what is read', () => {
  const unread = (reason: string) => ({ id: 'unknown', time: '', who: 'unknown', reason, scope: 'all', mode: 'all' });

  it('of a latch that says nothing of its own is why it could not be understood', () => {
    expect(parseHalts('')).toEqual([unread('an empty line in the latch')]);
    expect(parseHalts('\n')).toEqual([unread('an empty line in the latch')]);
    expect(parseHalts('\n\n')).toHaveLength(2);
    expect(parseHalts('hello\n7\n"all"\n')).toEqual(Array(3).fill(unread('a line that is not ours')));
    expect(parseHalts('hello')).toEqual([unread('a line that is not ours')]);
  });

  it.each([
    ['no id', { id: undefined }],
    ['a number for an id', { id: 7 }],
    ['no time', { time: undefined }],
    ['a number for a time', { time: 7 }],
    ['a list for a scope', { scope: ['all'] }],
    ['a scope with a word before it', { scope: 'not all' }],
    ['a scope of two lines', { scope: 'broker:oanda\nall' }],
  ])('of a line with %s is a halt of everything', (_, change) => {
    expect(parseHalts(JSON.stringify({ ...aHalt(), ...change }))).toEqual([unread('a line that is not ours')]);
  });

  it('of a line without words is the halt all the same', () => {
    const { who: _, reason: __, ...bare } = aHalt();
    expect(parseHalts(JSON.stringify(bare))).toEqual([{ ...aHalt(), who: 'unknown', reason: '' }]);
    expect(parseHalts(JSON.stringify({ ...bare, who: 7, reason: 7 }))).toEqual([
      { ...aHalt(), who: 'unknown', reason: '' },
    ]);
  });

  it('says what kept it from being seen or read', () => {
    const home = newHome();
    writeHalt(home, aHalt());
    expect(readHalts(home, failingFiles(1, 'EIO'))).toEqual([unread('the latch cannot be seen: EIO')]);
    expect(readHalts(home, failingFiles(2, 'EIO'))).toEqual([unread('the latch cannot be read: EIO')]);
    const odd = {
      ...REAL_FILES,
      lstatSync: () => {
        throw new Error('no code');
      },
    } as unknown as FileCalls;
    expect(readHalts(home, odd)).toEqual([unread('the latch cannot be seen: unknown error')]);
  });
});

describe('writing', () => {
  it('what was written is read back, in order, for the owner alone', () => {
    const home = join(newHome(), 'new');
    const halts = [aHalt(), aHalt({ id: 'h-2', scope: 'strategy:carry', reason: 'line\nbreak "quoted"' })];
    for (const halt of halts) expect(writeHalt(home, halt)).toBe(join(home, 'HALT'));
    expect(readHalts(home)).toEqual(halts);
    expect(statSync(join(home, 'HALT')).mode & 0o777).toBe(0o600);
  });

  it('an empty file goes on halting everything when a narrower halt is added', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '');
    writeHalt(home, aHalt({ scope: 'broker:sim' }));
    expect(readHalts(home)).toEqual([everything, aHalt({ scope: 'broker:sim' })]);
    for (const line of readFileSync(join(home, 'HALT'), 'utf8').trim().split('\n')) JSON.parse(line);
  });

  it('a last line without its end does not swallow the new one', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '{"torn');
    writeHalt(home, aHalt({ scope: 'broker:sim' }));
    expect(readHalts(home)).toEqual([everything, aHalt({ scope: 'broker:sim' })]);
  });

  it('whichever file call fails, the latch is set or the failure is told; an older halt always stands', () => {
    for (const earlier of [undefined, aHalt({ id: 'h-0', scope: 'broker:oanda' })]) {
      let failed = true;
      for (let at = 1; failed; at++) {
        const home = newHome();
        if (earlier !== undefined) writeHalt(home, earlier);
        failed = false;
        try {
          writeHalt(home, aHalt(), failingFiles(at));
        } catch (error) {
          failed = true;
          expect((error as { code: string }).code).toMatch(/^STATE\./);
        }
        const read = readHalts(home);
        if (!failed) expect(read).toContainEqual(aHalt());
        if (earlier !== undefined) expect(read).toContainEqual(earlier);
      }
    }
  });
});

describe('writing where something is in the way', () => {
  const failing = (call: keyof FileCalls, code: string, when: (...args: unknown[]) => boolean = () => true) =>
    ({
      ...REAL_FILES,
      [call]: (...args: unknown[]) => {
        if (when(...args)) throw Object.assign(new Error(code), { code });
        return (REAL_FILES[call] as (...all: unknown[]) => unknown)(...args);
      },
    }) as FileCalls;
  const onLatch = (path: unknown): boolean => String(path).endsWith('HALT');
  const failureOf = (act: () => unknown): { code?: string; message?: string } => {
    try {
      act();
    } catch (error) {
      return error as { code: string; message: string };
    }
    return {};
  };

  it('a latch that may be written and not read takes the line, on a line of its own', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '{"torn');
    const blind = failing('openSync', 'EACCES', (_, flags) => flags === 'a+');
    writeHalt(home, aHalt({ scope: 'broker:sim' }), blind);
    expect(readHalts(home)).toEqual([everything, aHalt({ scope: 'broker:sim' })]);
  });

  it.each([
    ['openSync', 'EIO', 'STATE.DISK_ERROR'],
    ['openSync', 'ENOSPC', 'STATE.DISK_FULL'],
    ['statSync', 'EIO', 'STATE.DISK_ERROR'],
  ] as const)('%s with %s is told as %s, and names the latch', (call, code, told) => {
    const home = newHome();
    writeHalt(home, aHalt());
    const failure = failureOf(() => writeHalt(home, aHalt({ id: 'h-2' }), failing(call, code, onLatch)));
    expect(failure.code).toBe(told);
    expect(failure.message).toMatch(/could not write the halt latch/);
    expect(failure.message).toContain(join(home, 'HALT'));
  });

  describe.each(['ENOSPC', 'EDQUOT'])('on a disk that says %s', (code) => {
    /** Says so to each call until the reserve is gone. */
    const fullUntilGiven = (home: string, calls: readonly (keyof FileCalls)[]): FileCalls => {
      const full = (): boolean => existsSync(join(home, RESERVE_FILE));
      const wrapped = calls.map((name) => [
        name,
        (...args: unknown[]) => {
          if (full()) throw Object.assign(new Error(code), { code });
          return (REAL_FILES[name] as (...args: unknown[]) => unknown)(...args);
        },
      ]);
      return { ...REAL_FILES, ...Object.fromEntries(wrapped) } as FileCalls;
    };

    it.each(['openSync', 'writeSync', 'fsyncSync'] as const)('at %s the room put aside is given up for it', (call) => {
      const home = newHome();
      keepReserve(home);
      expect(statSync(join(home, RESERVE_FILE)).size).toBe(65_536);
      expect(statSync(join(home, RESERVE_FILE)).mode & 0o777).toBe(0o600);
      writeHalt(home, aHalt(), fullUntilGiven(home, [call]));
      expect(existsSync(join(home, RESERVE_FILE))).toBe(false);
      expect(readHalts(home).at(-1)).toEqual(aHalt());
      keepReserve(home);
      keepReserve(home);
      expect(statSync(join(home, RESERVE_FILE)).size).toBe(65_536);
    });

    it('without room put aside it is told, and nothing is taken away', () => {
      const home = newHome();
      const full = failing('openSync', code, onLatch);
      expect(failureOf(() => writeHalt(home, aHalt(), full)).code).toBe('STATE.DISK_FULL');
    });
  });

  it('another trouble leaves the room where it is', () => {
    const home = newHome();
    keepReserve(home);
    expect(failureOf(() => writeHalt(home, aHalt(), failing('openSync', 'EIO', onLatch))).code).toBe(
      'STATE.DISK_ERROR',
    );
    expect(existsSync(join(home, RESERVE_FILE))).toBe(true);
  });

  it('given up to a latch that may be opened in no way, is told', () => {
    const home = newHome();
    writeHalt(home, aHalt());
    const shut = failing('openSync', 'EPERM', (_, flags) => flags !== 'ax');
    expect(failureOf(() => writeHalt(home, aHalt(), shut)).code).toMatch(/^STATE\./);
  });

  it('a file that is another one after each write is given up after twenty', () => {
    const home = newHome();
    let writes = 0;
    for (const change of [{ ino: -1 }, { dev: -1 }]) {
      writes = 0;
      const moving = {
        ...REAL_FILES,
        fsyncSync: (fd: number) => {
          writes++;
          REAL_FILES.fsyncSync(fd);
        },
        statSync: (path: string) => Object.assign(REAL_FILES.statSync(path), change),
      } as FileCalls;
      expect(failureOf(() => writeHalt(home, aHalt(), moving)).message).toMatch(/the latch kept changing|EBUSY/);
      expect(writes).toBe(20);
    }
  });

  it('an empty latch is waited for: the halt that is about to write it needs no line of ours', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '');
    let looks = 0;
    const other = {
      ...REAL_FILES,
      fstatSync: (fd: number) => {
        const seen = REAL_FILES.fstatSync(fd);
        if (++looks === 1) appendFileSync(join(home, 'HALT'), `${JSON.stringify(aHalt({ id: 'h-other' }))}\n`);
        return seen;
      },
    } as FileCalls;
    writeHalt(home, aHalt({ id: 'h-2', scope: 'broker:sim' }), other);
    expect(readHalts(home).map(({ id }) => id)).toEqual(['h-other', 'h-2']);
  });

  it('an empty latch that stays empty is written out as the halt that it is', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '');
    writeHalt(home, aHalt({ id: 'h-9', scope: 'broker:sim' }));
    expect(readHalts(home)[0]).toEqual({
      id: 'h-9-found',
      time: aHalt().time,
      who: 'unknown',
      reason: 'an empty HALT file was found',
      scope: 'all',
      mode: 'all',
    });
  });

  it('leaves no file open', () => {
    const home = newHome();
    const open = new Set<number>();
    const counting = {
      ...REAL_FILES,
      openSync: (...args: Parameters<FileCalls['openSync']>) => {
        const fd = REAL_FILES.openSync(...args);
        open.add(fd);
        return fd;
      },
      closeSync: (fd: number) => {
        open.delete(fd);
        REAL_FILES.closeSync(fd);
      },
    } as FileCalls;
    writeHalt(home, aHalt(), counting);
    writeHalt(home, aHalt({ id: 'h-2' }), counting);
    expect(open.size).toBe(0);
  });
});

describe('lifting', () => {
  it('a scope takes only its own lines, all takes the file', () => {
    const home = newHome();
    const kept = aHalt({ scope: 'broker:sim' });
    writeHalt(home, kept);
    writeHalt(home, aHalt({ id: 'h-2', scope: 'strategy:carry' }));
    expect(removeHalts(home, 'strategy:carry')).toMatchObject({ removed: [{ id: 'h-2' }], kept: [kept] });
    expect(readHalts(home)).toEqual([kept]);
    expect(removeHalts(home, 'all')).toEqual({ removed: [kept], kept: [] });
    expect(existsSync(join(home, 'HALT'))).toBe(false);
  });

  it('a narrower scope never lifts a halt of everything', () => {
    const home = newHome();
    writeFileSync(join(home, 'HALT'), '');
    expect(removeHalts(home, 'broker:sim').removed).toEqual([]);
    expect(readHalts(home)).toEqual([everything]);
    expect(removeHalts(home, 'all').kept).toEqual([]);
    expect(readHalts(home)).toEqual([]);
  });

  it('nothing to lift is no error', () => {
    expect(removeHalts(newHome(), 'all')).toEqual({ removed: [], kept: [] });
  });

  it.each(['unlinkSync', 'renameSync'] as const)('a halt that is set just before %s is not lost', (call) => {
    const home = newHome();
    writeHalt(home, aHalt({ id: 'h-1', scope: 'strategy:carry' }));
    if (call === 'renameSync') writeHalt(home, aHalt({ id: 'h-0', scope: 'broker:sim' }));
    const late = aHalt({ id: 'h-late', scope: 'instrument:EUR/USD' });
    const racing = {
      ...REAL_FILES,
      [call]: (...args: [string, string]) => {
        appendFileSync(join(home, 'HALT'), `${JSON.stringify(late)}\n`);
        (REAL_FILES[call] as (...args: unknown[]) => void)(...args);
      },
    };
    const { kept } = removeHalts(home, 'strategy:carry', racing);
    expect(kept).toContainEqual(late);
    expect(readHalts(home)).toContainEqual(late);
  });

  it('a halt whose file was replaced while it wrote is written again', () => {
    const home = newHome();
    writeHalt(home, aHalt({ id: 'h-1' }));
    let replaced = false;
    const racing = {
      ...REAL_FILES,
      fsyncSync: (fd: number) => {
        if (!replaced) removeHalts(home, 'all');
        // What the resume took with it, it put back; taking it away again leaves only the writer's own second try.
        if (!replaced && existsSync(join(home, 'HALT'))) removeHalts(home, 'all');
        replaced = true;
        REAL_FILES.fsyncSync(fd);
      },
    };
    writeHalt(home, aHalt({ id: 'h-2' }), racing);
    expect(readHalts(home)).toContainEqual(aHalt({ id: 'h-2' }));
  });
});

it.each([
  ['all', true],
  ['broker:oanda', true],
  ['instrument:EUR/USD', true],
  ['broker:', false],
  ['broker: ', false],
  ['desk:1', false],
  ['', false],
  ['not all', false],
  ['allx', false],
  ['broker:x\ny', false],
  [7, false],
  [['all'], false],
  [undefined, false],
])('%j is a scope: %s', (text, is) => {
  expect(isHaltScope(text)).toBe(is);
});
