import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultScript } from '../../brokers/oanda/sandbox/faults.js';
import type { SandboxTruth } from '../../brokers/oanda/sandbox/message.js';
import type { Clock, Wait } from '../../core/ports/clock.js';
import { createFile } from '../../core/state/atomic.js';
import { tempFolder } from '../../core/state/write.js';
import { type Ended, Running } from './program.js';
import { type StandIn, startStandIn } from './stand-in.js';

export interface RehearsalOptions {
  readonly clock: Clock;
  readonly wait: Wait;
  readonly faults?: FaultScript;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const NO_FAULTS: FaultScript = { rules: [], events: [] };

/** Enters at the first bar, with a stop, and leaves an order waiting: something of each kind that a halt must tell apart. */
const STRATEGY = `export default {
  name: 'rehearsal',
  params: {},
  create: ({ instruments }) => {
    let bars = 0;
    return {
      onBar(bar) {
        if (bar.instrument !== instruments[0].id) return undefined;
        bars += 1;
        const side = bars % 2 === 1 ? 1 : -1;
        return [
          { kind: 'signal', instrument: bar.instrument, exposure: side, reason: 'rehearsal', stop: bar.close * (1 - side * 0.01) },
          {
            kind: 'order', instrument: instruments[1].id, side: 'buy', units: 1000, type: 'limit', timeInForce: 'GTC',
            price: 0.5, stopLoss: 0.4, reason: 'rehearsal: an order that waits',
          },
        ];
      },
      save: () => bars,
      load: (saved) => { bars = saved ?? 0; },
    };
  },
};
`;

/** A stand-in of a broker, an empty home, and this program against it: real processes, play money. */
export class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #folder: string;
  readonly #standIn: StandIn;

  private constructor(options: RehearsalOptions, folder: string, standIn: StandIn) {
    this.#options = options;
    this.#folder = folder;
    this.#standIn = standIn;
  }

  static async begin(options: RehearsalOptions): Promise<Rehearsal> {
    const folder = tempFolder('fxtrade-drill-');
    createFile(join(folder, 'rehearsal.mjs'), STRATEGY);
    const { clock, faults = NO_FAULTS } = options;
    const standIn = await startStandIn({ clock, seed: 'drill', faults, port: 0 });
    return new Rehearsal(options, folder, standIn);
  }

  get home(): string {
    return join(this.#folder, 'home');
  }

  get account(): string {
    return this.#standIn.exports['OANDA_ACCOUNT_ID'] ?? '';
  }

  get wait(): Wait {
    return this.#options.wait;
  }

  truth(): SandboxTruth {
    return this.#standIn.truth();
  }

  /** The broker cannot be reached. */
  cut(): Promise<void> {
    return this.#standIn.cut();
  }

  /** It can again. */
  mend(): Promise<void> {
    return this.#standIn.mend();
  }

  /** Starts the program with these arguments. */
  start(args: readonly string[], fileBlocks?: number): Running {
    const program = process.argv[1] ?? '';
    const whole = [program, '--home', this.home, ...args, '--json'];
    const env = { ...this.#options.env, ...this.#standIn.exports };
    const options = { env, cwd: this.#folder };
    if (fileBlocks === undefined) return new Running(process.execPath, whole, options);
    const limited = ['-c', `ulimit -f ${fileBlocks}; exec "$0" "$@"`, process.execPath, ...whole];
    return new Running('/bin/sh', limited, options);
  }

  run(args: readonly string[], fileBlocks?: number): Promise<Ended> {
    return this.start(args, fileBlocks).ended;
  }

  /** Arguments of a session that always has something to do. */
  session(more: readonly string[]): readonly string[] {
    const market = ['--instruments', 'EUR/USD,GBP/USD', '--timeframe', '1m'];
    const limits = ['--set', 'approval.required=false', '--set', 'risk.priceCollarBps=9999'];
    return ['live', join(this.#folder, 'rehearsal.mjs'), ...market, ...limits, '--confirm', this.account, ...more];
  }

  /** Text of the live book's journal; empty when there is none. */
  journal(): string {
    try {
      return readFileSync(join(this.home, 'books', `live-${this.account}`, 'journal.ndjson'), 'utf8');
    } catch {
      return '';
    }
  }

  async end(): Promise<void> {
    await this.#standIn.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
