import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What limits are measured against, as of a book's newest snapshot; account currency. */
export interface RiskMarks {
  readonly equity: number;
  readonly peak: number;
  readonly dayStart: number;
  readonly weekStart: number;
  readonly newPositionsToday: number;
}

/** Read as it stands, unchecked: only to be shown. Undefined for a book that has no snapshot. */
export function readRiskMarks(folder: string): RiskMarks | undefined {
  try {
    const newest = readdirSync(folder)
      .filter((name) => /^snapshot-\d+\.json$/.test(name))
      .sort()
      .at(-1);
    if (newest === undefined) return undefined;
    const { s } = JSON.parse(readFileSync(join(folder, newest), 'utf8'));
    const { breakers, newPositionsToday } = s.state.engine;
    const marks = {
      equity: breakers.last,
      peak: breakers.peak,
      dayStart: breakers.dayStart,
      weekStart: breakers.weekStart,
      newPositionsToday,
    };
    return Object.values(marks).every((one) => typeof one === 'number' && Number.isFinite(one)) ? marks : undefined;
  } catch {
    return undefined;
  }
}
