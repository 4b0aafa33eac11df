const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

const FORM = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration such as `500ms`, `2s`, `60m`, `8h`, `45d`; undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = FORM.exec(text) ?? [];
  const size = UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? undefined : Math.round(Number(amount) * size);
}

/** The shortest duration that `parseDuration` reads as these milliseconds: 3,600,000 is `1h`. */
export function formatDuration(ms: number): string {
  for (const [name, size] of UNITS) {
    if (ms >= size && ms % size === 0) return `${ms / size}${name}`;
  }
  return `${ms}ms`;
}
