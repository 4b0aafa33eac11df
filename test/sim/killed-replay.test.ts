import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rng, seededRng } from '../../src/core/base/rng.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { type MarketFiles, marketFiles } from '../helpers/market-files.js';

/** `npm run soak` kills more often; npm tells its scripts their name. */
const SOAK = process.env['npm_lifecycle_event'] === 'soak';
const KILLS = SOAK ? 200 : 10;
const ROWS = ['orders.csv', 'trades.csv', 'equity.csv', 'returns.csv'];
/** Bytes of output that a process may write before it is killed; it waits when nobody reads on. */
const LONGEST = SOAK ? 60_000 : 150_000;
/** Rows that a kill may cost. */
const COST = 1_000;

let program: BuiltProgram;
let market: MarketFiles;
const folder = mkdtempSync(join(tmpdir(), 'fxtrade-kills-'));

beforeAll(async () => {
  program = await builtProgram();
  const to = SOAK ? Date.UTC(2024, 0, 1) : Date.UTC(2022, 8, 1);
  const pairs = ['EUR/USD', 'USD/JPY', 'GBP/USD'];
  market = await marketFiles({ folder, pairs, from: Date.UTC(2022, 0, 1), to, timeframeMs: 3_600_000 });
  writeFileSync(join(folder, 'forgetful.mjs'), FORGETFUL);
}, 60_000);

afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A user's strategy without `save` and `load`: what it knew is rebuilt from the bars. */
const FORGETFUL = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'forgetful',
  params: {},
  create: ({ instruments }) => {
    let bars = 0;
    let side = 1;
    return {
      onBar(bar) {
        if (bar.instrument !== instruments[0].id || ++bars % 40 !== 0) return;
        side = -side;
        const stop = bar.close * (1 - side * 0.01);
        return { kind: 'signal', instrument: bar.instrument, exposure: side, reason: 'turn', stop };
      },
    };
  },
});
`;

interface Death {
  readonly killed: boolean;
  readonly stdout: string;
}

/** Runs until it ends or `bytes` of output have been read; then it dies where it stands. */
function runUntil(args: readonly string[], bytes: number): Promise<Death> {
  return new Promise((done) => {
    const child = program.start(args);
    const read: Buffer[] = [];
    let length = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      read.push(chunk);
      length += chunk.length;
      if (length < bytes) return;
      child.stdout?.pause();
      child.kill('SIGKILL');
    });
    child.stderr?.resume();
    child.on('exit', (_, signal) => {
      if (signal === 'SIGKILL') done({ killed: true, stdout: '' });
    });
    child.on('close', () => done({ killed: false, stdout: Buffer.concat(read).toString('utf8') }));
  });
}

/** Rows that the newest snapshot of a book knows: where its next start goes on. */
function rowsKept(book: string): number {
  if (!existsSync(book)) return 0;
  const [newest] = readdirSync(book)
    .filter((name) => /^snapshot-\d+\.json$/.test(name))
    .sort()
    .reverse();
  if (newest === undefined) return 0;
  return (JSON.parse(readFileSync(join(book, newest), 'utf8')) as { s: { rows: number } }).s.rows;
}

/** Close times of a file's rows, to find how far a journal had come. */
function closesOf(files: readonly string[]): Float64Array {
  const closes = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => Date.parse(line.slice(0, 24)) + 3_600_000),
  );
  return Float64Array.from(closes).sort();
}

function rowsBefore(closes: Float64Array, ts: number): number {
  return closes.findIndex((close) => close >= ts);
}

async function killOften(args: readonly string[], book: string, random: Rng) {
  const path = join(program.home, 'books', `paper-${book}`);
  const journals: Buffer[] = [];
  const keptAfter: number[] = [];
  let midway = 0;
  for (let kills = 0; kills < KILLS; ) {
    const often = random.next() < 0.6;
    const end = await runUntil(args, Math.floor(random.next() * (often ? 2_000 : LONGEST)));
    if (!end.killed) continue;
    kills++;
    const journal = join(path, 'journal.ndjson');
    journals.push(existsSync(journal) ? readFileSync(journal) : Buffer.alloc(0));
    keptAfter.push(rowsKept(path));
    if (keptAfter.at(-1) !== market.rows) midway++;
  }
  const { stdout } = await runUntil(args, Number.POSITIVE_INFINITY);
  return {
    path,
    journals,
    keptAfter,
    midway,
    last: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

const STRATEGIES = [
  { strategy: 'trend', resumes: true, flags: ['--costs', 'default'] },
  { strategy: 'mean-reversion', resumes: true, flags: ['--costs', 'none', '--fill', 'close'] },
  { strategy: 'forgetful.mjs', resumes: false, flags: [] },
];

it.each(STRATEGIES)(
  '$strategy killed again and again ends with the bytes of a run that nobody touched',
  async ({ strategy, resumes, flags }) => {
    const name = strategy.replace('.mjs', '');
    const file = strategy.endsWith('.mjs') ? join(folder, strategy) : strategy;
    const random = seededRng(`kills of ${name}`);
    const line = ['paper', file, '--replay', market.data.join(), ...flags, '--json'];
    const whole = join(folder, `whole-${name}`);
    const spoiled = join(folder, `killed-${name}`);
    const untouched = await program.run([...line, '--book', `whole-${name}`, '--out', whole]);
    expect(untouched.code, untouched.stderr).toBe(0);

    const killed = await killOften([...line, '--book', name, '--out', spoiled], name, random);

    expect(killed.last.at(-1)).toMatchObject({ kind: 'end', ok: true, data: { finished: true } });
    for (const csv of ROWS) {
      const same = readFileSync(join(spoiled, csv)).equals(readFileSync(join(whole, csv)));
      expect(same, csv).toBe(true);
    }
    expectOneJournal(killed, join(program.home, 'books', `paper-whole-${name}`));
    expect(killed.midway).toBeGreaterThan(KILLS / 5);
    if (resumes) expectCheapKills(killed);
  },
  600_000,
);

/** Every journal that a kill left is the start of the final one, and no decision stands in it twice. */
function expectOneJournal({ path, journals }: { path: string; journals: readonly Buffer[] }, whole: string): void {
  const final = readFileSync(join(path, 'journal.ndjson'));
  for (const journal of journals) {
    expect(journal.length).toBeLessThanOrEqual(final.length);
    expect(final.subarray(0, journal.length).equals(journal)).toBe(true);
  }
  expect(final.equals(readFileSync(join(whole, 'journal.ndjson')))).toBe(true);
  const orders = recordsOf(final).filter((record) => record['type'] === 'submit');
  const ids = orders.map((record) => (record['order'] as { id: string }).id);
  expect(ids.length).toBeGreaterThan(20);
  expect(new Set(ids).size).toBe(ids.length);
}

/** What was on disk of the work of a process that was killed is worked again by at most 1,000 rows. */
function expectCheapKills({
  journals,
  keptAfter,
}: {
  journals: readonly Buffer[];
  keptAfter: readonly number[];
}): void {
  const closes = closesOf(market.data);
  for (const [kill, journal] of journals.entries()) {
    const newest = recordsOf(journal).at(-1);
    if (newest === undefined) continue;
    const done = rowsBefore(closes, Date.parse(String(newest['ts'])));
    expect(done - (keptAfter[kill] ?? 0)).toBeLessThanOrEqual(COST);
    expect(keptAfter[kill]).toBeGreaterThanOrEqual(keptAfter[kill - 1] ?? 0);
  }
}

/** Whole lines only: the last one may be torn. */
function recordsOf(journal: Buffer): Record<string, unknown>[] {
  const lines = journal.toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { r: Record<string, unknown> }).r);
}
