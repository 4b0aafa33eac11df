import type { Vector } from './handler.js';

/** Where the computed value is not what the vector expects; empty when it is. Extra keys of ours do not count. */
export function differences(vector: Vector, actual: unknown): string[] {
  const found: string[] = [];
  compare(vector.id, vector.expected, actual, toleranceOf(vector), found);
  return found;
}

interface Tolerance {
  readonly rel: number;
  readonly abs: number;
  /** Names whose own tolerance the notes of the vector give. */
  readonly named: Readonly<Record<string, { readonly rel: number; readonly abs: number }>>;
}

const OBJECTIVES = ['vol', 'sharpe', 'objective'];

/** An optimum is judged by its objective to 1e-8 and its weights as its notes say; a fit by likelihood and persistence. */
function toleranceOf({ kind, tolerance, notes }: Vector): Tolerance {
  if (kind === 'optimum') {
    const tight = { rel: 1e-8, abs: 1e-12 };
    const named = Object.fromEntries(OBJECTIVES.map((name) => [name, tight]));
    const weights = Number(/weights abs (1e-\d+)/.exec(notes ?? '')?.[1] ?? 0);
    return { ...tolerance, abs: Math.max(tolerance.abs, weights), named };
  }
  if (kind === 'approx') {
    return { ...tolerance, named: { logLik: { rel: 0, abs: 1 }, persistence: { rel: 0, abs: 0.01 } } };
  }
  return { ...tolerance, named: {} };
}

function compare(path: string, expected: unknown, actual: unknown, tolerance: Tolerance, found: string[]): void {
  if (typeof expected === 'number') {
    if (typeof actual !== 'number' || !close(expected, actual, tolerance)) found.push(said(path, expected, actual));
  } else if (Array.isArray(expected)) {
    compareLists(path, expected, actual, tolerance, found);
  } else if (expected !== null && typeof expected === 'object') {
    for (const [key, value] of Object.entries(expected)) {
      const inner = (actual as Record<string, unknown> | null)?.[key];
      const own = tolerance.named[key];
      compare(`${path}.${key}`, value, inner, own === undefined ? tolerance : { ...own, named: {} }, found);
    }
  } else if (actual !== expected && !isRefusalOf(expected, actual)) {
    found.push(said(path, expected, actual));
  }
}

function compareLists(path: string, expected: unknown[], actual: unknown, tolerance: Tolerance, found: string[]): void {
  if (!Array.isArray(actual) || actual.length !== expected.length) {
    found.push(said(`${path}.length`, expected.length, Array.isArray(actual) ? actual.length : actual));
    return;
  }
  for (const [i, value] of expected.entries()) compare(`${path}[${i}]`, value, actual[i], tolerance, found);
}

/** A metric that is null as a whole may answer with the record of its reason. */
function isRefusalOf(expected: unknown, actual: unknown): boolean {
  return expected === null && actual !== null && typeof actual === 'object' && 'error' in actual;
}

function close(
  expected: number,
  actual: number,
  { rel, abs }: { readonly rel: number; readonly abs: number },
): boolean {
  return Math.abs(actual - expected) <= Math.max(abs, rel * Math.abs(expected));
}

function said(path: string, expected: unknown, actual: unknown): string {
  return `${path}: expected ${JSON.stringify(expected)}, computed ${JSON.stringify(actual)}`;
}
