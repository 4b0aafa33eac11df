import { hostname, userInfo } from 'node:os';
import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import { type HaltLine, type HaltMode, type HaltScope, isHaltScope, writeHalt } from '../core/state/halt-file.js';
import { defineCommand, textFlag } from './runtime/command.js';

interface HaltAnswer {
  readonly haltedAt: string;
  readonly scope: HaltScope;
  readonly mode: HaltMode;
  readonly reason: string;
  /** The file that stops trading while it is there. */
  readonly latch: string;
  readonly entriesBlocked: boolean;
  readonly cancelled: readonly unknown[];
  readonly kept: readonly unknown[];
  readonly notProven: readonly unknown[];
}

const BROKERS = ['sim', 'oanda', 'ibkr', 'alpaca', 'binance', 'bybit'];

/** Sets the latch and nothing else: loads no settings, takes no lock, asks nothing. */
export const command = defineCommand<HaltAnswer>({
  async run(ctx) {
    const scope = haltScope(textFlag(ctx, 'scope') ?? 'all');
    const mode: HaltMode = textFlag(ctx, 'mode') === 'reduce-only' ? 'reduce-only' : 'all';
    const reason = textFlag(ctx, 'reason') ?? 'no reason given';
    const now = ctx.clock.now();
    const time = new Date(now).toISOString();
    const halt: HaltLine = {
      id: `h-${now.toString(36)}-${process.pid.toString(36)}`,
      time,
      who: whoAmI(ctx.env),
      reason,
      scope,
      mode,
    };
    const latch = writeHalt(ctx.home, halt);
    return {
      data: {
        haltedAt: time,
        scope,
        mode,
        reason,
        latch,
        entriesBlocked: true,
        cancelled: [],
        kept: [],
        notProven: [],
      },
    };
  },
  view(data, terminal) {
    const what = data.scope === 'all' ? 'all trading' : oneLine(data.scope);
    const out = data.mode === 'all' ? 'no order goes out' : 'only exits go out';
    terminal.out(`${terminal.style.bold('HALTED')} ${what} at ${data.haltedAt}: ${oneLine(data.reason)}`);
    terminal.out(`latch: ${oneLine(data.latch)}`);
    terminal.out(`${out}; a running paper session reads the latch before every order and cancels what could grow risk`);
    terminal.out('the way out: fxtrade resume --reason TEXT');
  },
});

/** The scope as typed, checked: a halt on a name that nothing has would look like safety and be none. */
export function haltScope(text: string): HaltScope {
  const [kind, name = ''] = text.split(/:(.*)/s);
  const scope = kind === 'instrument' ? `instrument:${name.toUpperCase()}` : text;
  const unknown = kind === 'broker' && !BROKERS.includes(name);
  if (isHaltScope(scope) && !unknown) return scope;
  const next = unknown
    ? `Choose a broker: ${BROKERS.join(', ')}`
    : 'write all, broker:NAME, strategy:NAME or instrument:EUR/USD; fxtrade halt alone stops everything';
  throw new FxError('USAGE.BAD_VALUE', { message: `--scope is ${JSON.stringify(text)}, which halts nothing`, next });
}

/** The person at the keyboard as the system knows them, for the record. */
export function whoAmI(env: Readonly<Record<string, string | undefined>>): string {
  let user = env['USER'] ?? env['LOGNAME'] ?? 'unknown';
  try {
    user = userInfo().username;
  } catch {
    // A container may have no name for its user; the environment's word has to do.
  }
  return `${user}@${hostname()}`;
}
