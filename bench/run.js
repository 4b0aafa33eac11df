/**
 * `npm run bench`: the goals of docs/performance.md, measured. Every result is compared with its definition before it is
 * timed; a wrong one ends with exit code 1, a slow one is only told.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernels } from './kernels.js';
import { load, peakMemory, same, spawn, told, wrongResults } from './measure.js';
import { restart } from './restart.js';
import { expected, resultOf, W1_FLAGS, walk, writeCsv } from './workload.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = resolve(root, 'bin/fxtrade.js');
if (!existsSync(resolve(root, 'dist/cli.js'))) throw new Error('dist is not there: run `npm run build` first');

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-bench-'));
const env = { FXTRADE_HOME: join(folder, 'home') };
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}, load ${load()}`);

const million = walk(1_000_000);
await kernels(million);
engineLoop();
wholeCommand();
sweep();
commands();
await restart(program, folder);
liveDay();
rmSync(folder, { recursive: true, force: true });
const wrong = wrongResults();
console.log(wrong.length === 0 ? 'every result is right' : `${wrong.length} results are WRONG: ${wrong.join('; ')}`);
process.exitCode = wrong.length === 0 ? 0 : 1;

/** Each preset in a process of its own: what one run teaches the compiler would slow the other. */
function engineLoop() {
  const wanted = expected(million);
  for (const [preset, least] of [
    ['none', 10],
    ['standard', 5],
  ]) {
    const { stdout, stderr } = spawn([fileURLToPath(new URL('engine-loop.js', import.meta.url)), preset]);
    if (stdout === '') throw new Error(stderr);
    const { result, counts, best } = JSON.parse(stdout);
    if (preset === 'none') same('W1 engine loop', result, wanted);
    else same('W1 standard: orders are booked or refused', counts.trades + counts.refused > 0, true);
    told(`W1 engine loop, preset ${preset}`, million.n / best / 1000, 'M bars/s', { least });
  }
}

function wholeCommand() {
  const csv = join(folder, 'w1.csv');
  writeCsv(csv, million);
  const wanted = expected(million);
  const params = ['--param', 'fast=16', '--param', 'slow=64'];
  for (const [equity, most] of [
    ['day', 500],
    ['bar', 1000],
  ]) {
    const out = join(folder, `out-${equity}`);
    const args = [
      program,
      'backtest',
      'sma-cross',
      '--data',
      csv,
      ...W1_FLAGS,
      ...params,
      '--equity',
      equity,
      '--out',
      out,
    ];
    const times = { cold: [], warm: [] };
    for (let i = 0; i < 3; i++) {
      rmSync(env.FXTRADE_HOME, { recursive: true, force: true });
      times.cold.push(spawn(args, env).ms);
      for (let k = 0; k < 2; k++) times.warm.push(spawn(args, env).ms);
    }
    same(`W1 whole command, --equity ${equity}`, resultOf(tradesOf(join(out, 'trades.csv'))), wanted);
    told(`W1 csv to report, --equity ${equity}, nothing kept from before`, Math.min(...times.cold), 'ms', { most });
    told(`W1 csv to report, --equity ${equity}, columns kept`, Math.min(...times.warm), 'ms', { most });
    told(`W1 csv to report, --equity ${equity}, peak memory`, peakMemory(args, env), 'MB');
  }
}

function tradesOf(path) {
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const names = head.split(',');
  const cell = (cells, name) => cells[names.indexOf(name)];
  return lines.map((line) => {
    const cells = line.split(',');
    const time = (name) => Date.parse(cell(cells, name));
    const price = (name) => Number(cell(cells, name));
    return {
      ...{ entryTime: time('entryTime'), exitTime: time('exitTime') },
      ...{ entryPrice: price('entryPrice'), exitPrice: price('exitPrice') },
    };
  });
}

/** A hundred pairs of windows over 100,000 bars; the sum of ticks is read back from the total return. */
function sweep() {
  const bars = walk(100_000, 7);
  const csv = join(folder, 'w3.csv');
  writeCsv(csv, bars);
  const windows = ['--sweep', 'fast=4:40:4', '--sweep', 'slow=50:140:10'];
  const args = [program, 'backtest', 'sma-cross', '--data', csv, ...W1_FLAGS, ...windows, '--workers', '2'];
  spawn(args, env);
  const { stdout } = spawn(args, env);
  const rows = JSON.parse(stdout).data.sweep;
  const ticks = rows.map(({ metrics }) => Math.round((metrics.totalReturn * 1e12) / 100_000));
  const wanted = rows.map(({ params }) => expectedWithOpen(bars, params.fast, params.slow));
  same('W3 sweep: 100 combinations', rows.length, 100);
  same('W3 sweep: the vector of ticks', ticks, wanted);
  const ms = Math.min(...Array.from({ length: 3 }, () => spawn(args, env).ms));
  told('W3 sweep 10 × 10 on 100k bars, warm, a combination', ms / 100, 'ms', { most: 15 });
}

/** Ticks of the closed trades and of the one that is open at the end, by a loop of its own over plain sums. */
function expectedWithOpen({ close, n }, fast, slow) {
  const total = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) total[i + 1] = total[i] + close[i];
  const over = (i) => (total[i + 1] - total[i + 1 - fast]) * slow - (total[i + 1] - total[i + 1 - slow]) * fast;
  let ticks = 0;
  let long = false;
  for (let i = slow; i < n; i++) {
    if (long) ticks += close[i] - close[i - 1];
    if (!long && over(i) > 0 && over(i - 1) <= 0) long = true;
    else if (long && over(i) < 0 && over(i - 1) >= 0) long = false;
  }
  return ticks;
}

/** Hours of a stream of 28 pairs at 200 messages a second: `npm run bench -- 1` for a short one. */
function liveDay() {
  const hours = process.argv[2] ?? '24';
  const day = fileURLToPath(new URL('live-day.js', import.meta.url));
  const { stdout, stderr } = spawn(['--expose-gc', day, hours]);
  if (stdout === '') throw new Error(stderr);
  const { messages, microseconds, rssFirst, rssLast, p99, workP99, wrong, decisions } = JSON.parse(stdout);
  const name = `stream of 28 pairs, ${hours} h, ${messages} messages`;
  same(`${name}: every update in its bar, once`, wrong, 0);
  same(`${name}: a decision a minute`, decisions, Math.round(Number(hours) * 60));
  told(`${name}, one`, microseconds, 'µs');
  if (rssLast !== undefined)
    told('memory at its end, against after hour 1', rssLast / rssFirst, 'times', { most: 1.1 });
  told('tick to decision, p99', p99, 'ms', { most: 5 });
  told('tick to decision, p99, time of the processor', workP99, 'ms', { most: 5 });
}

function commands() {
  const times = { node: [], version: [], halt: [], report: [] };
  const home = { FXTRADE_HOME: join(folder, 'cold') };
  spawn([program, 'backtest', 'sma-cross', '--json'], home);
  for (let i = 0; i < 15; i++) {
    times.node.push(spawn(['-e', '0']).ms);
    times.version.push(spawn([program, '--version']).ms);
    times.report.push(spawn([program, 'report', '--json'], home).ms);
    const halted = spawn([program, 'halt', '--json'], { FXTRADE_HOME: join(folder, `halt-${i}`) });
    if (i === 0) same('halt answers', JSON.parse(halted.stdout).ok, true);
    times.halt.push(halted.ms);
  }
  const node = Math.min(...times.node);
  told('node -e 0', node, 'ms');
  told('halt, cold, against node -e 0', Math.min(...times.halt) / node, 'times', { most: 1.5 });
  told('--version, against node -e 0', Math.min(...times.version) / node, 'times');
  told('report --json, against node -e 0', Math.min(...times.report) / node, 'times');
  told('halt, peak memory', peakMemory([program, 'halt', '--json'], home), 'MB');
}
