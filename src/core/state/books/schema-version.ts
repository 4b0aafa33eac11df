import type { z } from 'zod';
import { FxError } from '../../base/errors.js';
import { damaged } from '../damage.js';

/**
 * Steps from each version of a file to the next: the first takes version 1 to 2. Empty: version 1 is today's. A step takes
 * and gives plain values and may be run again on the same file, since the file is only replaced by the next write.
 */
export type Migrations = readonly ((value: unknown) => unknown)[];

export const NO_MIGRATIONS: Migrations = [];

/** A value of `path`, brought to today's version and of today's shape. Throws `STATE.VERSION` or `STATE.DAMAGED`. */
export function upToDate<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: string,
  migrations: Migrations = NO_MIGRATIONS,
): T {
  const today = migrations.length + 1;
  const version = (value as { version?: unknown } | null)?.version;
  const known = typeof version !== 'number' || (Number.isInteger(version) && version >= 1 && version <= today);
  if (!known) {
    throw new FxError('STATE.VERSION', {
      message: `${path} has version ${String(version)}, this program reads version ${today}`,
      next: 'use the program version that wrote the book, or begin a new one with --book NAME',
      facts: { path, version: Number(version) },
    });
  }
  const steps = typeof version === 'number' ? migrations.slice(version - 1) : [];
  const parsed = schema.safeParse(steps.reduce((old, step) => step(old), value));
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues[0];
  throw damaged(path, 0, `${problem?.path.join('.') ?? ''} ${problem?.message ?? 'is not what was written'}`.trim());
}
