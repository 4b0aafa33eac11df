import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHalts } from '../../src/core/state/halt-file.js';
import { runCli } from '../helpers/run-cli.js';

it('halt sets the latch, asks nothing and says what it did', async () => {
  const { code, json, home } = await runCli('halt --reason "spread blew out" --json');
  expect(code).toBe(0);
  expect(json()).toEqual({
    ok: true,
    command: 'halt',
    version: '0.0.0-test',
    data: {
      haltedAt: '2026-01-05T12:00:00.000Z',
      scope: 'all',
      mode: 'all',
      reason: 'spread blew out',
      latch: join(home, 'HALT'),
      entriesBlocked: true,
      cancelled: [],
      kept: [],
      notProven: [],
      sessions: [],
    },
  });
  const [line] = readFileSync(join(home, 'HALT'), 'utf8').trim().split('\n');
  expect(Object.keys(JSON.parse(line ?? ''))).toEqual(['id', 'time', 'who', 'reason', 'scope', 'mode']);
});

it('a second halt is added to the first', async () => {
  const { home } = await runCli('halt --scope broker:sim --mode reduce-only --latch-only');
  await runCli('--quiet halt --scope instrument:eur/usd', { home });
  expect(readHalts(home)).toMatchObject([
    { scope: 'broker:sim', mode: 'reduce-only' },
    { scope: 'instrument:EUR/USD', mode: 'all' },
  ]);
});

it('halt works with settings that nobody can read', async () => {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-test-'));
  writeFileSync(join(home, 'config.json'), '{{{');
  expect((await runCli('halt', { home })).code).toBe(0);
  expect(readHalts(home)).toHaveLength(1);
});

it.each([
  ['--scope desk:1', 'USAGE.BAD_VALUE'],
  ['--scope broker:oand', 'USAGE.BAD_VALUE'],
  ['--mode some', 'USAGE.BAD_VALUE'],
  ['--reson x', 'USAGE.UNKNOWN_FLAG'],
  ['--reason', 'USAGE.MISSING_VALUE'],
  ['--reason --json', 'USAGE.MISSING_VALUE'],
  ['now', 'USAGE.TOO_MANY_ARGUMENTS'],
])('halt %s halts nothing and is exit 2 (%s)', async (flags, error) => {
  const { code, json, home } = await runCli(`halt ${flags} --json`);
  expect([code, json()]).toMatchObject([2, { ok: false, command: 'halt', error: { code: error } }]);
  expect(readHalts(home)).toEqual([]);
});

it('a latch that cannot be written is exit 7 and says where', async () => {
  const home = join(mkdtempSync(join(tmpdir(), 'fxtrade-test-')), 'file');
  writeFileSync(home, '');
  const { code, json } = await runCli('halt --json', { home });
  expect([code, json()]).toMatchObject([7, { ok: false, error: { code: 'STATE.WRONG_KIND' } }]);
});

it('a HALT that is a folder cannot take a line: exit 7, and everything is halted', async () => {
  const { home } = await runCli('--version');
  mkdirSync(join(home, 'HALT'), { recursive: true });
  expect((await runCli('halt', { home })).code).toBe(7);
  expect(readHalts(home)).toHaveLength(1);
});

it('a reason with control characters cannot act on the terminal', async () => {
  const { stdout } = await runCli(['halt', '--reason', `x${String.fromCharCode(27)}[2J\ny`]);
  expect(stdout).toContain('x\\x1b[2J\\ny');
});
