import { hostname, userInfo } from 'node:os';
import { FxError } from '../core/base/errors.js';
import { oneLine } from '../core/base/text.js';
import {
  type HaltLine,
  type HaltMode,
  type HaltScope,
  isHaltScope,
  readHalts,
  writeHalt,
} from '../core/state/halt-file.js';
import { type CommandContext, type CommandResult, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import type { BrokerSide } from './safety/halt-all.js';

interface HaltAnswer {
  readonly haltedAt: string;
  readonly scope: HaltScope;
  readonly mode: HaltMode;
  readonly reason: string;
  /** The file that stops trading while it is there. */
  readonly latch: string;
  readonly entriesBlocked: boolean;
  readonly cancelled: BrokerSide['cancelled'];
  readonly kept: BrokerSide['kept'];
  readonly notProven: BrokerSide['notProven'];
  /** Accounts that were asked, or should have been. */
  readonly accounts: readonly { readonly broker: string; readonly account: string }[];
  /** Sessions that were running. */
  readonly sessions: BrokerSide['engines'];
}

const BROKERS = ['sim', 'oanda', 'ibkr', 'alpaca', 'binance', 'bybit'];

const NOTHING: BrokerSide = { watched: [], cancelled: [], kept: [], notProven: [], engines: [], unasked: false };

/** Sets the latch before anything else is loaded; then, unless told not to, takes the orders back and proves that they are gone. */
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
    let latch: string;
    try {
      latch = writeHalt(ctx.home, halt);
    } catch (error) {
      const { side } = await toldMeanwhile(ctx, halt, false);
      throw withBrokerSide(error, side, readHalts(ctx.home).length > 0);
    }
    const { side, wasTold } = await toldMeanwhile(ctx, halt, true);
    const { cancelled, kept, notProven, engines: sessions } = side;
    const data = {
      haltedAt: time,
      scope,
      mode,
      reason,
      latch,
      entriesBlocked: true,
      cancelled,
      kept,
      notProven,
      accounts: side.watched.map(({ broker, account }) => ({ broker, account })),
      sessions,
    };
    if (scope !== 'all') await warnOfNothing(ctx, scope);
    return { ...result(data, side), after: () => afterwards(ctx, data, { halt, watched: side.watched, wasTold }) };
  },
  /** People far away hear of a halt that failed, too: nothing else stops what trades. */
  async failed(error, ctx) {
    const code = error instanceof FxError ? error.code : 'BUG.UNEXPECTED';
    if (code.startsWith('USAGE.')) return;
    const { tellOnce } = await import('./alerts/tell-once.js');
    const said = error instanceof Error ? error.message : String(error);
    const text = `${whatOf(ctx)}: ${code}: ${said}`;
    await tellOnce(ctx, { kind: 'halt', subject: code, source: 'halt', text, next: 'fxtrade halt' });
  },
  async view(data, terminal) {
    const what = data.scope === 'all' ? 'all trading' : oneLine(data.scope);
    const out = data.mode === 'all' ? 'no order goes out' : 'only exits go out';
    terminal.out(`${terminal.style.bold('HALTED')} ${what} at ${data.haltedAt}: ${oneLine(data.reason)}`);
    terminal.out(`latch: ${oneLine(data.latch)}`);
    terminal.out(`${out}; a running session reads the latch before every order and cancels what could grow risk`);
    const { accounts, notProven, sessions } = data;
    if ([accounts, notProven, sessions].some(({ length }) => length > 0)) {
      const { showHalt } = await import('./safety/halt-view.js');
      showHalt(data, terminal);
    }
    terminal.out('the way out: fxtrade resume --reason TEXT');
  },
});

/** The brokers' side; while it lasts, people far away are told what was begun. */
async function toldMeanwhile(
  ctx: CommandContext,
  halt: HaltLine,
  latched: boolean,
): Promise<{ readonly side: BrokerSide; readonly wasTold: () => Promise<boolean> }> {
  const working = brokerSide(ctx, halt, latched);
  const { tellSoon } = await import('./alerts/tell-soon.js');
  const text = `${whatOf(ctx)}${latched ? '' : '; the latch could not be written'}; it goes on`;
  const soon = tellSoon(ctx, { kind: 'halt', subject: halt.scope, source: 'halt', text });
  try {
    return { side: await working, wasTold: () => soon.over() };
  } finally {
    void soon.over();
  }
}

/** A halt of a name that nothing has looks like safety and is none. It stands all the same: what has the name may come. */
async function warnOfNothing(ctx: CommandContext, scope: HaltScope): Promise<void> {
  const { bookFacts } = await import('../core/state/emergency/book-facts.js');
  const books = bookFacts(ctx.home).map(({ strategy, arguments: given }) => ({
    strategy: [given['name'] ?? strategy ?? ''],
    instrument: (given['instruments'] ?? '').split(','),
  }));
  const [kind = '', name = ''] = scope.split(/:(.*)/s);
  if (books.length === 0 || (kind !== 'strategy' && kind !== 'instrument')) return;
  const there = [...new Set(books.flatMap((book) => book[kind]))].filter((one) => one !== '');
  if (there.length === 0 || there.includes(name)) return;
  ctx.warn(`nothing here trades ${kind} ${name}; there is ${there.join(', ')}. fxtrade halt alone stops everything`);
}

/** Scope, mode, who and why, in one line. */
function whatOf(ctx: CommandContext): string {
  const mode = textFlag(ctx, 'mode') ?? 'all';
  const reason = textFlag(ctx, 'reason') ?? 'no reason given';
  return `${textFlag(ctx, 'scope') ?? 'all'} (${mode}) by ${whoAmI(ctx.env)}: ${reason}`;
}

/** After the answer is out: somebody stays and watches, and people far away hear how it ended, unless they did. */
async function afterwards(
  ctx: CommandContext,
  { scope, notProven }: HaltAnswer,
  done: Pick<BrokerSide, 'watched'> & { readonly halt: HaltLine; readonly wasTold: () => Promise<boolean> },
): Promise<void> {
  const { halt, watched: accounts, wasTold } = done;
  if (accounts.length > 0) {
    const { leaveWatch } = await import('./safety/after/leave.js');
    leaveWatch(ctx, { kind: 'halt', haltId: halt.id, scope, accounts });
  }
  if ((await wasTold()) && notProven.length === 0) return;
  const { tellOnce } = await import('./alerts/tell-once.js');
  const open = notProven.length === 0 ? '' : `; ${notProven.length} thing(s) not proven, look at the broker`;
  await tellOnce(ctx, { kind: 'halt', subject: scope, source: 'halt', text: `${whatOf(ctx)}${open}` });
}

function result(data: HaltAnswer, { unasked, notProven }: BrokerSide): CommandResult<HaltAnswer> {
  if (unasked) return { data, exit: 6 };
  return notProven.length > 0 ? { data, exit: 4 } : { data };
}

/** What happens at the brokers. Loaded after the latch is on disk: nothing of it may come before. */
async function brokerSide(ctx: CommandContext, halt: HaltLine, latched: boolean): Promise<BrokerSide> {
  if (switchFlag(ctx, 'latchOnly')) return NOTHING;
  const { mayHaveBrokers } = await import('../core/state/emergency/any-books.js');
  const named = ctx.env['BROKER_TYPE'] ?? '';
  // Asked first: finding out at length loads the venues.
  if ((named === '' || named === 'sim') && !mayHaveBrokers(ctx.home, ctx.cwd)) return NOTHING;
  const [{ haltBrokers }, { realTime }] = await Promise.all([
    import('./safety/halt-all.js'),
    import('./safety/desks.js'),
  ]);
  const { home, cwd, env, clock } = ctx;
  const note = (text: string): void => ctx.note(text);
  return haltBrokers({ halt, latched, from: { home, cwd, env, clock }, time: realTime(), note });
}

/** A latch that could not be written is exit 7, whatever worked at the brokers; that is told all the same. */
function withBrokerSide(
  error: unknown,
  { cancelled, notProven, engines }: BrokerSide,
  entriesBlocked: boolean,
): unknown {
  if (!(error instanceof FxError)) return error;
  const killed = engines.filter((one) => one.killed).map(({ pid }) => pid);
  const isAny = [cancelled, notProven, killed].some(({ length }) => length > 0);
  const said = `; at the brokers ${cancelled.length} order(s) were cancelled, ${notProven.length} thing(s) not proven, ${killed.length} session(s) ended`;
  // A latch that is there and cannot be read halts everything: so does the empty file that a full disk leaves.
  const now = entriesBlocked ? 'What is there in its place halts everything' : 'A session that is started now trades';
  return new FxError(error.code, {
    message: `${error.message}${isAny ? said : ''}. ${now}`,
    next: error.next,
    facts: {
      ...error.facts,
      entriesBlocked,
      cancelled: cancelled.map(({ venueId }) => venueId),
      notProven: notProven.map(({ reason }) => reason),
      killed,
    },
    cause: error,
  });
}

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

/** The person at the keyboard as the system knows them, for the record; `nameOf` asks the system, and may throw. */
export function whoAmI(
  env: Readonly<Record<string, string | undefined>>,
  nameOf: () => string = () => userInfo().username,
): string {
  let user = env['USER'] ?? env['LOGNAME'] ?? 'unknown';
  try {
    user = nameOf();
  } catch {
    // A container may have no name for its user; the environment's word has to do.
  }
  return `${user}@${hostname()}`;
}
