import { spawn } from 'node:child_process';
import type { CommandContext } from '../../runtime/command.js';
import { WATCH_WORD } from '../../runtime/spec.js';
import type { WatchedAccount } from '../halt-desk.js';

/** What a watch is about, as it is handed over. */
export interface WatchPlan {
  readonly kind: 'halt' | 'close-all';
  readonly haltId: string;
  readonly scope: string;
  readonly accounts: readonly WatchedAccount[];
}

/**
 * Leaves a process that watches for a minute, after the answer is out: the command itself must not take so long, and who
 * called it may be gone. Where no program file is known, as in tests inside one process, nobody watches.
 */
export function leaveWatch(ctx: CommandContext, plan: WatchPlan): void {
  if (ctx.program === undefined || plan.accounts.length === 0) return;
  const args = [ctx.program, WATCH_WORD, ctx.home, JSON.stringify(plan)];
  const child = spawn(process.execPath, args, {
    cwd: ctx.cwd,
    env: { ...ctx.env },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  });
  child.on('error', () => undefined);
  child.unref();
}
