const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Milliseconds since 1970 of `2024-01-31` (its first instant, UTC), `2024-01-31T17:00` or `2024-01-31T17:00:00.000Z`.
 * A time without a zone is UTC on every machine. Undefined for anything else, days that no calendar has included.
 */
export function parseInstant(text: string): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] = ISO.exec(text.trim()) ?? [];
  if (day === undefined) return undefined;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The engine rolls 2023-02-30 over into March instead of refusing it.
  if (!Number.isFinite(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return undefined;
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isFinite(at) ? at : undefined;
}
