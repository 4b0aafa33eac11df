// npm run demo: one round through the program on the simulated market. No network, no keys, no wall clock in what it prints,
// so that the README can show exactly this output and a test can compare the two.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = process.env.FXTRADE_DEMO_PROGRAM ?? fileURLToPath(new URL('../bin/fxtrade.js', import.meta.url));
const STEP_MS_MAX = 60_000;

const STEPS = [
  { line: 'backtest carry' },
  // As JSON: a table would be as wide as the path of the folder.
  { line: 'data simulate --instruments EUR/USD --from 2024-01-01 --to 2024-02-01 --timeframe 4h --out prices --json' },
  { line: 'paper sma-cross --replay prices/EURUSD-simulated.csv --rates prices/rates.csv' },
  // Real time: its lines carry the time of day, so only its exit code is judged.
  { line: 'paper carry --once --book live-prices', silent: true },
  { line: 'report --explain sharpe' },
];

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-demo-'));
let failed = 0;
try {
  for (const step of STEPS) if (!done(step)) failed++;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

/** Runs one command as its own process and prints it with what it says. */
function done({ line, silent }) {
  const { PATH, HOME, SystemRoot } = process.env;
  const run = spawnSync(process.execPath, [PROGRAM, ...line.split(' ')], {
    cwd: folder,
    env: { PATH, HOME, SystemRoot, FXTRADE_HOME: join(folder, 'home'), LANG: 'C.UTF-8', NO_COLOR: '1', CI: '1' },
    encoding: 'utf8',
    timeout: STEP_MS_MAX,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (silent !== true || run.status !== 0) {
    // The folder is new every time; nothing else is changed in what the program prints.
    print(`$ fxtrade ${line}\n${run.stdout ?? ''}\n`.replaceAll(folder, '/demo'));
  }
  if (run.status === 0) return true;
  process.stderr.write(`${run.stderr ?? ''}\nthis step of the demo failed (exit ${run.status}): fxtrade ${line}\n`);
  return false;
}

function print(text) {
  process.stdout.write(text);
}
