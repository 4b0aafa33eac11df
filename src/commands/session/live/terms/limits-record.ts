import type { RiskLimits } from '../../../../core/risk/rule.js';

/** A limit that lets more through than the last session's did. */
export interface Loosened {
  readonly key: string;
  readonly was: string;
  readonly now: string;
}

/** Keys of which less is more dangerous; of all others more is. */
const LESS_IS_LOOSER: ReadonlySet<string> = new Set(['minCashReserveBps', 'coolDownMs', 'duplicateWindowMs']);
/** Alerts and manners of ordering, which guard nothing. */
const NO_GUARD: ReadonlySet<string> = new Set(['profitAlertBps', 'staleLoserDays', 'orderTimeoutMs']);

/** The limits that are looser than before, in the order of their names. */
export function loosened(before: RiskLimits, after: RiskLimits): readonly Loosened[] {
  const [was, now] = [flat(before), flat(after)];
  const keys = [...new Set([...was.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => {
    const [old, fresh] = [was.get(key) ?? null, now.get(key) ?? null];
    return isLooser(key, old, fresh) ? [{ key, was: String(old ?? 'off'), now: String(fresh ?? 'off') }] : [];
  });
}

type Value = number | boolean | null;

function isLooser(key: string, was: Value, now: Value): boolean {
  if (NO_GUARD.has(key) || was === now) return false;
  if (typeof was === 'boolean' || typeof now === 'boolean') return was === true && now !== true;
  if (now === null) return true;
  if (was === null) return false;
  return LESS_IS_LOOSER.has(key) ? now < was : now > was;
}

function flat(limits: RiskLimits): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  for (const [key, value] of Object.entries(limits)) {
    if (value !== null && typeof value === 'object') {
      for (const [part, inner] of Object.entries(value)) found.set(`${key}.${part}`, inner as Value);
    } else found.set(key, value as Value);
  }
  return found;
}
