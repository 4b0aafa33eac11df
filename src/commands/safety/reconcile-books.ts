import { FxError } from '../../core/base/errors.js';
import { type BookFacts, bookFacts, journalWrittenAt } from '../../core/state/emergency/book-facts.js';
import { readHoldings } from '../../core/state/emergency/holdings.js';
import type { HaltScope } from '../../core/state/halt-file.js';
import { livingHolder } from '../../core/state/lock/lock-file.js';
import { type CommandContext, listFlag } from '../runtime/command.js';
import type { RunRequest } from '../session/inputs/request.js';

/** The live books that a halt of this scope concerns: the newest of each account. */
export function booksToReconcile(home: string, scope: HaltScope): readonly BookFacts[] {
  const newest = new Map<string, BookFacts>();
  const live = bookFacts(home).filter((facts) => facts.mode === 'live' && isConcerned(facts, scope));
  for (const facts of live.sort((a, b) => journalWrittenAt(a.folder) - journalWrittenAt(b.folder))) {
    const { broker = '', account = facts.name } = facts.arguments;
    newest.set(`${broker} ${account}`, facts);
  }
  return [...newest.values()];
}

function isConcerned({ strategy, arguments: given }: BookFacts, scope: HaltScope): boolean {
  if (scope === 'all') return true;
  const [kind, name = ''] = scope.split(/:(.*)/s);
  if (kind === 'broker') return given['broker'] === undefined || given['broker'] === name;
  if (kind === 'strategy') return (given['name'] ?? strategy) === name;
  return (given['instruments'] ?? name).split(',').includes(name);
}

/**
 * Compares each book with its account and throws `STATE.MISMATCH` for the first that differs, each difference named; with
 * `adopt` the broker's word is taken. A book that a session holds is reconciled by that session, twice a minute: its last word
 * counts, and only it may take the broker's.
 */
export async function reconcileBooks(
  ctx: CommandContext,
  books: readonly BookFacts[],
  adopt: { readonly who: string; readonly reason: string } | undefined,
): Promise<void> {
  for (const facts of books) {
    const pid = livingHolder(facts.folder);
    if (pid === undefined) requireNone(facts, await breaksOf(ctx, facts, adopt));
    else if (adopt === undefined) requireNone(facts, readHoldings(facts.folder).breaks);
    else {
      throw new FxError('STATE.BUSY', {
        message: `a session (process ${pid}) holds the book ${facts.name}: it cannot be adopted while it runs`,
        next: `stop it first: kill -TERM ${pid}; then run the same command again`,
        facts: { book: facts.name, pid },
      });
    }
  }
}

function requireNone({ name, book }: BookFacts, breaks: readonly string[]): void {
  if (breaks.length === 0) return;
  throw new FxError('STATE.MISMATCH', {
    message: `the book ${name} and its account differ: ${breaks.join('; ')}`,
    next: `find out why (fxtrade status --book ${book}); to take the account as it is, add --adopt`,
    facts: { book: name, breaks },
  });
}

async function breaksOf(
  ctx: CommandContext,
  facts: BookFacts,
  adopt: { readonly who: string; readonly reason: string } | undefined,
): Promise<readonly string[]> {
  const { broker, account } = facts.arguments;
  if (broker === undefined || account === undefined || facts.strategy === undefined) {
    throw new FxError('STATE.DAMAGED', {
      message: `${facts.folder}/book.json does not say which account the book trades in`,
      next: `restore ${facts.folder} from a backup, or keep it aside: mv ${facts.folder} ${facts.folder}.damaged`,
      facts: { path: facts.folder },
    });
  }
  const { doJob } = await import('../session/threads/pool.js');
  const { settings } = await ctx.settings();
  const { home, cwd, env, version, clock, signal } = ctx;
  const world = { home, cwd, env: { ...env }, sets: listFlag(ctx, 'set'), version, startedAt: clock.now() };
  const told: string[] = [];
  const listener = {
    signal,
    note: (text: string) => void (ctx.verbose && ctx.note(text)),
    event: () => undefined,
    told: (kind: string, fields: Readonly<Record<string, unknown>>) => {
      if (kind === 'unresolved') told.push(`${fields['orderId']}: ${fields['why']}`);
    },
  };
  const job = { kind: 'reconcile', request: requestOf(ctx, facts), broker, account, book: facts.book, adopt } as const;
  const result = await doJob(job, world, listener, settings.strategy.timeoutMs);
  if (result.kind !== 'reconcile') return told;
  return [...result.breaks.map(({ message }) => message), ...(adopt === undefined ? told : [])];
}

/** The command that began the book, as far as the book depends on it. */
function requestOf({ home, cwd }: CommandContext, { strategy, params, arguments: given }: BookFacts): RunRequest {
  const news = given['news'];
  const text = (key: string) => (given[key] === undefined || given[key] === '' ? undefined : given[key]);
  return {
    mode: 'live',
    home,
    cwd,
    strategy: strategy ?? '',
    params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)])),
    data: [],
    rates: text('rates'),
    ...(news === undefined ? {} : { news }),
    instruments: text('instruments')?.split(',') ?? [],
    from: undefined,
    to: undefined,
    timeframe: text('timeframe'),
    format: undefined,
    timeLabel: undefined,
    timeZone: undefined,
    priceScale: undefined,
    capital: undefined,
    currency: undefined,
    costs: 'default',
    fill: 'next-open',
    intrabar: 'pessimistic',
    benchmark: undefined,
    seed: 1,
    out: undefined,
    equity: 'bar',
  };
}
