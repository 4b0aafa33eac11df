import { type PresetName, presetLimits } from '../risk/presets.js';
import type { RiskLimits } from '../risk/rule.js';
import { defaultSizing } from '../sizing/sizer.js';
import { rawAlerts, toAlertSettings } from './alerts.js';
import { formatDuration, parseDuration } from './duration.js';
import type { RawSettings, Settings } from './schema.js';

type RawRisk = NonNullable<RawSettings['risk']>;

/** Limits of a preset as a person would write them in `config.json`. */
function rawRisk(preset: PresetName): RawRisk {
  const { coolDownMs, duplicateWindowMs, maxQuoteAgeMs, maxRateAgeMs, orderTimeoutMs, ...same } = presetLimits(preset);
  return {
    preset,
    ...same,
    coolDown: formatDuration(coolDownMs),
    duplicateWindow: formatDuration(duplicateWindowMs),
    maxQuoteAge: {
      market: written(maxQuoteAgeMs.market),
      limit: written(maxQuoteAgeMs.limit),
      daily: written(maxQuoteAgeMs.daily),
    },
    maxRateAge: written(maxRateAgeMs),
    orderTimeout: written(orderTimeoutMs),
  };
}

/** Every setting that has a default, as written; instruments have none. */
export function defaultSettings(preset: PresetName): RawSettings {
  return {
    account: { currency: 'USD', capital: 100_000 },
    alerts: rawAlerts(),
    approval: { required: 'live', timeout: '30m' },
    feeds: { fallback: null },
    news: { scorer: 'vendor-lexicon', halfLife: '1d', filter: 0 },
    risk: rawRisk(preset),
    sizing: { ...defaultSizing() },
    strategy: { timeout: '5s' },
  };
}

/** Settings in the program's own units. `raw` is complete and checked: every default is in it. */
export function toSettings(raw: RawSettings, preset: PresetName): Settings {
  const base = defaultSettings(preset);
  const sizing = { ...defaultSizing(), ...defined(raw.sizing ?? {}) };
  const risk = toLimits(raw.risk ?? {}, preset);
  const account = { currency: 'USD', capital: 100_000, ...defined(raw.account ?? {}) };
  return {
    account,
    alerts: toAlertSettings(raw.alerts ?? {}),
    approval: {
      required: raw.approval?.required ?? 'live',
      timeoutMs: ms(raw.approval?.timeout ?? base.approval?.timeout),
      bandBps: raw.approval?.bandBps === undefined ? risk.priceCollarBps : raw.approval.bandBps,
    },
    feeds: { fallback: raw.feeds?.fallback ?? undefined },
    instruments: new Map(Object.entries(raw.instruments ?? {})),
    news: {
      scorer: raw.news?.scorer ?? 'vendor-lexicon',
      halfLifeMs: ms(raw.news?.halfLife ?? base.news?.halfLife),
      filter: raw.news?.filter ?? 0,
    },
    riskPreset: preset,
    risk,
    sizing,
    strategy: { timeoutMs: ms(raw.strategy?.timeout ?? base.strategy?.timeout) },
  };
}

function toLimits(raw: RawRisk, preset: PresetName): RiskLimits {
  const { preset: _preset, coolDown, duplicateWindow, maxQuoteAge, maxRateAge, orderTimeout, ...same } = raw;
  const limits = presetLimits(preset);
  return {
    ...limits,
    ...defined(same),
    coolDownMs: coolDown === undefined ? limits.coolDownMs : ms(coolDown),
    duplicateWindowMs: duplicateWindow === undefined ? limits.duplicateWindowMs : ms(duplicateWindow),
    maxQuoteAgeMs: {
      market: age(maxQuoteAge?.market, limits.maxQuoteAgeMs.market),
      limit: age(maxQuoteAge?.limit, limits.maxQuoteAgeMs.limit),
      daily: age(maxQuoteAge?.daily, limits.maxQuoteAgeMs.daily),
    },
    maxRateAgeMs: age(maxRateAge, limits.maxRateAgeMs),
    orderTimeoutMs: age(orderTimeout, limits.orderTimeoutMs),
  };
}

/** The object without its undefined values, which would else hide a default. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function written(value: number | null): string | null {
  return value === null ? null : formatDuration(value);
}

function ms(text: string | undefined): number {
  return parseDuration(text ?? '') ?? 0;
}

function age(text: string | null | undefined, fallback: number | null): number | null {
  if (text === undefined) return fallback;
  return text === null ? null : ms(text);
}
