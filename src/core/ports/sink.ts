import type { EpochMs } from '../model/ids.js';
import type { Order, Trade } from '../model/order.js';

/** Where the rows of a run go: files, or nowhere. Called in the order of the rows; amounts are unrounded. */
export interface RowSink {
  equity(ts: EpochMs, equity: number, cash: number, drawdown: number): void;
  /** `day`: days since 1970, UTC. */
  day(day: number, dayReturn: number): void;
  trade(trade: Trade): void;
  order(order: Order): void;
}

/** Rows that nobody wants: sweeps, benches. */
export const noSink: RowSink = { equity() {}, day() {}, trade() {}, order() {} };
