import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { startStandIn } from '../../src/commands/drill/stand-in.js';
import { systemClock } from '../../src/core/ports/clock.js';
import type { BuiltProgram } from './built-program.js';
import { ACCOUNT } from './oanda-sandbox.js';

/** Turns its position around at every bar, with a stop: an order is always due. */
export const TURNER = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'turner',
  params: {},
  create: () => {
    let side = 1;
    return {
      onBar(bar) {
        side = -side;
        const stop = bar.close * (1 - side * 0.01);
        return { kind: 'signal', instrument: bar.instrument, exposure: side, reason: 'turn', stop };
      },
      save: () => side,
      load: (saved) => { side = saved ?? 1; },
    };
  },
});
`;

export const NO_FAULTS: FaultScript = { rules: [], events: [] };

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout as JSON. */
  lines(): Record<string, unknown>[];
}

/** A stand-in of OANDA on loopback, a home, a strategy that always wants something, and the built program. */
export async function liveDesk(program: Pick<BuiltProgram, 'bin'>, faults: FaultScript = NO_FAULTS) {
  const standIn = await startStandIn({ clock: systemClock(), seed: '1', faults, port: 0, account: ACCOUNT });
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-live-'));
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-turner-'));
  const strategy = join(folder, 'turner.mjs');
  writeFileSync(strategy, TURNER);
  const account = standIn.exports['OANDA_ACCOUNT_ID'] ?? '';
  const run = (line: string, other: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    new Promise((done) => {
      const args = [program.bin, '--home', home, ...line.split(' ').filter((word) => word !== '')];
      const env = { ...process.env, ...standIn.exports, ...other };
      execFile(process.execPath, args, { env, cwd: folder }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        const lines = () =>
          stdout
            .trim()
            .split('\n')
            .map((text) => JSON.parse(text) as Record<string, unknown>);
        done({ code, stdout, stderr, lines });
      });
    });
  const start = (line: string) => {
    const args = [program.bin, '--home', home, ...line.split(' ').filter((word) => word !== '')];
    const child = spawn(process.execPath, args, { env: { ...process.env, ...standIn.exports }, cwd: folder });
    child.stdout.resume();
    const ended = new Promise<void>((done) => child.on('close', () => done()));
    return { ended, kill: () => child.kill('SIGKILL') };
  };
  const command = `live ${strategy} --instruments EUR/USD --timeframe 1m --set approval.required=false --json --confirm ${account}`;
  const once = `live ${strategy} --instruments EUR/USD --timeframe 1m --once --set approval.required=false --json`;
  return {
    standIn,
    home,
    strategy,
    account,
    /** One decision cycle, with consent. */
    once: (more = '', other?: Readonly<Record<string, string>>) => run(`${once} --confirm ${account} ${more}`, other),
    run,
    /** Starts a session and hands it over; `command` is the line without its end. */
    start,
    command,
    journal: (book = account) => journalOf(join(home, 'books', `live-${book}`)),
    async close() {
      await standIn.close();
      for (const one of [home, folder]) rmSync(one, { recursive: true, force: true });
    },
  };
}

/** Records of a book, oldest first. */
export function journalOf(folder: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(join(folder, 'journal.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { r: Record<string, unknown> }).r);
}
