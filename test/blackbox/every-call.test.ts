import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import {
  CALLS,
  type Call,
  countCalls,
  type Failing,
  failAt,
  hasTracer,
  killAt,
  type Point,
  type Scene,
  type Struck,
} from './every-call.js';
import { isSoak, several } from './several.js';

if (!hasTracer) console.log('skipped: there is no strace, so no kill at a chosen system call (apt-get install strace)');

let program: BuiltProgram;
beforeAll(async () => {
  if (hasTracer) program = await builtProgram();
}, 120_000);
afterAll(() => program?.remove());

const WIDTH = isSoak ? 6 : 4;
const POINTS = 40;

const scenesOf = (bin: string): readonly Scene[] => [
  { bin, seed: 'calls', first: true },
  { bin, seed: 'calls', first: false },
  ...(isSoak ? [{ bin, seed: 'more calls', first: true }] : []),
];

/** Points spread evenly over all calls of a session. */
function spread(counts: ReadonlyMap<Call, number>, wanted: number): readonly Point[] {
  const all = [...counts].flatMap(([call, count]) => Array.from({ length: count }, (_, i) => ({ call, at: i + 1 })));
  return all.filter((_, i) => Math.floor((i * wanted) / all.length) !== Math.floor(((i - 1) * wanted) / all.length));
}

/** Every call in turn, from the first until so many in a row as are tried at once were never made. */
async function every(scene: Scene, call: Call): Promise<Struck[]> {
  const struck: Struck[] = [];
  let round: Struck[] = [];
  for (let from = 1; from === 1 || round.some(({ killed }) => killed); from += WIDTH) {
    const points = Array.from({ length: WIDTH }, (_, i) => ({ call, at: from + i }));
    round = await several(points, WIDTH, (point) => killAt(scene, point));
    struck.push(...round);
  }
  return struck;
}

async function struckScene(scene: Scene): Promise<Struck[]> {
  if (!isSoak) {
    const points = spread(await countCalls(scene), POINTS / 2);
    return several(points, WIDTH, (point) => killAt(scene, point));
  }
  const struck: Struck[] = [];
  for (const call of CALLS) {
    const done = await every(scene, call);
    console.log(`black box: every ${call}: ${done.filter(({ killed }) => killed).length}`);
    struck.push(...done);
  }
  return struck;
}

function told(struck: readonly Struck[]): string {
  const killed = struck.filter((one) => one.killed).length;
  const orders = struck.reduce((sum, one) => sum + one.orders, 0);
  const asked = struck.filter((one) => one.adopted).length;
  const problems = struck.flatMap((one) => one.problems).length;
  return `killed at ${killed} system calls that write, ${orders} orders, ${asked} times a person decided, ${problems} problems`;
}

describe.skipIf(!hasTracer)('a session that trades', () => {
  it(
    'killed as it makes any one of its system calls that write, ends as if it had been left alone',
    async () => {
      const struck: Struck[] = [];
      for (const scene of scenesOf(program.bin)) {
        const done = await struckScene(scene);
        struck.push(...done);
        if (isSoak)
          console.log(`black box: ${scene.first ? 'a first session' : 'a session that goes on'}: ${told(done)}`);
      }

      const killed = struck.filter((one) => one.killed).length;
      console.log(`black box: ${told(struck)}`);
      expect(struck.flatMap(({ problems }) => problems)).toEqual([]);
      expect(killed).toBeGreaterThanOrEqual(isSoak ? 400 : POINTS - 5);
    },
    isSoak ? 5 * 3_600_000 : 1_200_000,
  );

  it(
    'on a disk that refuses is exit 7, sends nothing that is not on it, and goes on when the disk is well',
    async () => {
      const at = isSoak ? Array.from({ length: 12 }, (_, i) => i + 1) : [1, 2];
      const failing: Failing[] = at.flatMap((k): Failing[] => [
        { call: 'write', error: 'ENOSPC', at: k, journal: true },
        { call: 'write', error: 'EIO', at: k, journal: true },
        { call: 'fsync', error: 'EIO', at: k, journal: true },
      ]);
      const scene = { bin: program.bin, seed: 'disk', first: false };

      const failed = await several(failing, WIDTH, (one) => failAt(scene, one));

      const ended = failed.filter(({ end }) => end.code === 7).length;
      console.log(`black box: ${failed.length} sessions on a disk that refuses, ${ended} ended with exit 7`);
      expect(failed.flatMap(({ problems }) => problems)).toEqual([]);
      expect(ended).toBeGreaterThanOrEqual(failing.length / 4);
    },
    isSoak ? 3_600_000 : 600_000,
  );
});
