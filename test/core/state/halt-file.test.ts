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
import { REAL_FILES } from '../../../src/core/state/file-calls.js';
import { type HaltLine, isHaltScope, parseHalts, readHalts, writeHalt } from '../../../src/core/state/halt-file.js';
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
])('%j is a scope: %s', (text, is) => {
  expect(isHaltScope(text)).toBe(is);
});
