import { FxError } from '../core/base/errors.js';
import type { RunRecord } from '../core/model/run-record.js';
import { type CommandContext, defineCommand, listFlag, numberFlag } from './runtime/command.js';
import { pairs, runRequest } from './session/inputs/request.js';
import type { SweepAnswer } from './session/sweep-output.js';
import type { JobWorld } from './session/threads/job.js';

export const command = defineCommand<RunRecord | SweepAnswer>({
  async run(ctx) {
    const request = runRequest(ctx, 'backtest');
    const sweeps = pairs(ctx, 'sweep');
    const isSweep = Object.keys(sweeps).length > 0;
    if (!isSweep) refuseWorkers(ctx);
    const { settings } = await ctx.settings();
    const world = worldOf(ctx);
    const listener = {
      signal: ctx.signal,
      note: (text: string) => ctx.verbose && ctx.note(text),
      event: () => undefined,
      told: () => undefined,
    };
    const pool = await import('./session/threads/pool.js');
    const { timeoutMs } = settings.strategy;
    if (isSweep) {
      const { combinationsOf } = await import('./session/sweep.js');
      const { keepSweep } = await import('./session/sweep-output.js');
      const combinations = combinationsOf(sweeps);
      const options = { workers: workersOf(ctx), timeoutMs };
      const done = await pool.sweepOnThreads({ kind: 'sweep', request, combinations }, world, listener, options);
      requireWhole(ctx.signal, done.rows.length, combinations.length);
      return { data: keepSweep(request, done) };
    }
    const result = await pool.doJob({ kind: 'backtest', request }, world, listener, timeoutMs);
    if (result.kind !== 'backtest')
      throw new FxError('BUG.JOB', { message: 'a backtest answers with a record', next: 'report it' });
    return { data: result.record, reasons: result.record.reasons };
  },
  async view(data, terminal, ctx) {
    if ('sweep' in data) {
      const { drawSweep } = await import('./ui/sweep-view.js');
      await drawSweep(data, terminal);
      return;
    }
    const { drawRun } = await import('./ui/run-view.js');
    drawRun(data, terminal, { env: ctx.env });
  },
});

/** Threads for a sweep; undefined leaves it to the machine. */
function workersOf(ctx: CommandContext): number | undefined {
  const workers = numberFlag(ctx, 'workers');
  if (workers === undefined || workers >= 1) return workers;
  throw new FxError('USAGE.BAD_VALUE', {
    message: `--workers is ${workers}, must be 1 or more`,
    next: 'give a number of threads, or leave --workers out',
  });
}

/** One run is one thread: more of them would change nothing, and whoever asked for them should know. */
function refuseWorkers(ctx: CommandContext): void {
  const workers = numberFlag(ctx, 'workers');
  if (workers === undefined) return;
  throw new FxError('USAGE.MISSING_FLAG', {
    message: `--workers ${workers} is for a sweep, and there is no --sweep`,
    next: 'add --sweep NAME=FROM:TO:STEP, or leave --workers out',
  });
}

/** What a job needs of the program, wherever it runs. */
export function worldOf(ctx: CommandContext): JobWorld {
  return {
    home: ctx.home,
    cwd: ctx.cwd,
    env: { ...ctx.env },
    sets: listFlag(ctx, 'set'),
    version: ctx.version,
    startedAt: ctx.clock.now(),
  };
}

function requireWhole(signal: AbortSignal, done: number, wanted: number): void {
  if (done === wanted && !signal.aborted) return;
  throw new FxError('USAGE.INTERRUPTED', {
    message: `the sweep was interrupted after ${done} of ${wanted} combinations`,
    next: 'start it again; nothing was kept',
  });
}
