import { FxError } from '../../core/base/errors.js';

const BAR_KEYS = ['times', 'opens', 'highs', 'lows', 'closes'] as const;

/**
 * Dukascopy's candles as csv text, oldest first. Their json is delta coded: each time is `shift` times its number after
 * the one before, each price `multiplier` times its number after its own previous value; volumes are plain.
 * Prices are built from whole points, so that no error of adding fractions gathers.
 */
export function dukascopyCsv(json: string, file: string): string {
  const value = parse(json, file);
  const { shift, timestamp } = value;
  const points = Math.round(1 / numberAt(value, 'multiplier', file));
  const lists = BAR_KEYS.map((key) => listAt(value, key, file));
  const volumes = Array.isArray(value['volumes']) ? (value['volumes'] as unknown[]) : [];
  const length = lists[0]?.length ?? 0;
  if (lists.some((list) => list.length !== length)) throw bad(file, 'its lists differ in length');
  if (length === 0) return 'timestamp,open,high,low,close,volume\n';
  if (typeof shift !== 'number' || typeof timestamp !== 'number') throw bad(file, 'timestamp or shift is no number');
  const [times = [], ...steps] = lists;
  const at = ['open', 'high', 'low', 'close'].map((key) => Math.round(numberAt(value, key, file) * points));
  const rows = ['timestamp,open,high,low,close,volume'];
  let time = timestamp;
  for (let i = 0; i < length; i++) {
    time += shift * (times[i] ?? Number.NaN);
    for (const [k, list] of steps.entries()) at[k] = (at[k] ?? 0) + (list[i] ?? Number.NaN);
    rows.push(`${time},${at.map((price) => price / points).join(',')},${volumes[i] ?? ''}`);
  }
  return `${rows.join('\n')}\n`;
}

function parse(json: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw bad(file, cause instanceof Error ? cause.message : 'it is damaged');
  }
  throw bad(file, 'it is not one object');
}

function numberAt(value: Record<string, unknown>, key: string, file: string): number {
  const found = value[key];
  if (typeof found === 'number') return found;
  // An empty day has null prices and no rows: its number is never used.
  if (found === null && Array.isArray(value['times']) && value['times'].length === 0) return 1;
  throw bad(file, `'${key}' is no number`);
}

function listAt(value: Record<string, unknown>, key: string, file: string): number[] {
  const found = value[key];
  if (Array.isArray(found) && found.every((item) => typeof item === 'number')) return found as number[];
  throw bad(file, `'${key}' is no list of numbers`);
}

function bad(file: string, why: string): FxError {
  return new FxError('DATA.FORMAT', {
    message: `${file}: not recognised as Dukascopy candles: ${why}`,
    next: 'json is read only as Dukascopy gives it; give other prices as csv',
    facts: { file },
  });
}
