import { FxError } from '../../core/base/errors.js';
import type { AnyStrategy } from '../../core/strategies/strategy.js';

type Fields = Readonly<Record<string, unknown>>;

const FUNCTIONS = ['create', 'check', 'history'] as const;
const PRESETS: readonly unknown[] = [undefined, 'standard', 'carry', 'cautious'];

/** What a strategy file exports, checked. Throws `STRATEGY.SHAPE` that names the file and the field. */
export function checkedStrategy(exported: unknown, file: string): AnyStrategy {
  const [field, problem] = isObject(exported) ? (firstProblem(exported) ?? []) : exportProblem(exported);
  if (field === undefined) return exported as AnyStrategy;
  throw new FxError('STRATEGY.SHAPE', {
    message: `${file}: ${field} ${problem}`,
    next: 'Write `export default defineStrategy({ name, params, create })`; docs/strategies.md shows one.',
    facts: { file, field },
  });
}

/** A field and what is wrong with it. */
type Problem = readonly [field: string, problem: string];

function exportProblem(exported: unknown): Problem {
  return ['default export', exported === undefined ? 'is missing' : `must be a strategy, is ${typeOf(exported)}`];
}

function firstProblem(exported: Fields): Problem | undefined {
  const { name, summary, params, preset } = exported;
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name)) {
    return ['name', 'must be 1 to 64 letters, digits, dots and dashes'];
  }
  if (summary !== undefined && typeof summary !== 'string') return ['summary', `must be text, is ${typeOf(summary)}`];
  for (const field of FUNCTIONS) {
    const value = exported[field];
    const optional = value === undefined && field !== 'create';
    if (!optional && typeof value !== 'function') return [field, `must be a function, is ${typeOf(value)}`];
  }
  if (!PRESETS.includes(preset)) return ['preset', 'must be standard, carry or cautious'];
  return paramsProblem(params);
}

function paramsProblem(params: unknown): Problem | undefined {
  if (!isObject(params)) return ['params', `must be an object, {} for none, is ${typeOf(params)}`];
  for (const [key, spec] of Object.entries(params)) {
    const problem = isObject(spec) ? paramProblem(spec) : `must be an object with a default, is ${typeOf(spec)}`;
    if (problem !== undefined) return [`params.${key}`, problem];
  }
  return undefined;
}

/** What is wrong with one parameter's declaration, or undefined. */
function paramProblem(spec: Fields): string | undefined {
  const value = spec['default'];
  for (const key of ['unit', 'summary']) {
    if (spec[key] !== undefined && typeof spec[key] !== 'string') return `must have ${key} as text`;
  }
  if (typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return valuesProblem(spec['values'], value);
  if (typeof value === 'number' && Number.isFinite(value)) return rangeProblem(spec, value);
  return `must have a number, text or a boolean as default, has ${typeOf(value)}`;
}

function valuesProblem(values: unknown, value: string): string | undefined {
  if (values === undefined) return undefined;
  const listed = Array.isArray(values) && values.every((each) => typeof each === 'string') && values.includes(value);
  return listed ? undefined : 'must have its default among its values, all text';
}

function rangeProblem({ min, max, integer }: Fields, value: number): string | undefined {
  for (const end of [min, max])
    if (end !== undefined && !Number.isFinite(end)) return 'must have numbers as min and max';
  if (integer === true && !Number.isInteger(value)) return 'must have a whole default when integer is true';
  const inside = value >= Number(min ?? value) && value <= Number(max ?? value);
  return inside ? undefined : `has the default ${value} outside its range`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}
