import { FxError } from '../core/base/errors.js';
import { bookFacts } from '../core/state/emergency/book-facts.js';
import { type HaltLine, writeHalt } from '../core/state/halt-file.js';
import { type Soon, tellSoon } from './alerts/tell-soon.js';
import { haltScope, whoAmI } from './halt.js';
import { type CommandContext, type CommandResult, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import { leaveWatch, type WatchPlan } from './safety/after/leave.js';
import { type CloseTask, closeDesk, type DeskClose, planDesk } from './safety/close-desk.js';
import type { CloseAnswer } from './safety/close-view.js';
import { consent } from './safety/consent.js';
import { type Desk, findDesks, realTime } from './safety/desks.js';
import { closePaper, type PaperBooks, paperBooks, planPaper } from './safety/paper/close-paper.js';

/** Halts, cancels every order, closes every position, and proves that nothing is left, or names it. */
export const command = defineCommand<CloseAnswer>({
  async run(ctx) {
    const broker = textFlag(ctx, 'broker');
    const scope = broker === undefined ? 'all' : haltScope(`broker:${broker}`);
    const { desks, trouble } = atStake(ctx, broker);
    const paper = paperBooks(ctx.home, broker, textFlag(ctx, 'book'));
    const notes = [...trouble, ...paper.notes];
    if (switchFlag(ctx, 'dryRun')) return dryRun(ctx, desks, paper, notes);
    if (!switchFlag(ctx, 'force')) {
      const accounts = desks.map(({ account }) => account);
      await consent(ctx, accounts, 'Every order is cancelled and every position is closed.');
    }
    const now = ctx.clock.now();
    const halt: HaltLine = {
      id: `c-${now.toString(36)}-${process.pid.toString(36)}`,
      time: new Date(now).toISOString(),
      who: whoAmI(ctx.env),
      reason: 'close-all',
      scope,
      mode: 'reduce-only',
    };
    const { latch, unlatched } = latched(ctx, halt);
    const time = realTime();
    const who = whoAmI(ctx.env);
    const soon = tellSoon(ctx, { kind: 'close-all', subject: scope, source: 'close-all', text: `begun by ${who}` });
    const from = { home: ctx.home, cwd: ctx.cwd, env: ctx.env, clock: ctx.clock };
    const task = { from, time, version: ctx.version, who: halt.who, reason: 'close-all', haltId: halt.id };
    // Money first: what is closed for play must not take its time.
    const accounts = [
      ...(await Promise.all(desks.map((desk) => closeDesk(desk, task)))),
      ...(await closeBooks(paper, task)),
    ];
    const said = [...notes, ...(unlatched === undefined ? [] : [unlatched.message]), ...journalNotes(accounts)];
    const done = { isUnlatched: unlatched !== undefined, isUnknown: trouble.length > 0 };
    const result = answer(accounts, { haltedAt: halt.time, latch, notes: said }, done);
    void soon.over();
    const plan = { kind: 'close-all', haltId: halt.id, scope, accounts: watched(desks, accounts) } as const;
    return { ...result, after: () => afterwards(ctx, plan, soon, result.data) };
  },
  /** Somebody far away must look at the account now: what was begun has no known end. */
  async failed(error, ctx) {
    const code = error instanceof FxError ? error.code : 'BUG.UNEXPECTED';
    if (/^(USAGE|APPROVAL)\./.test(code)) return;
    const { tellOnce } = await import('./alerts/tell-once.js');
    const said = error instanceof Error ? error.message : String(error);
    const text = `not known to be flat: ${code}: ${said}, by ${whoAmI(ctx.env)}`;
    await tellOnce(ctx, { kind: 'close-all', subject: code, source: 'close-all', text, next: 'fxtrade close-all' });
  },
  async view(data, terminal) {
    const { showClose } = await import('./safety/close-view.js');
    showClose(data, terminal);
  },
});

/** After the answer is out: somebody stays and watches, and people far away hear how it ended. */
async function afterwards(ctx: CommandContext, plan: WatchPlan, soon: Soon, data: CloseAnswer): Promise<void> {
  // Without the latch nothing tells the watch when it is over.
  if (data.latch !== null) leaveWatch(ctx, plan);
  await soon.over();
  await told(ctx, plan.scope, data);
}

/** The accounts at brokers, with what is known to be left in them; books on paper have nobody who could surprise them. */
function watched(desks: readonly Desk[], closed: readonly DeskClose[]): WatchPlan['accounts'] {
  return desks.map(({ broker, account }) => {
    const found = closed.find((one) => one.broker === broker && one.account === account);
    const left = found?.residual.map(({ instrument, units }) => [instrument, units] as const) ?? [];
    return { broker, account, held: found === undefined || found.flat === null ? null : left };
  });
}

async function told(ctx: CommandContext, scope: string, { closed, residual, flat }: CloseAnswer): Promise<void> {
  const { tellOnce } = await import('./alerts/tell-once.js');
  const state = flat === null ? 'not known to be flat' : flat ? 'flat' : 'NOT flat';
  const text = `${state}: ${closed.length} position(s) closed, ${residual.length} left, by ${whoAmI(ctx.env)}`;
  await tellOnce(ctx, { kind: 'close-all', subject: scope, source: 'close-all', text });
}

function atStake(
  ctx: CommandContext,
  broker: string | undefined,
): { readonly desks: readonly Desk[]; readonly trouble: readonly string[] } {
  const book = textFlag(ctx, 'book');
  const { home, cwd, env, clock } = ctx;
  if (book !== undefined && bookFacts(home, book).length === 0) {
    const names = bookFacts(home).map(({ name }) => name);
    throw new FxError('USAGE.NO_BOOK', {
      message: `there is no book ${JSON.stringify(book)}`,
      next: names.length === 0 ? 'leave --book out' : `choose one of: ${names.join(', ')}`,
      facts: { home, books: names },
    });
  }
  const { desks, trouble } = findDesks({ home, cwd, env, clock }, book);
  return { desks: desks.filter((desk) => broker === undefined || desk.broker === broker), trouble };
}

/** One after the other. A book that held nothing and that nobody ran is not worth a line. */
async function closeBooks({ books }: PaperBooks, task: CloseTask): Promise<readonly DeskClose[]> {
  const done: DeskClose[] = [];
  for (const facts of books) done.push(await closePaper(facts, task));
  return done.filter(({ closed, cancelled, stopped, flat, journalWhy }) => {
    return flat !== true || journalWhy !== null || closed.length + cancelled.length + stopped.length > 0;
  });
}

async function dryRun(
  ctx: CommandContext,
  desks: readonly Desk[],
  paper: PaperBooks,
  notes: readonly string[],
): Promise<CommandResult<CloseAnswer>> {
  const { home, cwd, env, clock } = ctx;
  const asked = await Promise.all(desks.map((desk) => planDesk(desk, { home, cwd, env, clock }, realTime())));
  const plan = [...asked, ...paper.books.flatMap((facts) => planPaper(facts) ?? [])];
  const isUnknown = plan.some(({ unknown }) => unknown !== null);
  const isFlat = plan.every(({ cancel, close, left }) => cancel.length + close.length + left.length === 0);
  const data: CloseAnswer = {
    dryRun: true,
    haltedAt: null,
    latch: null,
    closed: [],
    residual: [],
    flat: isUnknown ? null : isFlat,
    accounts: [],
    plan,
    notes,
  };
  return { data, exit: isUnknown ? 6 : 0 };
}

/** A latch that cannot be written is told, and does not keep a position open. */
function latched(ctx: CommandContext, halt: HaltLine): { latch: string | null; unlatched: FxError | undefined } {
  try {
    return { latch: writeHalt(ctx.home, halt), unlatched: undefined };
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return { latch: null, unlatched: error };
  }
}

function journalNotes(accounts: readonly DeskClose[]): readonly string[] {
  return accounts.flatMap(({ account, journal, journalWhy }) => {
    if (journalWhy === null) return [];
    const where = journal === null ? 'nothing was journalled' : `journalled in ${journal}`;
    return [`${account}: ${where}, because ${journalWhy}`];
  });
}

function answer(
  accounts: readonly DeskClose[],
  said: Pick<CloseAnswer, 'haltedAt' | 'latch' | 'notes'>,
  { isUnlatched, isUnknown: isMissing }: { readonly isUnlatched: boolean; readonly isUnknown: boolean },
): CommandResult<CloseAnswer> {
  // A live book that does not say where it trades may hold anything.
  const isUnknown = isMissing || accounts.some(({ flat }) => flat === null);
  const residual = accounts.flatMap((one) => one.residual);
  const isLeft = residual.length > 0 || accounts.some(({ flat }) => flat === false);
  const data: CloseAnswer = {
    dryRun: false,
    ...said,
    closed: accounts.flatMap((one) => one.closed),
    residual,
    flat: isUnknown ? null : !isLeft,
    accounts,
    plan: [],
  };
  if (isUnknown) return { data, exit: 6 };
  if (isLeft) return { data, exit: 4 };
  return isUnlatched ? { data, exit: 7 } : { data };
}
