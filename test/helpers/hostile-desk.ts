import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStandIn } from '../../src/commands/drill/stand-in.js';
import { systemClock } from '../../src/core/ports/clock.js';
import type { BuiltProgram } from './built-program.js';
import { type HostileBroker, hostileBroker } from './hostile-broker.js';
import { TURNER } from './live-desk.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The stand-in behind a broker that lies, and homes to run the built program in. */
export async function hostileDesks(program: BuiltProgram, environment: Readonly<Record<string, string>> = {}) {
  const standIn = await startStandIn({ clock: systemClock(), seed: '1', faults: { rules: [], events: [] }, port: 0 });
  const broker: HostileBroker = await hostileBroker(standIn.url, standIn.exports['OANDA_TOKEN'] ?? '');
  const account = standIn.exports['OANDA_ACCOUNT_ID'] ?? '';
  const made: string[] = [];
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'fxtrade-hostile-'));
    made.push(path);
    return path;
  };
  return {
    standIn,
    broker,
    account,
    desk(strategyText = TURNER) {
      const [home, cwd] = [folder(), folder()];
      const strategy = join(cwd, 'turner.mjs');
      writeFileSync(strategy, strategyText);
      const hosts = { OANDA_BASE_URL: broker.url, OANDA_STREAM_URL: broker.url };
      const env = { ...process.env, ...standIn.exports, ...hosts, ...environment };
      const outputs: string[] = [];
      const run = (args: readonly string[]): Promise<Ran> =>
        new Promise((done) => {
          const options = { env, cwd, maxBuffer: 1 << 26 };
          execFile(process.execPath, [program.bin, '--home', home, ...args], options, (error, stdout, stderr) => {
            outputs.push(stdout, stderr);
            done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, stdout, stderr });
          });
        });
      const once = ['live', strategy, '--instruments', 'EUR/USD', '--timeframe', '1m', '--once', '--confirm', account];
      return {
        home,
        cwd,
        strategy,
        env,
        outputs,
        run,
        /** One decision, told to a person, with everything that --verbose says. */
        live: (...more: string[]) => run([...once, '--set', 'approval.required=false', '--verbose', ...more]),
      };
    },
    tidy() {
      for (const one of made.splice(0)) rmSync(one, { recursive: true, force: true });
    },
    close: () => Promise.all([broker.close(), standIn.close()]),
  };
}

/** Path and text of every file under a folder. */
export function textsUnder(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
}

/** Puts the text in the place of every text of an answer that is no number, date or name of a field. */
export function everywhere(body: string, text: string): string {
  const isFree = (key: string): boolean => /reason|alias|displayName|comment|tag|errorMessage|rejectReason/i.test(key);
  return JSON.stringify(JSON.parse(body), (key, value) => (typeof value === 'string' && isFree(key) ? text : value));
}
