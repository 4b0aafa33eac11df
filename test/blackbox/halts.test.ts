import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { type Halted, haltOnce, SITUATIONS } from './halts.js';
import { isSoak, several } from './several.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

/** `SOAK_HALTS`: how many, 200 in the soak. */
const RUNS = Number(process.env['SOAK_HALTS'] ?? (isSoak ? 200 : 8));

/** How long the halts of a kind took, from the start of the process to its end. */
function times(halts: readonly Halted[]): string {
  const kinds = new Map<string, number[]>();
  for (const { situation, waited, ms } of halts) {
    const kind = waited ? 'an order in doubt' : situation;
    kinds.set(
      kind,
      [...(kinds.get(kind) ?? []), ms].sort((a, b) => a - b),
    );
  }
  const at = (list: readonly number[], share: number): string =>
    ((list[Math.floor((list.length - 1) * share)] ?? 0) / 1000).toFixed(1);
  return [...kinds]
    .map(([kind, list]) => `${kind} ${list.length}: median ${at(list, 0.5)} s, slowest ${at(list, 1)} s`)
    .join('; ');
}

it(
  'after a halt nothing of ours is accepted any more, whatever the session was doing',
  async () => {
    const begin = process.env['BLACKBOX_SEED'] ?? 'halts';
    const seeds = Array.from({ length: RUNS }, (_, i) => i);

    const halts = await several(seeds, isSoak ? 6 : 8, (i) =>
      haltOnce(program.bin, `${begin}-${i}`, SITUATIONS[i % 4] ?? 'busy'),
    );

    const proven = halts.filter(({ code }) => code === 0);
    const after = proven.reduce((sum, one) => sum + one.after, 0);
    const by = SITUATIONS.map((one) => `${one} ${halts.filter(({ situation }) => situation === one).length}`).join(
      ', ',
    );
    console.log(
      `black box: ${halts.length} halts (${by}), ${proven.length} proven, ${halts.length - proven.length} said what is not; ${halts.reduce((sum, one) => sum + one.before, 0)} orders before, ${after} accepted after success; ${halts.filter((one) => one.killed).length} sessions ended by it; ${times(halts)}`,
    );
    expect(halts.flatMap(({ problems }) => problems)).toEqual([]);
    expect(proven.length).toBeGreaterThanOrEqual(RUNS * 0.6);
  },
  isSoak ? 2 * 3_600_000 : 600_000,
);

/** From the start of a process to its end, ms. */
async function timed(args: readonly string[]): Promise<number> {
  const begin = performance.now();
  const [code] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'close');
  expect(code).toBe(0);
  return performance.now() - begin;
}

/** From the start of a halt to its line in the latch, ms. */
async function latched(args: readonly string[], home: string): Promise<number> {
  rmSync(join(home, 'HALT'), { force: true });
  const seen = new Promise<number>((done) => {
    const watcher = watch(home, () => {
      if (!existsSync(join(home, 'HALT')) || statSync(join(home, 'HALT')).size === 0) return;
      watcher.close();
      done(performance.now());
    });
  });
  const begin = performance.now();
  const ended = timed(args);
  const at = await seen;
  await ended;
  return at - begin;
}

it.skipIf(!isSoak)('a cold halt latches within 1.5 times the start of node', async () => {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-halt-'));
  const [empty, latch]: [number[], number[]] = [[], []];
  for (let i = 0; i < 25; i++) {
    empty.push(await timed(['-e', '0']));
    latch.push(await latched([program.bin, '--home', home, 'halt', '--latch-only', '--reason', 'cold'], home));
  }
  rmSync(home, { recursive: true, force: true });
  const median = (list: number[]): number => list.sort((a, b) => a - b)[12] ?? Number.NaN;
  const [bare, halt] = [median(empty), median(latch)];
  console.log(
    `black box: cold halt to latch ${halt.toFixed(1)} ms, node -e 0 ${bare.toFixed(1)} ms, ratio ${(halt / bare).toFixed(2)}`,
  );
  expect(halt / bare).toBeLessThanOrEqual(1.5);
});
