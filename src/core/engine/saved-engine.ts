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
