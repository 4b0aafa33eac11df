import type { BreakerState } from '../risk/breakers.js';

/** The engine between two slices as plain JSON. */
export interface SavedEngine {
  readonly ledger: unknown;
  readonly orders: unknown;
  readonly prices: readonly (number | null)[];
  readonly memory: unknown;
  readonly breakers: BreakerState;
  readonly decisions: unknown;
  readonly trades: unknown;
  readonly atr: unknown;
  readonly sliceTs: number | null;
  readonly sliceFlags: number;
  readonly dayEnd: number;
  readonly newPositionsToday: number;
  readonly firstFills: readonly string[];
  readonly strategy: unknown;
}

/** The parts of an engine that keep their own state. */
export type Keepers = Readonly<
  Record<
    'ledger' | 'orders' | 'memory' | 'breakers' | 'decisions' | 'trades' | 'atr',
    { save(): unknown; load(state: unknown): void }
  >
>;

export function saveAll(keepers: Keepers): { readonly [K in keyof Keepers]: unknown } {
  const { ledger, orders, memory, breakers, decisions, trades, atr } = keepers;
  return {
    ledger: ledger.save(),
    orders: orders.save(),
    memory: memory.save(),
    breakers: breakers.save(),
    decisions: decisions.save(),
    trades: trades.save(),
    atr: atr.save(),
  };
}

export function loadAll(keepers: Keepers, saved: SavedEngine): void {
  for (const [name, keeper] of Object.entries(keepers)) keeper.load(saved[name as keyof Keepers]);
}
