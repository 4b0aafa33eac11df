import type { Secrets } from '../../core/config/secrets.js';
import type { LoadedSettings } from '../../core/config/settings.js';
import type { InstrumentId } from '../../core/model/ids.js';
import { parseSymbol } from '../../core/model/instruments.js';
import type { Clock, Stopwatch, Wait } from '../../core/ports/clock.js';
import type { HomeState } from '../../core/state/home-check.js';
import type { Http } from '../../wire/message.js';
import type { StoredData } from '../data/store.js';
import type { Reached } from './reach.js';

export type Status = 'pass' | 'warn' | 'fail';
export type ProbeGroup = 'environment' | 'feeds' | 'brokers' | 'channels' | 'local';

/** What one check found. Neither text holds a secret. */
export interface Finding {
  readonly status: Status;
  readonly detail: string;
  /** What to do now; null when there is nothing to do. */
  readonly next: string | null;
}

/** One check of a subject. Without an answer of its own it says nothing and is not shown. */
export interface Check {
  readonly name: string;
  /** Throws an `FxError` for a `fail` in its own words. */
  run(bench: Bench): Promise<Finding | undefined>;
}

/** One thing that is tested: a feed, a broker, a channel, the clock. Its checks follow one another; one that fails is the last. */
export interface Subject {
  readonly name: string;
  readonly group: ProbeGroup;
  /** Scheme, host and port of what it calls. */
  readonly origins: readonly string[];
  readonly checks: readonly Check[];
}

/** What a run of probes knows of this machine; the same for all. */
export interface Surroundings {
  readonly home: string;
  readonly cwd: string;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  readonly secrets: Secrets;
  /** Undefined when they cannot be read: a probe of its own says why. */
  readonly settings: LoadedSettings['settings'] | undefined;
  readonly homeState: HomeState;
  readonly stored: readonly StoredData[];
  readonly timeoutMs: number;
  /** Nothing is set up yet: every connection is a thing to do. */
  readonly fresh: boolean;
  /** Channels that get a test message. */
  readonly sendTo: ReadonlySet<string>;
  /** What a person named in `--only`: what it lacks is a finding. */
  readonly named: ReadonlySet<string>;
}

/** What a check works with: the signal is its deadline, and `http` keeps to it. */
export interface Bench extends Surroundings {
  readonly signal: AbortSignal;
  readonly http: Http;
  /** Asks a host for nothing in particular, once however many want to know. */
  reach(origin: string): Promise<Reached>;
}

export const pass = (detail: string): Finding => ({ status: 'pass', detail, next: null });
export const warn = (detail: string, next: string): Finding => ({ status: 'warn', detail, next });
export const fail = (detail: string, next: string): Finding => ({ status: 'fail', detail, next });

/** The instruments of the settings. */
export function universeOf({ settings }: Pick<Surroundings, 'settings'>): readonly InstrumentId[] {
  return [...(settings?.instruments.keys() ?? [])].map((id) => parseSymbol(id).id);
}

/** `1.4 s`, `3 h`, `5 days`. */
export function lengthText(ms: number): string {
  const units = [
    ['days', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1_000],
  ] as const;
  const [unit, size] = units.find(([, one]) => Math.abs(ms) >= 2 * one) ?? ['s', 1_000];
  return `${unit === 's' ? (ms / size).toFixed(1) : Math.round(ms / size)} ${unit}`;
}
