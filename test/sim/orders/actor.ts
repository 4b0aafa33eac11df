import type { LiveOrders } from '../../../src/core/orders/live-orders.js';
import type { Break } from '../../../src/core/orders/reconcile.js';
import type { Venue } from '../../../src/core/ports/venue.js';
import type { FileCalls } from '../../../src/core/state/file-calls.js';
import type { SimProcess } from '../world/process.js';
import type { Valuation } from './checkers.js';
import type { OrderWorld } from './world.js';

/** Whoever trades: a session, or what is left of one without its engine. */
export interface Actor {
  readonly process: SimProcess;
  readonly orders: LiveOrders | undefined;
  /** Bytes of the journal that it has made, written or not. */
  readonly journalBytes: number | undefined;
  readonly breaks: readonly Break[];
  readonly cash: number;
  /** What it would judge an order with now; undefined where limits are in units. */
  readonly valuation?: Valuation | undefined;
  /** It has recovered and trades, or is halted with a reason. */
  readonly isReady: boolean;
  /** Why it ended by itself. */
  readonly ended: string | undefined;
  run(): Promise<void>;
  /** A person says that an order never arrived. */
  settleByPerson(clientId: string): void;
}

/** Starts one; throws when what is on disk does not let it. */
export type MakeActor = (world: OrderWorld, process: SimProcess, files: FileCalls, venue: Venue) => Actor;
