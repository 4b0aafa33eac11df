import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../../base/text.js';
import { appendLine } from '../atomic.js';
import { ensureDir } from '../write.js';

/** One configuration that was run: what the deflated Sharpe ratio counts. */
export interface Trial {
  readonly strategy: string;
  readonly dataHash: string;
  /** Parameters, settings and period in one hash: the same configuration again is no new trial. */
  readonly key: string;
  /** Sharpe ratio a period (day), null where it does not exist. */
  readonly sharpe: number | null;
}

/** Adds trials to the home's list. */
export function recordTrials(home: string, trials: readonly Trial[]): void {
  if (trials.length === 0) return;
  ensureDir(home);
  appendLine(join(home, 'trials.ndjson'), trials.map((trial) => jsonText(trial)).join('\n'));
}

/** The different configurations of a strategy that were ever run on the same data. A damaged line is passed over. */
export function readTrials(home: string, strategy: string, dataHash: string): readonly Trial[] {
  const path = join(home, 'trials.ndjson');
  if (!existsSync(path)) return [];
  const found = new Map<string, Trial>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line.includes(dataHash)) continue;
    const trial = parse(line);
    if (trial?.strategy === strategy && trial.dataHash === dataHash) found.set(trial.key, trial);
  }
  return [...found.values()];
}

function parse(line: string): Trial | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { strategy, dataHash, key, sharpe } = value as Record<string, unknown>;
    if (typeof strategy !== 'string' || typeof dataHash !== 'string' || typeof key !== 'string') return undefined;
    return { strategy, dataHash, key, sharpe: typeof sharpe === 'number' ? sharpe : null };
  } catch {
    return undefined;
  }
}
