import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import type { DrillRecord } from './drill/rehearse.js';
import { type CommandContext, defineCommand, numberFlag, switchFlag, textFlag } from './runtime/command.js';
import type { Terminal } from './ui/terminal.js';

/** What the stand-in saw until it was stopped. */
interface ServeAnswer {
  readonly requests: number;
  readonly orders: number;
  readonly fills: number;
  readonly openPositions: number;
  readonly balance: number;
  readonly currency: string;
}

interface DrillsAnswer {
  readonly drills: readonly DrillRecord[];
  readonly passed: boolean;
}

const PORT_MAX = 65_535;
/** Flags that only mean something to the stand-in itself. */
const SERVE_ONLY = ['port', 'faults', 'seed'] as const;

/** Rehearses what is named; `--serve` runs the stand-in until somebody stops it. */
export const command = defineCommand<ServeAnswer | DrillsAnswer>({
  async run(ctx) {
    if (switchFlag(ctx, 'serve')) {
      if (ctx.args.length === 0) return { data: await serve(ctx) };
      throw conflict('--serve runs the stand-in and no drill', 'leave out --serve, or the names', '--serve');
    }
    for (const flag of SERVE_ONLY) {
      if (textFlag(ctx, flag) === undefined) continue;
      throw conflict(`--${flag} needs --serve: a drill chooses its own`, `leave out --${flag}`, `--${flag}`);
    }
    const { rehearse } = await import('./drill/rehearse.js');
    const drills = await rehearse(ctx);
    const passed = drills.every((drill) => drill.passed);
    return { data: { drills, passed }, exit: passed ? 0 : 4 };
  },
  event(kind, fields, terminal) {
    if (kind === 'serving') tellServing(fields as unknown as Serving, terminal);
    if (kind === 'drill') terminal.out(`${String(fields['name'])}: ${String(fields['title'])}`);
    if (kind !== 'step') return;
    const mark = fields['ok'] === true ? terminal.style.green('pass') : terminal.style.red('fail');
    const detail = fields['detail'] === '' ? '' : ` (${oneLine(String(fields['detail']))})`;
    terminal.out(`  ${mark}  ${oneLine(String(fields['what']))}${detail}`);
  },
  view(data, terminal) {
    if ('drills' in data) {
      const failed = data.drills.filter((drill) => !drill.passed).map(({ name }) => name);
      const verdict = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`;
      terminal.out(
        `${data.drills.length} drill(s), ${verdict}; the evidence is in ${oneLine(data.drills[0]?.folder ?? '')}`,
      );
      return;
    }
    const { requests, orders, fills, openPositions, balance, currency } = data;
    terminal.out(
      `stopped after ${requests} requests: ${orders} orders, ${fills} fills, ${openPositions} open positions, balance ${balance.toFixed(2)} ${currency}`,
    );
  },
});

function tellServing({ url, exports, shiftedDays }: Serving, terminal: Terminal): void {
  terminal.out(`a stand-in of OANDA listens on ${url}: play money on the simulated market, in real time`);
  if (shiftedDays > 0) terminal.out(`the FX market is shut: the simulated one of ${shiftedDays} days ago is played`);
  terminal.out('paste this where you trade:');
  for (const [name, value] of Object.entries(exports)) terminal.out(`export ${name}=${value}`);
  terminal.out('Ctrl-C stops it');
}

function conflict(message: string, next: string, flag: string): FxError {
  return new FxError('USAGE.CONFLICT', { message, next, facts: { flag } });
}

interface Serving {
  readonly url: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly shiftedDays: number;
}

async function serve(ctx: CommandContext): Promise<ServeAnswer> {
  const port = numberFlag(ctx, 'port') ?? 0;
  if (port < 0 || port > PORT_MAX) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--port is ${port}, must be 0 to ${PORT_MAX}`,
      next: 'leave --port out to have a free one chosen',
      facts: { flag: '--port', value: port, limit: PORT_MAX },
    });
  }
  const { readFaults } = await import('./drill/read-faults.js');
  const { startStandIn } = await import('./drill/stand-in.js');
  const faults = readFaults(textFlag(ctx, 'faults'), ctx.cwd);
  const seed = textFlag(ctx, 'seed') ?? '1';
  const standIn = await startStandIn({ clock: ctx.clock, seed, faults, port }).catch((cause: unknown) => {
    throw unservable(cause, port);
  });
  ctx.emit('serving', {
    url: standIn.url,
    port: standIn.port,
    exports: standIn.exports,
    instruments: standIn.instruments,
    seed,
    faults: faults.rules.length + faults.events.length,
    shiftedDays: standIn.shiftedMs / 86_400_000,
  });
  await stopped(ctx.signal);
  await standIn.close();
  const { requests, orders, fills, positions, accounts } = standIn.truth();
  return {
    requests: requests.length,
    orders: orders.length,
    fills: fills.length,
    openPositions: positions.length,
    balance: accounts[0]?.balance ?? 0,
    currency: 'USD',
  };
}

function unservable(cause: unknown, port: number): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return cause;
  return new FxError('USAGE.PORT', {
    message: `port ${port} cannot be listened on: ${code === 'EACCES' ? 'not allowed' : 'somebody else does'}`,
    next: 'choose another with --port, or leave it out to have a free one chosen',
    facts: { port, code },
    cause,
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
