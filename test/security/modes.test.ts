import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hourly } from '../helpers/bad-input.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';

/** What makes files: settings, runs, books, halts, evidence, stored data, exports, pages. `{cwd}` is a folder of the user. */
const LINES = [
  'init --yes --starter {cwd}/first.ts',
  'config set risk.maxPositionBps 900',
  'backtest sma-cross --from 2024-01-01 --to 2024-01-20 --instruments EUR/USD --out {cwd}/out/run',
  'backtest sma-cross --from 2024-01-01 --to 2024-01-20 --instruments EUR/USD --sweep fast=5:6:1 --workers 1 --out {cwd}/sweep',
  'report {cwd}/out/run --html {cwd}/deep/page.html --csv {cwd}/tables',
  'data import {cwd}/EURUSD.csv --as euro',
  'data simulate --from 2024-01-01 --to 2024-01-08 --instruments EUR/USD --out {cwd}/simulated',
  'paper sma-cross --replay {cwd}/EURUSD.csv --book one',
  'audit export --format csv --out {cwd}/trail.csv',
  'halt --reason test',
  'halt --reason again --scope instrument:EUR/USD',
  'resume --reason test --confirm paper',
];

describe.skipIf(process.platform === 'win32')('files and folders', () => {
  let program: BuiltProgram;
  beforeAll(async () => {
    program = await builtProgram();
  }, 90_000);
  afterAll(() => program.remove());

  it.each(['000', '022', '077'])(
    'are for their owner alone, under umask %s',
    (umask) => {
      const root = mkdtempSync(join(tmpdir(), 'fxtrade-modes-'));
      const [home, cwd] = [join(root, 'deep', 'home'), join(root, 'cwd')];
      mkdirSync(cwd);
      writeFileSync(join(cwd, 'EURUSD.csv'), hourly(400));
      try {
        for (const line of LINES) {
          const command = `umask ${umask}; exec "$0" "$@"`;
          const args = line.replaceAll('{cwd}', cwd).split(' ');
          const all = ['-c', command, process.execPath, program.bin, '--home', home, ...args];
          const ran = spawnSync('sh', all, { cwd, encoding: 'utf8' });
          expect(ran.status, `${line}: ${ran.stderr}`).toBe(0);
        }
        const found = [join(root, 'deep'), ...under(join(root, 'deep')), ...under(cwd)].filter(
          (path) => !path.endsWith('EURUSD.csv') && lstatSync(path).isDirectory() !== undefined,
        );
        expect(found.length).toBeGreaterThan(25);
        expect(found.filter(isOpen).map((path) => `${path.slice(root.length)} ${modeOf(path).toString(8)}`)).toEqual(
          [],
        );
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
    120_000,
  );

  it('a home that others could enter is closed before anything is written there', () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-modes-'));
    chmodSync(home, 0o755);
    spawnSync(process.execPath, [program.bin, '--home', home, 'config', 'set', 'risk.maxPositionBps', '900']);
    expect(modeOf(home)).toBe(0o700);
    rmSync(home, { recursive: true, force: true });
  });
});

const under = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

const modeOf = (path: string): number => lstatSync(path).mode & 0o777;

const isOpen = (path: string): boolean => (modeOf(path) & 0o077) !== 0;
