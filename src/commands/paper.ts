import { FxError } from '../core/base/errors.js';
import type { RunRecord } from '../core/model/run-record.js';
import { bookFolder } from '../core/state/books/book-path.js';
import { acquireLock } from '../core/state/lock/lock.js';
import type { SessionAlerts } from './alerts/session-alerts.js';
import { worldOf } from './backtest.js';
import { type CommandContext, type CommandResult, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import { type RunRequest, runRequest } from './session/inputs/request.js';
import { eventLine } from './ui/event-line.js';

/** The `data` of the last line: the record, and how far the session got. */
export type PaperAnswer = RunRecord & {
  readonly book: string;
  readonly decided: boolean;
  /** A replay came to the end of its data. */
  readonly finished?: boolean;
  readonly rowsWorked?: number;
  readonly resumedAt?: number;
  readonly missed?: number;
};

const SPEEDS: Readonly<Record<string, number>> = { max: Number.POSITIVE_INFINITY, '60x': 60, '1x': 1 };

export const command = defineCommand<PaperAnswer>({
  async run(ctx) {
    const request = runRequest(ctx, 'paper');
    requireClockOnly(ctx, request.data.length > 0);
    const book = textFlag(ctx, 'book') ?? 'default';
    // First of all and before anything large is loaded: whoever comes second is told at once.
    const lock = await acquireLock(bookFolder(ctx.home, 'paper', book));
    try {
      return await session(ctx, request, book);
    } finally {
      lock.release();
    }
  },
  event(kind, fields, terminal) {
    const { time, ...rest } = fields;
    terminal.out(`${String(time ?? '')} ${kind} ${eventLine(kind, rest)}`.trim());
  },
  async view(data, terminal, ctx) {
    const { drawRun } = await import('./ui/run-view.js');
    drawRun(data, terminal, { env: ctx.env });
  },
});

/** The session itself, in a book whose lock is held. */
async function session(ctx: CommandContext, request: RunRequest, book: string): Promise<CommandResult<PaperAnswer>> {
  const { settings } = await ctx.settings();
  const { doJob } = await import('./session/threads/pool.js');
  const { parseDuration } = await import('../core/config/duration.js');
  const { timeoutMs } = settings.strategy;
  const once = switchFlag(ctx, 'once');
  const duration = textFlag(ctx, 'duration');
  const durationMs = duration === undefined ? undefined : parseDuration(duration);
  const { sessionStream } = await import('./session/threads/session-stream.js');
  const replays = request.data.length > 0;
  const alerts = replays ? undefined : await ears(ctx, request, book, once);
  const stream = await sessionStream(ctx, alerts);
  const world = worldOf(ctx);
  const job = replays
    ? ({
        kind: 'replay',
        request,
        book,
        locked: true,
        speed: SPEEDS[textFlag(ctx, 'speed') ?? 'max'] ?? 1,
        durationMs,
        once,
      } as const)
    : ({ kind: 'realtime', request, book, locked: true, durationMs, once } as const);
  const work = () => doJob(job, world, stream.listener, timeoutMs).finally(() => stream.end());
  const result = await (alerts === undefined ? work() : alerts.around(work));
  if (result.kind === 'replay') {
    const { record, finished, rowsWorked, resumedAt } = result;
    return {
      data: { ...record, book, decided: rowsWorked > 0, finished, rowsWorked, resumedAt },
      reasons: record.reasons,
    };
  }
  if (result.kind !== 'realtime') throw new Error('a paper job answers with a paper result');
  const { record, decided, missed } = result;
  return { data: { ...record, book, decided, missed }, reasons: record.reasons };
}

/** People are told of what happens on today's prices; a replay is history. */
async function ears(ctx: CommandContext, request: RunRequest, book: string, once: boolean): Promise<SessionAlerts> {
  const { sessionAlerts } = await import('./alerts/session-alerts.js');
  const { strategy } = request;
  return sessionAlerts(ctx, { mode: 'paper', book, strategy, once, isWatched: switchFlag(ctx, 'watch') });
}

/** Flags that cut or compare history mean nothing to a session that goes with the clock: refused, not ignored. */
function requireClockOnly(ctx: CommandContext, replays: boolean): void {
  for (const name of ['from', 'to', 'benchmark', 'speed']) {
    if (replays || textFlag(ctx, name) === undefined) continue;
    throw new FxError('USAGE.CONFLICT', {
      message: `--${name} needs --replay: without files a paper session goes with the clock`,
      next: `leave --${name} out, or give files with --replay PATH`,
      facts: { flag: name },
    });
  }
}
