/** Timing and printing for the benchmarks: a fixed number of goes, the least of them, the load beside it. */
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';

/** Milliseconds of the fastest of `times` goes. */
export async function fastest(times, work) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = process.hrtime.bigint();
    await work(i);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
  }
  return best;
}

/** A whole process: its wall time in ms and what it said. */
export function spawn(args, env = {}) {
  const start = process.hrtime.bigint();
  const done = spawnSync(process.execPath, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, ...done };
}

/** Peak resident memory of a process, MB, told by the process itself as it ends. */
export function peakMemory(args, env = {}) {
  const hook = 'data:text/javascript,process.on("exit",()=>process._rawDebug("RSS "+process.resourceUsage().maxRSS))';
  const { stderr } = spawn(['--import', hook, ...args], env);
  return Number(/RSS (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024;
}

export const load = () => loadavg()[0].toFixed(2);

const failures = [];

/** A figure beside its goal; `most` for times, `least` for speeds, none for information. */
export function told(name, figure, unit, goal = {}) {
  const { most, least } = goal;
  const held = most !== undefined ? figure <= most : least !== undefined ? figure >= least : undefined;
  const wanted = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : '';
  const verdict = held === undefined ? '' : held ? 'held' : 'NOT HELD';
  const number = figure >= 1000 ? figure.toFixed(0) : figure.toPrecision(3);
  console.log(
    `${name.padEnd(58)} ${wanted.padStart(8)} ${number.padStart(9)} ${unit.padEnd(14)} ${verdict.padEnd(9)} load ${load()}`,
  );
}

/** A wrong result is what fails a benchmark; a slow one does not. */
export function same(name, found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a === b) return;
  failures.push(name);
  console.log(`WRONG RESULT ${name}: found ${a.slice(0, 300)}, wanted ${b.slice(0, 300)}`);
}

export const wrongResults = () => failures;
