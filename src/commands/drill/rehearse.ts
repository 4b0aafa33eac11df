import { join } from 'node:path';
import { wait } from '../../core/ports/wait.js';
import { replaceFile } from '../../core/state/atomic.js';
import { ensureHome } from '../../core/state/home.js';
import { ensureDir } from '../../core/state/write.js';
import type { CommandContext } from '../runtime/command.js';
import { DRILLS, type Drill, type Step } from './drills.js';

/** How a drill went; what is filed as evidence. */
export interface DrillRecord {
  readonly version: 1;
  readonly kind: 'drill';
  readonly name: string;
  readonly title: string;
  readonly time: string;
  readonly elapsedMs: number;
  readonly program: string;
  readonly passed: boolean;
  readonly steps: readonly Step[];
  /** Where the evidence stands. */
  readonly folder: string;
}

/** Runs the drills that are named (all when none is), one after the other, and files what was seen. */
export async function rehearse(ctx: CommandContext): Promise<readonly DrillRecord[]> {
  const chosen = ctx.args.length === 0 ? DRILLS : DRILLS.filter(({ name }) => ctx.args.includes(name));
  const records: DrillRecord[] = [];
  for (const drill of chosen) {
    if (ctx.signal.aborted) break;
    records.push(await one(drill, ctx));
  }
  return records;
}

async function one(drill: Drill, ctx: CommandContext): Promise<DrillRecord> {
  const { name, title } = drill;
  const begun = ctx.clock.now();
  ctx.emit('drill', { name, title });
  const steps: Step[] = [];
  for await (const step of drill.run({ clock: ctx.clock, wait, env: ctx.env })) {
    steps.push(step);
    ctx.emit('step', { name, ...step });
  }
  const folder = join(ctx.home, 'evidence', 'drills');
  const record: DrillRecord = {
    version: 1,
    kind: 'drill',
    name,
    title,
    time: new Date(begun).toISOString(),
    elapsedMs: ctx.clock.now() - begun,
    program: ctx.version,
    passed: steps.length > 0 && steps.every(({ ok }) => ok),
    steps,
    folder,
  };
  ensureHome(ctx.home);
  ensureDir(folder);
  replaceFile(join(folder, `${name}-${begun}.json`), `${JSON.stringify(record, null, 2)}\n`);
  return record;
}
