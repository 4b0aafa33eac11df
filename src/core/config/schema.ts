import { z } from 'zod';
import type { AlertSettings } from '../alerts/settings.js';
import type { Instrument } from '../model/instrument.js';
import { PRESET_NAMES, type PresetName } from '../risk/presets.js';
import type { RiskLimits } from '../risk/rule.js';
import { SCORERS, type ScorerName } from '../sentiment/scorer.js';
import type { SizingMethod, SizingSettings } from '../sizing/sizing.js';
import { alertsSchema } from './alerts.js';
import { parseDuration } from './duration.js';

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'a duration such as 500ms, 2s, 60m, 8h or 45d' });
/** Whole basis points. */
const bps = z.int().min(0).max(1_000_000);
const share = z.int().min(1).max(10_000);
const count = z.int().min(0).max(1_000_000);
const positive = z.number().positive().max(1e15);
/** A limit that `null` switches off. */
const off = <T extends z.ZodType>(schema: T) => z.nullable(schema).optional();
const currency = z.string().regex(/^[A-Z][A-Z0-9]{1,9}$/, { error: 'a currency code such as USD' });
const label = z.string().min(1).max(64);

const METHODS: readonly SizingMethod[] = [
  'target-weights',
  'fixed-fractional',
  'volatility-target',
  'atr',
  'kelly',
  'fixed-units',
];

const risk = z.strictObject({
  preset: z.enum(PRESET_NAMES).optional(),
  perTradeRiskBps: off(bps),
  maxPositionBps: off(bps),
  maxGrossLeverage: off(positive),
  maxNetLeverage: off(positive),
  maxPerSide: off(count),
  maxOpenPositions: off(count),
  maxNewPositionsPerDay: off(count),
  maxCurrencyNetBps: off(bps),
  maxSectorBps: off(bps),
  maxCorrelatedGroupBps: off(bps),
  minCashReserveBps: off(bps.max(10_000)),
  requireStop: z.boolean().optional(),
  defaultStopBps: off(share.max(9_999)),
  perPositionStopBps: off(share),
  dailyLossBps: off(share),
  maxConsecutiveLosses: off(count.min(1)),
  coolDown: duration.optional(),
  weeklyLossBps: off(share),
  drawdownReduceBps: off(share),
  drawdownHaltBps: off(share),
  drawdownStopBps: off(share),
  var95DayBps: off(bps),
  es95DayBps: off(bps),
  maxOrdersPerMinute: off(count),
  maxRepeatedExecutions: off(count),
  duplicateWindow: duration.optional(),
  priceCollarBps: off(bps.max(9_999)),
  maxSpreadBps: off(bps),
  maxSlippageBps: off(bps.max(9_999)),
  maxOrderNotional: off(positive),
  maxQuoteAge: z.strictObject({ market: off(duration), limit: off(duration), daily: off(duration) }).optional(),
  maxRateAge: off(duration),
  profitAlertBps: off(bps),
  staleLoserDays: off(count),
  orderTimeout: off(duration),
  useLimitOrders: z.boolean().optional(),
});

const sizing = z.strictObject({
  method: z.enum(METHODS).optional(),
  units: positive.optional(),
  riskBps: bps.optional(),
  volTargetBps: bps.optional(),
  maxLeverage: positive.optional(),
  atrWindow: z.int().min(1).max(10_000).optional(),
  atrMultiple: positive.optional(),
  kellyFraction: z.number().min(0).max(1).optional(),
  kellyMinTrades: count.optional(),
});

const instrument = z.strictObject({
  assetClass: z.enum(['fx', 'stock', 'crypto', 'other']).optional(),
  base: label.optional(),
  quote: currency.optional(),
  tick: positive.optional(),
  pip: positive.optional(),
  lotStep: positive.optional(),
  minUnits: positive.optional(),
  marginRate: z.number().positive().max(1).optional(),
  typicalSpread: z.number().min(0).max(1e15).optional(),
  hours: z.enum(['fx', 'us-stock', 'always', 'data']).optional(),
  sector: label.optional(),
  group: label.optional(),
  maxOrderNotional: positive.optional(),
});

/** Every setting as people write it; the shape of `config.json`. All keys are optional, defaults come later. */
export const settingsSchema = z.strictObject({
  account: z.strictObject({ currency: currency.optional(), capital: positive.optional() }).optional(),
  alerts: alertsSchema.optional(),
  approval: z
    .strictObject({
      required: z.union([z.boolean(), z.literal('live')]).optional(),
      timeout: duration.optional(),
      bandBps: off(bps),
    })
    .optional(),
  feeds: z.strictObject({ fallback: z.nullable(label).optional() }).optional(),
  instruments: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$/, { error: 'a symbol such as EUR/USD' }), instrument)
    .optional(),
  news: z
    .strictObject({
      scorer: z.enum(SCORERS).optional(),
      halfLife: duration.optional(),
      filter: z.number().min(0).max(2).optional(),
    })
    .optional(),
  risk: risk.optional(),
  sizing: sizing.optional(),
  strategy: z.strictObject({ timeout: duration.optional() }).optional(),
});

export type RawSettings = z.infer<typeof settingsSchema>;

/** What `instruments.<SYMBOL>.*` says of an instrument; the rest comes from the broker or the built-in table. */
export type InstrumentSettings = {
  // How large an order a venue takes and what it books overnight are for the venue to say.
  readonly [K in Exclude<keyof Instrument, 'id' | 'maxUnits' | 'carry'>]?: Instrument[K] | undefined;
};

/** Every setting in the program's own units: durations in ms, presets filled in. */
export interface Settings {
  readonly account: { readonly currency: string; readonly capital: number };
  readonly alerts: AlertSettings;
  readonly approval: {
    /** `live`: required in live, not in paper. */
    readonly required: boolean | 'live';
    readonly timeoutMs: number;
    /** How far the price may move between question and yes, bps; null sets no limit. Not given, it is `risk.priceCollarBps`. */
    readonly bandBps: number | null;
  };
  /** Who serves when the feed of a paper session does not; undefined for nobody. */
  readonly feeds: { readonly fallback: string | undefined };
  /** By symbol as written: `EUR/USD`. */
  readonly instruments: ReadonlyMap<string, InstrumentSettings>;
  readonly news: {
    readonly scorer: ScorerName;
    /** Age at which a headline counts half, where a strategy names none. */
    readonly halfLifeMs: number;
    /** Score against a wish from which the news overrules a strategy; 0 is never. */
    readonly filter: number;
  };
  readonly riskPreset: PresetName;
  readonly risk: RiskLimits;
  readonly sizing: SizingSettings;
  readonly strategy: { readonly timeoutMs: number };
}
