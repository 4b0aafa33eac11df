import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeLock } from '../../src/core/state/lock/lock-file.js';
import { answerTo, type BadInput, hourly, type Runner } from '../helpers/bad-input.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

const built: Runner = (args, at) => {
  const [command = '', ...rest] = args;
  const here = rest.map((word) => (/\.(ts|csv)$/.test(word) ? join(at.cwd, word) : word));
  return program.runIn(at.home, [command, ...here]);
};

const mine = (text: string) => ({ 'mine.ts': text, 'EURUSD.csv': hourly(72) });
const strategy = (create: string) => mine(`export default { name: 'mine', params: {}, create: ${create} };\n`);
const onBar = (body: string) => strategy(`() => ({ onBar() { ${body} } })`);
const LINE = 'backtest mine.ts --data EURUSD.csv';

const ROWS: readonly Omit<BadInput, 'line' | 'exit'>[] = [
  { name: 'is missing', files: { 'EURUSD.csv': hourly(72) }, code: 'STRATEGY.MISSING', says: /mine\.ts/ },
  { name: 'has a syntax error', files: mine('export default {{{;'), code: 'STRATEGY.LOAD', says: /mine\.ts/ },
  {
    name: 'throws when it is loaded',
    files: mine(`throw new Error('no luck');`),
    code: 'STRATEGY.LOAD',
    says: /mine\.ts.*no luck/,
  },
  { name: 'exports nothing', files: mine('export const a = 1;'), code: 'STRATEGY.SHAPE', says: /mine\.ts/ },
  {
    name: 'imports what is not there',
    files: mine(`import 'not-installed-anywhere'; export default {};`),
    code: 'STRATEGY.LOAD',
    says: /not-installed-anywhere/,
  },
  {
    name: 'throws in create',
    files: strategy(`() => { throw new Error('no create'); }`),
    code: 'STRATEGY.CREATE',
    says: /no create/,
  },
  { name: 'throws in onBar', files: onBar(`throw new Error('no bar');`), code: 'STRATEGY.THREW', says: /no bar/ },
  { name: 'throws what is no error', files: onBar(`throw 'a word';`), code: 'STRATEGY.THREW', says: /a word/ },
  {
    name: 'reads a field of nothing',
    files: onBar('return (undefined as unknown as { x: number }).x;'),
    code: 'STRATEGY.THREW',
    says: /2024-01-08T01:00/,
  },
  { name: 'ends its thread', files: onBar('process.exit(0);'), code: 'STRATEGY.EXITED', says: /process\.exit/ },
  { name: 'runs forever in onBar', files: onBar('for (;;);'), code: 'STRATEGY.TIMEOUT', says: /1 ?s|1000|timeout/ },
  {
    name: 'runs forever in create',
    files: strategy('() => { for (;;); }'),
    code: 'STRATEGY.TIMEOUT',
    says: /1 ?s|1000|timeout/,
  },
  {
    name: 'runs forever when it is loaded',
    files: mine('for (;;);'),
    code: 'STRATEGY.TIMEOUT',
    says: /1 ?s|1000|timeout/,
  },
  { name: 'returns a word', files: onBar(`return 'buy';`), code: 'STRATEGY.WISH', says: /buy/ },
  {
    name: 'returns a NaN weight',
    files: onBar(`return [{ kind: 'target', instrument: 'EUR/USD', weight: NaN, reason: 'x' }];`),
    code: 'STRATEGY.WISH',
    says: /weight.*NaN/,
  },
  {
    name: 'returns an infinite weight',
    files: onBar(`return [{ kind: 'target', instrument: 'EUR/USD', weight: 1 / 0, reason: 'x' }];`),
    code: 'STRATEGY.WISH',
    says: /weight.*Infinity/,
  },
  {
    name: 'wants an unknown instrument',
    files: onBar(`return [{ kind: 'target', instrument: 'GBP/ZZZ', weight: 0.1, reason: 'x' }];`),
    code: 'STRATEGY.WISH',
    says: /GBP\/ZZZ/,
  },
  {
    name: 'is async',
    files: strategy('() => ({ async onBar() { return undefined; } })'),
    code: 'STRATEGY.WISH',
    says: /async|promise/i,
  },
];

describe('a strategy file', () => {
  it.each(ROWS)('given one that $name, answers $code and leaves the home alone', async (row) => {
    // Only what never ends needs a short patience: a busy machine takes a second to start a thread.
    const patience = row.code === 'STRATEGY.TIMEOUT' ? '1s' : '30s';
    const bad: BadInput = { ...row, line: `${LINE} --set strategy.timeout=${patience}`, exit: 2 };
    const { exit, code, text, rubbish, homeChanged } = await answerTo(bad, built);
    expect(`${exit} ${code} ${text}`).toMatch(new RegExp(`^2 ${row.code} .*(?:${row.says.source})`, row.says.flags));
    expect(rubbish).toBeUndefined();
    expect(homeChanged).toBe(false);
  });
});

describe('a strategy file that runs forever in a replay', () => {
  const scene = (body: string) => {
    const at = mkdtempSync(join(tmpdir(), 'fxtrade-hang-'));
    const home = join(at, 'home');
    mkdirSync(home);
    writeFileSync(join(at, 'mine.ts'), onBar(body)['mine.ts']);
    writeFileSync(join(at, 'EURUSD.csv'), hourly(2000));
    const limit = ['--set', 'strategy.timeout=1s', '--json'];
    const line = ['paper', join(at, 'mine.ts'), '--replay', join(at, 'EURUSD.csv'), '--book', 'b', ...limit];
    return { at, home, line };
  };

  it('leaves nothing of its first replay', async () => {
    const { home, line } = scene('for (;;);');
    const { code, stdout } = await program.runIn(home, line);
    expect(code).toBe(2);
    expect(stdout).toContain('"code":"STRATEGY.TIMEOUT"');
    expect(readdirSync(home)).toEqual([]);
  }, 30_000);

  it('keeps a book with work in it, which is free for the next run', async () => {
    const { at, home, line } = scene(
      'globalThis.bars = (globalThis.bars ?? 0) + 1; if (globalThis.bars > 1500) for (;;);',
    );
    expect((await program.runIn(home, line)).code).toBe(2);
    const folder = join(home, 'books', 'paper-b');
    expect(readdirSync(folder).some((name) => name.startsWith('snapshot-'))).toBe(true);
    expect(readdirSync(folder)).not.toContain('lock');
    expect(readdirSync(at).toSorted()).toEqual(['EURUSD.csv', 'home', 'mine.ts']);
  }, 30_000);

  it('leaves alone the book that another process holds', async () => {
    const { home, line } = scene('for (;;);');
    const folder = join(home, 'books', 'paper-b');
    mkdirSync(folder, { recursive: true });
    const release = takeLock(folder);
    expect((await program.runIn(home, line)).code).toBe(75);
    expect(readdirSync(folder)).toEqual(['lock']);
    release();
  }, 30_000);

  it('leaves no part of the files of --out', async () => {
    const { at, home, line } = scene('for (;;);');
    const flags = ['--data', join(at, 'EURUSD.csv'), '--out', join(at, 'out')];
    const { code } = await program.runIn(home, ['backtest', join(at, 'mine.ts'), ...flags, ...line.slice(-3)]);
    expect(code).toBe(2);
    expect(readdirSync(at).toSorted()).toEqual(['EURUSD.csv', 'home', 'mine.ts']);
  }, 30_000);
});

describe('a home that cannot be used', () => {
  const folder = (): string => mkdtempSync(join(tmpdir(), 'fxtrade-nohome-'));
  const answer = (stdout: string) => JSON.parse(stdout) as { error: { code: string; message: string } };
  const run = ['backtest', 'sma-cross', '--to', '2023-02-01', '--json'];

  it('given a file for a home, answers STATE.WRONG_KIND', async () => {
    const home = join(folder(), 'home');
    writeFileSync(home, 'mine');
    const { code, stdout, stderr } = await program.runIn(home, run);
    expect(`${code} ${answer(stdout).error.code}`).toBe('7 STATE.WRONG_KIND');
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it.runIf(process.platform === 'linux')('given a file system that takes nothing, answers STATE', async () => {
    const { code, stdout, stderr } = await program.runIn('/sys/fxtrade', run);
    expect(`${code} ${answer(stdout).error.code}`).toMatch(/^7 STATE\./);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  /** `ulimit -f` in blocks of 512 bytes or 1 KiB, with its signal ignored: every longer write fails, as on a full disk. */
  it.runIf(process.platform !== 'win32').each([
    ['run', []],
    ['--out folder', ['--out', 'OUT']],
    ['import', undefined],
  ] as const)('given a disk that is full for a %s, answers STATE and leaves no part of a file', async (_, more) => {
    const at = folder();
    const home = join(at, 'home');
    writeFileSync(join(at, 'EURUSD.csv'), hourly(2000));
    const args =
      more === undefined
        ? ['data', 'import', join(at, 'EURUSD.csv'), '--as', 'euro', '--json']
        : [...run, ...more.map((word) => (word === 'OUT' ? join(at, 'out') : word))];
    const { code, stdout, stderr } = await limited(program, ['--home', home, ...args]);
    expect(`${code} ${answer(stdout).error.code}`).toMatch(/^7 STATE\./);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(existsSync(join(at, 'out'))).toBe(false);
    expect(readdirSync(at).filter((name) => name.includes('partial'))).toEqual([]);
    expect(existsSync(join(home, 'data'))).toBe(false);
  });
});

describe('a book of other arguments', () => {
  it('given the same book with another parameter, answers USAGE.BOOK_BOUND', async () => {
    const at = mkdtempSync(join(tmpdir(), 'fxtrade-book-'));
    writeFileSync(join(at, 'EURUSD.csv'), hourly(72));
    const home = join(at, 'home');
    const line = ['paper', 'sma-cross', '--replay', join(at, 'EURUSD.csv'), '--json'];
    expect((await program.runIn(home, line)).code).toBe(0);
    const again = await program.runIn(home, [...line, '--param', 'fast=7']);
    expect(again.code).toBe(2);
    expect(again.stdout).toMatch(/"code":"USAGE\.BOOK_BOUND".*fast|"code":"USAGE\.BOOK_BOUND"/);
  }, 30_000);

  it('given an unknown metric to explain, says which there are', async () => {
    const home = join(mkdtempSync(join(tmpdir(), 'fxtrade-explain-')), 'home');
    expect((await program.runIn(home, ['backtest', 'sma-cross', '--to', '2023-02-01'])).code).toBe(0);
    const { code, stdout } = await program.runIn(home, ['report', '--explain', 'sharp', '--json']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/"code":"USAGE\.UNKNOWN_METRIC".*sharp.*sharpe/);
  }, 30_000);
});

function limited(
  { bin }: BuiltProgram,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = 'trap "" XFSZ; ulimit -f 2; exec "$@"';
  return new Promise((done) => {
    execFile('sh', ['-c', script, 'sh', process.execPath, bin, ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({ code, stdout, stderr });
    });
  });
}
