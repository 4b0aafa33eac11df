import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hourly } from '../../helpers/bad-input.js';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';

let program: BuiltProgram;
let prices = '';
beforeAll(async () => {
  program = await builtProgram();
  prices = join(newFolder(), 'EURUSD.csv');
  writeFileSync(prices, hourly(4000));
}, 120_000);
afterAll(() => program.remove());

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-one-book-'));
const replay = (more: readonly string[] = []): string[] => [
  'paper',
  'sma-cross',
  '--replay',
  prices,
  '--json',
  ...more,
];

/** The files of the default book that must come out the same: rows and journal. */
function bookOf(home: string): Record<string, string> {
  const folder = join(home, 'books', 'paper-default');
  const names = readdirSync(folder).filter((name) => /\.csv$|\.ndjson$/.test(name));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Runs with a limit of `blocks` on the size of every file and its signal ignored: longer writes fail, as on a full disk. */
function limited(blocks: number, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = `trap "" XFSZ; ulimit -f ${blocks}; exec "$@"`;
  const whole = ['-c', script, 'sh', process.execPath, program.bin, ...args];
  return new Promise((done) => {
    execFile('sh', whole, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
    });
  });
}

it.runIf(process.platform !== 'win32')(
  'a disk that is full on the way is a STATE error with a next step, and the same command goes on to the same book',
  async () => {
    const untouched = newFolder();
    expect((await program.runIn(untouched, replay())).code).toBe(0);
    const whole = bookOf(untouched);
    for (const blocks of [1, 16, 64, 256]) {
      const home = newFolder();
      const { code, stdout, stderr } = await limited(blocks, ['--home', home, ...replay()]);
      const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string; next: string } };
      expect(`${blocks}: ${code} ${last.error.code}`).toBe(`${blocks}: 7 STATE.FILE_LIMIT`);
      expect(last.error.next).toContain('run the same command again');
      expect(stderr).not.toMatch(/\n {4}at /);
      expect((await program.runIn(home, replay())).code).toBe(0);
      expect(bookOf(home)).toEqual(whole);
    }
  },
  120_000,
);

it('of two processes that start one book at once, one runs and the other exits 75 and changes nothing', async () => {
  const home = newFolder();
  const line = replay(['--speed', '60x', '--duration', '4s']);
  const both = await Promise.all([program.runIn(home, line), program.runIn(home, line)]);
  expect(both.map(({ code }) => code).toSorted((a, b) => a - b)).toEqual([0, 75]);
  const refused = both.find(({ code }) => code === 75);
  expect(refused?.stdout).toContain('"code":"STATE.BUSY"');
  const alone = newFolder();
  expect((await program.runIn(alone, replay())).code).toBe(0);
  expect((await program.runIn(home, replay())).code).toBe(0);
  expect(bookOf(home)).toEqual(bookOf(alone));
}, 120_000);
