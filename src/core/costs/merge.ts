import { FxError } from '../base/errors.js';
import { suggest } from '../base/suggest.js';
import type { CostModel } from './model.js';
import { defaultCosts } from './presets.js';

/**
 * The default costs with what a JSON text changes of them. Throws `CONFIG.COSTS` that names the key: unknown ones, other
 * types, negative numbers. `null` is allowed where the default may be null.
 */
export function mergeCosts(text: string, path: string): CostModel {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw bad(path, '', 'the file is no JSON', cause);
  }
  return { ...(merged(defaultCosts, parsed, path, '') as CostModel), name: path.split(/[/\\]/).at(-1) ?? 'file' };
}

/** Keys whose default is a number or null, and may become the other. */
const NULLABLE = new Set([
  'impact.adv.fx',
  'impact.adv.stock',
  'impact.adv.crypto',
  'impact.adv.other',
  'fills.participation',
]);

function merged(base: unknown, given: unknown, path: string, key: string): unknown {
  if (given === null || typeof given === 'number') return number(base, given, path, key);
  if (Array.isArray(base)) return list(base, given, path, key);
  if (typeof base === 'object' && base !== null) return object(base, given, path, key);
  if (typeof given !== typeof base) throw bad(path, key, `is ${JSON.stringify(given)}, must be a ${typeof base}`);
  return given;
}

function number(base: unknown, given: number | null, path: string, key: string): unknown {
  const allowed = typeof base === 'number' || NULLABLE.has(key);
  if (!allowed)
    throw bad(path, key, `is ${given}, must be ${typeof base === 'object' ? 'an object' : `a ${typeof base}`}`);
  if (given === null && !NULLABLE.has(key)) throw bad(path, key, 'is null, must be a number');
  if (given !== null && !(given >= 0)) throw bad(path, key, `is ${given}, must be 0 or more`);
  return given;
}

function list(base: readonly unknown[], given: unknown, path: string, key: string): unknown {
  const tiers = key.endsWith('.tiers');
  const fits =
    Array.isArray(given) &&
    (tiers
      ? given.length > 0 && given.every(isTier)
      : given.length === base.length && given.every((one) => Number.isFinite(one) && one >= 0));
  const form = tiers ? 'a list of [volume from, fraction], rising' : `a list of ${base.length} numbers of 0 or more`;
  if (!fits) throw bad(path, key, `is ${JSON.stringify(given)?.slice(0, 60)}, must be ${form}`);
  return given;
}

function isTier(value: unknown, place: number, all: readonly unknown[]): boolean {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((one) => Number.isFinite(one) && one >= 0))
    return false;
  const before = all[place - 1];
  return !Array.isArray(before) || before[0] < value[0];
}

function object(base: object, given: unknown, path: string, key: string): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw bad(path, key, `is ${JSON.stringify(given)?.slice(0, 60)}, must be an object`);
  }
  const known = Object.keys(base);
  const out: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(given)) {
    const full = key === '' ? name : `${key}.${name}`;
    if (!known.includes(name)) {
      const near = suggest(name, known);
      throw bad(
        path,
        full,
        `is not known${near === undefined ? '' : `; did you mean ${near}?`} It has ${known.join(', ')}`,
      );
    }
    out[name] = merged((base as Record<string, unknown>)[name], value, path, full);
  }
  return out;
}

function bad(path: string, key: string, problem: string, cause?: unknown): FxError {
  return new FxError('CONFIG.COSTS', {
    message: key === '' ? `${path}: ${problem}` : `${path}: ${key} ${problem}`,
    next: 'correct the file; docs/cli.md lists every key of a costs file with its default',
    facts: { path, key },
    cause,
  });
}
