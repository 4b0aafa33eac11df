import { z } from 'zod';

/** Fields that a script may rely on; more may follow, so objects are open. No schema takes NaN or Infinity. */
const number = z.number();
const fraction = z.number().nullable();
const time = z.iso.datetime();
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const param = z.union([z.number(), z.string(), z.boolean()]);

const metricNames =
  'totalReturn annualReturn annualVolatility sharpe sortino calmar omega maxDrawdown maxDrawdownDays ulcer winRate profitFactor payoff expectancy sqn exposure turnover var95Day es95Day skew kurtosis probabilisticSharpe deflatedSharpe';

export const metrics = z.looseObject({
  ...Object.fromEntries(metricNames.split(' ').map((name) => [name, fraction])),
  trialsCounted: number.int().min(0),
});

export const run = z.looseObject({
  currency: z.string().regex(/^[A-Z]{3,5}$/),
  simulated: z.boolean(),
  run: z.looseObject({
    id: z.string().min(1),
    strategy: z.string().min(1),
    params: z.record(z.string(), param),
    seed: number.int(),
    dataHash: hash,
    configHash: hash,
    codeVersion: z.string().min(1),
  }),
  period: z.looseObject({ from: time, to: time, bars: number.int().min(1) }),
  metrics,
  reasons: z.record(z.string(), z.string().regex(/^[A-Z_]+$/)),
  costs: z.looseObject({ spread: number, commission: number, slippage: number, impact: number, financing: number }),
  counts: z.looseObject({ orders: number.int(), fills: number.int(), trades: number.int(), refused: number.int() }),
  open: z.array(z.looseObject({ instrument: z.string(), units: number })),
  files: z.record(z.string(), z.string()),
  warnings: z.array(z.string()),
});

/** `period.bars` of a part of a run is not known. */
export const report = run.extend({
  period: z.looseObject({ from: time, to: time, bars: number.int().nullable() }),
});

export const sweep = z.looseObject({
  sweep: z.array(z.looseObject({ params: z.record(z.string(), param), metrics })).min(1),
});

const namedOrder = z.looseObject({
  broker: z.string(),
  account: z.string(),
  venueId: z.string(),
  clientId: z.string().nullable(),
  ours: z.boolean(),
  instrument: z.string(),
  side: z.enum(['buy', 'sell']).nullable(),
  units: number.nullable(),
  type: z.string(),
  price: number.nullable(),
});

export const halt = z.looseObject({
  haltedAt: time,
  scope: z.string(),
  mode: z.enum(['all', 'reduce-only']),
  latch: z.string(),
  entriesBlocked: z.literal(true),
  cancelled: z.array(namedOrder),
  kept: z.array(namedOrder),
  notProven: z.array(z.looseObject({ what: z.string(), reason: z.string().min(1), next: z.string().min(1) })),
  sessions: z.array(z.looseObject({ book: z.string(), pid: number, confirmed: z.boolean(), killed: z.boolean() })),
});

export const resume = z.looseObject({
  resumed: z.boolean(),
  resumedAt: time.nullable(),
  scope: z.string(),
  removed: z.array(z.unknown()),
  reconciled: z.array(z.string()),
  halts: z.array(z.unknown()),
});

export const approve = z.looseObject({
  orders: z.array(
    z.looseObject({
      id: z.string(),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      instrument: z.string(),
      side: z.enum(['buy', 'sell']),
      units: number,
      price: number,
      stopPrice: number.nullable(),
      worstLoss: number.nullable(),
      expiresAt: time,
    }),
  ),
  notTrusted: z.array(z.looseObject({ book: z.string(), id: z.string(), why: z.string() })),
  answered: z.array(
    z.looseObject({ id: z.string(), book: z.string(), outcome: z.enum(['accepted', 'rejected']), at: time }),
  ),
});

export const closeAll = z.looseObject({
  dryRun: z.boolean(),
  haltedAt: time.nullable(),
  latch: z.string().nullable(),
  closed: z.array(z.looseObject({ instrument: z.string(), units: number, price: number.nullable(), orders: number })),
  residual: z.array(
    z.looseObject({ instrument: z.string(), units: number, reason: z.string().min(1), next: z.string().min(1) }),
  ),
  flat: z.boolean().nullable(),
  accounts: z.array(z.unknown()),
  plan: z.array(
    z.looseObject({
      broker: z.string(),
      account: z.string(),
      cancel: z.array(namedOrder),
      close: z.array(z.unknown()),
    }),
  ),
  notes: z.array(z.string()),
});

export const status = z.looseObject({
  halted: z.boolean(),
  halts: z.array(z.looseObject({ id: z.string(), scope: z.string(), mode: z.string(), reason: z.string() })),
  books: z.array(
    z.looseObject({
      name: z.string(),
      mode: z.enum(['paper', 'live']),
      account: z.string().nullable(),
      lock: z.looseObject({ pid: number }).nullable(),
      positions: z.array(z.looseObject({ instrument: z.string(), units: number, averagePrice: number })),
      orders: z.array(z.looseObject({ orderId: z.string(), instrument: z.string(), units: number, state: z.string() })),
      approvals: z.array(z.unknown()),
      limits: z.array(z.looseObject({ limit: z.string(), value: number, max: number, unit: z.string() })),
      feeds: z.array(z.looseObject({ name: z.string(), at: time.nullable(), ageMs: number.nullable() })),
    }),
  ),
});

export const configShow = z.looseObject({
  action: z.literal('show'),
  path: z.string(),
  settings: z.array(z.looseObject({ key: z.string(), value: z.unknown(), source: z.string() })).min(10),
});
export const configCheck = z.looseObject({ action: z.literal('check'), path: z.string(), valid: z.literal(true) });
export const configPath = z.looseObject({ action: z.literal('path'), path: z.string(), home: z.string() });

export const auditVerify = z.looseObject({
  action: z.literal('verify'),
  books: z
    .array(
      z.looseObject({
        book: z.string(),
        records: number.int().min(0),
        files: number.int().min(0),
        bytes: number.int().min(0),
        intact: z.boolean(),
        complete: z.boolean(),
        head: hash.nullable(),
        anchor: number.int().nullable(),
        findings: z.array(z.string()),
        damage: z
          .looseObject({
            path: z.string(),
            byte: number.int().nullable(),
            record: number.int().nullable(),
            message: z.string(),
            repair: z.string().nullable(),
          })
          .nullable(),
      }),
    )
    .min(1),
});
export const auditExport = z.looseObject({
  action: z.literal('export'),
  path: z.string(),
  format: z.enum(['ndjson', 'csv']),
  records: number.int().min(0),
  books: z.array(z.string()).min(1),
});
export const auditExplain = z.looseObject({
  action: z.literal('explain'),
  id: z.string(),
  stories: z
    .array(
      z.looseObject({
        book: z.string(),
        orderId: z.string().nullable(),
        clientId: z.string().nullable(),
        lines: z
          .array(
            z.looseObject({ seq: number.int(), time, type: z.string(), text: z.string(), record: z.looseObject({}) }),
          )
          .min(1),
      }),
    )
    .min(1),
});

const FAMILIES = 'USAGE|CONFIG|DATA|STRATEGY|FEED|BROKER|ORDER|RISK|APPROVAL|GATE|HALT|STATE|BUG';

/** The one object on stdout of a command that worked. */
export function answer(command: string, data: z.ZodType): z.ZodType {
  return z.strictObject({ ok: z.literal(true), command: z.literal(command), version: z.string().min(1), data });
}

/** The one object on stdout of a command that did not. */
export const failure = z.strictObject({
  ok: z.literal(false),
  command: z.string(),
  version: z.string().min(1),
  error: z.strictObject({
    code: z.string().regex(new RegExp(`^(${FAMILIES})\\.[A-Z0-9_]+$`)),
    message: z.string().min(1),
    next: z.string().min(1),
    facts: z.record(z.string(), z.unknown()),
  }),
});

/** First columns of the files, in their order; more may follow. */
export const COLUMNS = {
  'equity.csv': 'time,equity,cash,drawdown',
  'returns.csv': 'date,return',
  'trades.csv':
    'instrument,side,units,entryTime,entryPrice,exitTime,exitPrice,grossPnl,commission,financing,netPnl,entryReason,exitReason',
  'orders.csv':
    'time,orderId,clientId,instrument,side,type,units,price,stopPrice,timeInForce,status,filledUnits,averagePrice,reason',
} as const;

const verdict = z.enum(['pass', 'warn', 'fail']);
export const testFeeds = z.looseObject({
  probes: z
    .array(
      z.looseObject({
        name: z.string().regex(/^[a-z-]+\.[a-z-]+$/),
        group: z.enum(['environment', 'feeds', 'brokers', 'channels', 'local']),
        status: verdict,
        detail: z.string().min(1),
        next: z.string().min(1).nullable(),
        ms: number.min(0),
      }),
    )
    .min(1),
  passed: number.int(),
  warned: number.int(),
  failed: number.int(),
  fresh: z.boolean(),
  timeoutMs: number,
});
