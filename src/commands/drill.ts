import { FxError } from '../core/base/errors.js';
import { type CommandContext, defineCommand, numberFlag, switchFlag, textFlag } from './runtime/command.js';

/** What the stand-in saw until it was stopped. */
interface DrillAnswer {
  readonly requests: number;
  readonly orders: number;
  readonly fills: number;
  readonly openPositions: number;
  readonly balance: number;
  readonly currency: string;
}

const PORT_MAX = 65_535;

/** `--serve` runs the stand-in until somebody stops it. */
export const command = defineCommand<DrillAnswer>({
  async run(ctx) {
    if (!switchFlag(ctx, 'serve')) {
      throw new FxError('USAGE.MISSING_FLAG', {
        message: 'drill does nothing without --serve',
        next: 'fxtrade drill --serve starts a stand-in of OANDA to trade against',
        facts: { flag: '--serve' },
      });
    }
    return { data: await serve(ctx) };
  },
  event(kind, fields, terminal) {
    if (kind !== 'serving') return;
    const { url, exports, shiftedDays } = fields as unknown as Serving;
    terminal.out(`a stand-in of OANDA listens on ${url}: play money on the simulated market, in real time`);
    if (shiftedDays > 0) terminal.out(`the FX market is shut: the simulated one of ${shiftedDays} days ago is played`);
    terminal.out('paste this where you trade:');
    for (const [name, value] of Object.entries(exports)) terminal.out(`export ${name}=${value}`);
    terminal.out('Ctrl-C stops it');
  },
  view(data, terminal) {
    const { requests, orders, fills, openPositions, balance, currency } = data;
    terminal.out(
      `stopped after ${requests} requests: ${orders} orders, ${fills} fills, ${openPositions} open positions, balance ${balance.toFixed(2)} ${currency}`,
    );
  },
});

interface Serving {
  readonly url: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly shiftedDays: number;
}

async function serve(ctx: CommandContext): Promise<DrillAnswer> {
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
