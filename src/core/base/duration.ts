const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `2s`, `60m`, `8h`, `45d`, `1.5h`; undefined for anything else, zero and negative ones too. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN));
  return Number.isSafeInteger(ms) && ms > 0 ? ms : undefined;
}

/** The shortest of our notations that says exactly `ms` milliseconds: 3,600,000 is `1h`, 90,000 is `90s`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = UNITS[unit] ?? 1;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
