import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.js';

const SPAN = ['--from', '2024-01-01', '--to', '2024-03-01'];

function aBenchmark(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-sweep-')), 'index.csv');
  const days = Array.from({ length: 90 }, (_, i) => {
    const date = new Date(Date.UTC(2023, 11, 15) + i * 86_400_000).toISOString().slice(0, 10);
    return `${date},${(100 + ((i * 7) % 11)).toFixed(2)}`;
  });
  writeFileSync(path, `date,close\n${days.join('\n')}\n`);
  return path;
}

it('each combination is compared with the benchmark as a run of its own would be', async () => {
  const benchmark = aBenchmark();
  const out = mkdtempSync(join(tmpdir(), 'fxtrade-sweep-'));
  const run = ['backtest', 'sma-cross', ...SPAN, '--benchmark', benchmark];
  const swept = await runCli([...run, '--sweep', 'fast=8:16:8', '--workers', '1', '--out', join(out, 'o'), '--json']);
  expect(swept.code).toBe(0);
  const { sweep } = swept.json()['data'] as { sweep: { benchmark: Record<string, number> }[] };
  for (const [place, fast] of [8, 16].entries()) {
    const alone = await runCli([...run, '--param', `fast=${fast}`, '--json']);
    const record = alone.json()['data'] as { benchmark: Record<string, unknown> };
    expect(record.benchmark).toMatchObject(sweep[place]?.benchmark ?? { none: true });
  }
  expect(typeof sweep[0]?.benchmark['beta']).toBe('number');
  expect(readFileSync(join(out, 'o', 'sweep.csv'), 'utf8').split('\n')[0]).toMatch(
    /benchmark\.beta,.*benchmark\.totalReturn$/,
  );
  const table = await runCli([...run, '--sweep', 'fast=8:16:8', '--workers', '1']);
  expect(table.stdout).toMatch(/beta.*alpha a year.*information ratio/);
}, 60_000);

it('a benchmark of other years refuses the sweep', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-sweep-')), 'old.csv');
  writeFileSync(path, 'date,close\n1990-01-01,1\n1990-01-02,2\n');
  const swept = await runCli([
    'backtest',
    'sma-cross',
    ...SPAN,
    '--sweep',
    'fast=8:16:8',
    '--workers',
    '1',
    '--benchmark',
    path,
  ]);
  expect([swept.code, swept.stderr]).toEqual([2, expect.stringContaining('no day in common')]);
});

it('a folder of somebody else is refused before anything is worked out, and left as it is', async () => {
  const at = mkdtempSync(join(tmpdir(), 'fxtrade-sweep-'));
  const out = join(at, 'mine');
  mkdirSync(out);
  writeFileSync(join(out, 'diary.txt'), 'mine');
  const long = ['--sweep', 'fast=5:50:1', '--sweep', 'slow=60:200:1', '--workers', '1'];
  const swept = await runCli(['backtest', 'sma-cross', ...long, '--out', out, '--json']);
  expect(swept.json()['error']).toMatchObject({ code: 'USAGE.OUT' });
  expect([readdirSync(at), readdirSync(out)]).toEqual([['mine'], ['diary.txt']]);
}, 20_000);

it('the folder of a sweep holds its data and takes the next sweep and the next run', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'fxtrade-sweep-')), 'o');
  const run = ['backtest', 'sma-cross', '--from', '2024-01-01', '--to', '2024-02-01', '--out', out, '--json'];
  const swept = await runCli([...run, '--sweep', 'fast=8:16:8', '--workers', '1']);
  expect(readdirSync(out).sort()).toEqual(['run.json', 'sweep.csv']);
  const { data } = swept.json() as { data: { files: Record<string, string> } };
  expect(data.files).toEqual({ 'run.json': join(out, 'run.json'), 'sweep.csv': join(out, 'sweep.csv') });
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toEqual(data);
  const reported = await runCli(['report', out, '--json']);
  expect([reported.code, reported.json()['error']]).toMatchObject([2, { code: 'USAGE.SWEEP' }]);
  const again = await runCli([...run, '--sweep', 'fast=8:24:8', '--workers', '1']);
  expect(again.code).toBe(0);
  expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({ combinations: 3 });
  expect((await runCli(run)).code).toBe(0);
  expect((await runCli(['report', out])).code).toBe(0);
}, 60_000);
