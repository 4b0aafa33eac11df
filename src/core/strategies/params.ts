import { FxError } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { AnyStrategy, ParamSpec, ParamSpecs, ParamsOf, ParamValue } from './strategy.js';

/** What a person or a file gives: text from the command line, or the value itself. */
export type GivenParams = Readonly<Record<string, string | number | boolean>>;

/**
 * The parameters a strategy runs with: its defaults, replaced by what is given. Text becomes the type of the default;
 * ranges include both ends. Throws `STRATEGY.PARAM` for an unknown name, a wrong type, a value out of range, and where
 * the strategy's own `check` finds a contradiction.
 */
export function resolveParams<P extends ParamSpecs>(
  definition: Pick<AnyStrategy, 'name'> & { readonly params: P; check?(params: ParamsOf<P>): void },
  given: GivenParams,
): ParamsOf<P> {
  const names = Object.keys(definition.params);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(definition.params, name)) throw unknownParam(definition.name, name, names);
  }
  const resolved: Record<string, ParamValue> = {};
  for (const name of names) {
    const spec = definition.params[name];
    if (spec === undefined) continue;
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    resolved[name] = value === undefined ? spec.default : checkedParam(definition.name, name, spec, value);
  }
  const params = resolved as ParamsOf<P>;
  definition.check?.(params);
  return params;
}

/** The values a parameter takes, in words: `2 … 500 bars`, `equal | rank`, `true | false`, `text`. */
export function rangeOf(spec: ParamSpec): string {
  if (typeof spec.default === 'boolean') return 'true | false';
  if (typeof spec.default === 'string') return spec.values === undefined ? 'text' : spec.values.join(' | ');
  const unit = spec.unit === undefined ? '' : ` ${spec.unit}`;
  const { min, max } = spec;
  if (min !== undefined && max !== undefined) return `${min} … ${max}${unit}`;
  if (min !== undefined) return `at least ${min}${unit}`;
  if (max !== undefined) return `at most ${max}${unit}`;
  return `any number${unit}`;
}

/** True when only whole numbers fit: said by the parameter, else when its default is whole. */
export function wantsInteger(spec: ParamSpec): boolean {
  return typeof spec.default === 'number' && (spec.integer ?? Number.isInteger(spec.default));
}

/** An error of a strategy's parameter, for a strategy's own `check`. */
export function paramError(strategy: string, param: string, problem: string, next: string): FxError {
  return new FxError('STRATEGY.PARAM', {
    message: `${strategy}: parameter ${param} ${problem}`,
    next,
    facts: { strategy, param },
  });
}

function checkedParam(strategy: string, name: string, spec: ParamSpec, value: string | number | boolean): ParamValue {
  if (typeof spec.default === 'boolean') return asBoolean(strategy, name, value);
  if (typeof spec.default === 'string') return asText(strategy, name, spec, value);
  return asNumber(strategy, name, spec, value);
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function asNumber(strategy: string, name: string, spec: ParamSpec, value: string | number | boolean): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = typeof value === 'number' ? value : DECIMAL.test(text) ? Number(text) : Number.NaN;
  const next = `Give ${wantsInteger(spec) ? 'a whole number, ' : ''}${rangeOf(spec)}; the default is ${spec.default}.`;
  if (!Number.isFinite(number)) throw paramError(strategy, name, `must be a number, is ${quoted(value)}`, next);
  if (wantsInteger(spec) && !Number.isInteger(number)) {
    throw paramError(strategy, name, `must be a whole number, is ${number}`, next);
  }
  const low = spec.min !== undefined && number < spec.min;
  const high = spec.max !== undefined && number > spec.max;
  if (low || high) throw paramError(strategy, name, `is ${number}, outside ${rangeOf(spec)}`, next);
  return number + 0;
}

function asBoolean(strategy: string, name: string, value: string | number | boolean): boolean {
  const word = String(value).trim().toLowerCase();
  if (['true', 'on', 'yes'].includes(word)) return true;
  if (['false', 'off', 'no'].includes(word)) return false;
  throw paramError(
    strategy,
    name,
    `must be true or false, is ${quoted(value)}`,
    `Write ${name}=true or ${name}=false.`,
  );
}

function asText(strategy: string, name: string, spec: ParamSpec, value: string | number | boolean): string {
  if (typeof value !== 'string') {
    throw paramError(strategy, name, `must be text, is ${quoted(value)}`, `Give ${rangeOf(spec)}.`);
  }
  const text = value.trim();
  if (spec.values === undefined || spec.values.includes(text)) return text;
  const next = `${didYouMean(text, spec.values)}It takes ${rangeOf(spec)}.`;
  throw paramError(strategy, name, `is ${quoted(value)}, not one of its values`, next);
}

function unknownParam(strategy: string, name: string, names: readonly string[]): FxError {
  const known = names.length === 0 ? 'It takes no parameters.' : `It takes ${names.join(', ')}.`;
  return new FxError('STRATEGY.PARAM', {
    message: `${strategy} has no parameter ${quoted(name)}`,
    next: `${didYouMean(name, names)}${known}`,
    facts: { strategy, param: name, known: names },
  });
}

function quoted(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
