import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type FileCalls, REAL_FILES } from '../../../src/core/state/file-calls.js';
import { type HaltLine, readHalts, writeHalt } from '../../../src/core/state/halt-file.js';
import { type Resume, recordedResumes, recordResume, removeHalts } from '../../../src/core/state/lift-halt.js';
import { failingFiles } from '../../helpers/failing-files.js';

const root = mkdtempSync(join(tmpdir(), 'fxtrade-lift-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const newHome = (): string => mkdtempSync(join(root, 'home-'));

const aHalt = (over: Partial<HaltLine> = {}): HaltLine => ({
  id: 'h-1',
  time: '2026-01-05T12:00:00.000Z',
  who: 'desk@host',
  reason: 'drill',
  scope: 'all',
  mode: 'all',
  ...over,
});
const aResume = (...halts: readonly HaltLine[]): Resume => ({
  time: '2026-01-05T13:00:00.000Z',
  who: 'ann@host',
  reason: 'looked',
  scope: 'all',
  halts,
});

/** The evidence of a home that holds these lines. */
function evidence(...lines: readonly string[]) {
  const home = newHome();
  mkdirSync(join(home, 'evidence'));
  writeFileSync(join(home, 'evidence', 'halts.ndjson'), lines.join('\n'));
  return [...recordedResumes(home)];
}

describe('the evidence of resumes', () => {
  it('is one line each, found again by the halts that it lifted', () => {
    const home = newHome();
    const first = aResume(aHalt(), aHalt({ id: 'h-2' }));
    const second = { ...aResume(aHalt({ id: 'h-3' })), reason: 'again' };
    recordResume(home, first);
    recordResume(home, second);
    const lines = readFileSync(join(home, 'evidence', 'halts.ndjson'), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'resume', ...first },
      { kind: 'resume', ...second },
    ]);
    expect([...recordedResumes(home)]).toEqual([
      ['h-1', first],
      ['h-2', first],
      ['h-3', second],
    ]);
  });

  it('where there is none proves nothing, nor where it cannot be read', () => {
    const home = newHome();
    expect(recordedResumes(home).size).toBe(0);
    recordResume(home, aResume(aHalt()));
    expect(recordedResumes(home, failingFiles(1, 'EIO')).size).toBe(0);
  });

  it('passes over what is no resume', () => {
    const whole = JSON.stringify({ kind: 'resume', ...aResume(aHalt()) });
    for (const other of [
      '',
      '{"torn',
      'null',
      '7',
      JSON.stringify({ kind: 'halt', ...aResume(aHalt({ id: 'h-9' })) }),
      JSON.stringify(aResume(aHalt({ id: 'h-9' }))),
      JSON.stringify({ kind: 'resume', ...aResume(), halts: 'h-9' }),
      JSON.stringify({ kind: 'resume', ...aResume(), halts: undefined }),
    ]) {
      expect(evidence(other, whole, '').map(([id]) => id)).toEqual(['h-1']);
    }
  });

  it('passes over halts that have no name', () => {
    const halts = [null, 7, 'h-8', {}, { id: 7 }, { time: 'x' }, aHalt({ id: 'h-2' })];
    const found = evidence(JSON.stringify({ kind: 'resume', ...aResume(), halts }));
    expect(found).toEqual([['h-2', aResume(aHalt({ id: 'h-2' }))]]);
  });
});

describe('lifting', () => {
  it('leaves the file alone where it lifts nothing', () => {
    const home = newHome();
    writeHalt(home, aHalt());
    let writes = 0;
    const fs = {
      ...REAL_FILES,
      openSync: (...args: Parameters<FileCalls['openSync']>) => {
        writes++;
        return REAL_FILES.openSync(...args);
      },
    } as FileCalls;
    expect(removeHalts(home, 'broker:sim', fs)).toEqual({ removed: [], kept: [aHalt()] });
    expect(removeHalts(newHome(), 'all', fs)).toEqual({ removed: [], kept: [] });
    expect(writes).toBe(0);
  });

  it('keeps each line of another scope as a line', () => {
    const home = newHome();
    const kept = [aHalt({ id: 'h-1', scope: 'broker:sim' }), aHalt({ id: 'h-3', scope: 'instrument:EUR/USD' })];
    for (const halt of [kept[0], aHalt({ id: 'h-2', scope: 'strategy:carry' }), kept[1]]) {
      if (halt !== undefined) writeHalt(home, halt);
    }
    expect(removeHalts(home, 'strategy:carry').kept).toEqual(kept);
    expect(readFileSync(join(home, 'HALT'), 'utf8')).toBe(kept.map((halt) => `${JSON.stringify(halt)}\n`).join(''));
  });

  it('a halt that was set between its two readings is seen, and stays', () => {
    const home = newHome();
    writeHalt(home, aHalt({ scope: 'strategy:carry' }));
    const late = aHalt({ id: 'h-late', scope: 'strategy:other' });
    let reads = 0;
    const fs = {
      ...REAL_FILES,
      lstatSync: (path: string) => {
        if (++reads === 2) appendFileSync(path, `${JSON.stringify(late)}\n`);
        return REAL_FILES.lstatSync(path);
      },
    } as unknown as FileCalls;
    expect(removeHalts(home, 'strategy:carry', fs)).toMatchObject({ removed: [{ id: 'h-1' }], kept: [late] });
    expect(readHalts(home)).toEqual([late]);
  });

  it('says what it could not do, and the halt stands', () => {
    const home = newHome();
    writeHalt(home, aHalt());
    const fs = {
      ...REAL_FILES,
      unlinkSync: () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      },
    } as unknown as FileCalls;
    expect(() => removeHalts(home, 'all', fs)).toThrow(
      expect.objectContaining({
        code: 'STATE.DISK_ERROR',
        message: expect.stringContaining(`could not lift the halt in ${join(home, 'HALT')}`),
      }),
    );
    expect(readHalts(home)).toEqual([aHalt()]);
  });

  it('takes away a latch that nobody can read', () => {
    const home = newHome();
    writeHalt(home, aHalt());
    const blind = {
      ...REAL_FILES,
      openSync: (path: string, flags: string, mode?: number) => {
        if (flags === 'r' && path.endsWith('HALT')) throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return REAL_FILES.openSync(path, flags, mode);
      },
    } as FileCalls;
    expect(removeHalts(home, 'all', blind)).toEqual({ removed: [aHalt()], kept: [] });
    expect(readHalts(home)).toEqual([]);
  });

  it('leaves no file open', () => {
    const home = newHome();
    writeHalt(home, aHalt({ scope: 'broker:sim' }));
    writeHalt(home, aHalt({ id: 'h-2', scope: 'strategy:carry' }));
    const open = new Set<number>();
    const fs = {
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
    removeHalts(home, 'strategy:carry', fs);
    removeHalts(home, 'all', fs);
    expect(open.size).toBe(0);
  });
});
