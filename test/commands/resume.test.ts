import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readHalts } from '../../src/core/state/halt-file.js';
import { runCli } from '../helpers/run-cli.js';

it('resume with a reason and consent lifts the halt and files the evidence', async () => {
  const { home } = await runCli('halt --reason drill');
  const { code, json } = await runCli('resume --reason "checked the book" --confirm paper --json', { home });
  expect([code, json()]).toMatchObject([
    0,
    { data: { resumed: true, resumedAt: '2026-01-05T12:00:00.000Z', removed: [{ reason: 'drill' }], halts: [] } },
  ]);
  expect(readHalts(home)).toEqual([]);
  const evidence = JSON.parse(readFileSync(join(home, 'evidence', 'halts.ndjson'), 'utf8'));
  expect(evidence).toMatchObject({ kind: 'resume', reason: 'checked the book', halts: [{ reason: 'drill' }] });
});

it.each([
  ['resume', 'USAGE.MISSING_REASON'],
  ['resume --reason " " --confirm paper', 'USAGE.MISSING_REASON'],
  ['resume --reason ok', 'USAGE.NO_TERMINAL'],
  ['resume --reason ok --confirm 101-001', 'USAGE.WRONG_ACCOUNT'],
  ['resume --reason ok --confirm paper --scope desk', 'USAGE.BAD_VALUE'],
])('%s lifts nothing: exit 2 %s', async (line, error) => {
  const { home } = await runCli('halt');
  const { code, json } = await runCli(`${line} --json`, { home });
  expect([code, json()]).toMatchObject([2, { error: { code: error } }]);
  expect(readHalts(home)).toHaveLength(1);
});

it('without a terminal the flag is named', async () => {
  const { home } = await runCli('halt');
  const { stderr, stdout } = await runCli('resume --reason ok', { home });
  expect(stderr).toContain('--confirm paper');
  expect(stdout).toBe('');
});

it('nothing halted is an answer, not an error, and needs no consent', async () => {
  const { code, json, home } = await runCli('resume --reason ok --json');
  expect([code, json()]).toMatchObject([0, { data: { resumed: false, resumedAt: null, halts: [] } }]);
  await runCli('halt --scope broker:sim', { home });
  const other = await runCli('resume --reason ok --scope strategy:carry', { home });
  expect([other.code, other.stdout]).toEqual([0, expect.stringContaining('still halted: broker:sim')]);
});

it('a touched HALT is lifted only by resuming everything', async () => {
  const { home } = await runCli('--version');
  writeFileSync(join(home, 'HALT'), '');
  await runCli('resume --reason ok --scope broker:sim --confirm paper', { home });
  expect(readHalts(home)).toHaveLength(1);
  await runCli('resume --reason ok --confirm paper', { home });
  expect(readHalts(home)).toEqual([]);
});

it('a resume that cannot be written down does not happen', async () => {
  const { home } = await runCli('halt');
  writeFileSync(join(home, 'evidence'), '');
  const { code } = await runCli('resume --reason ok --confirm paper', { home });
  expect(code).toBe(7);
  expect(readHalts(home)).toHaveLength(1);
});
