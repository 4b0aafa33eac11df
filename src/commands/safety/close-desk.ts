import { FxError } from '../../core/base/errors.js';
import { approveExit } from '../../core/dispatch/approve-exit.js';
import { type Closed, type Flattened, Flattening, type Residual } from '../../core/dispatch/flatten.js';
import { readAgain, type SweepTime } from '../../core/dispatch/sweep.js';
import { mintedClientId, orderId } from '../../core/model/ids.js';
import type { OrderIntent } from '../../core/model/order.js';
import { closePlan, largestOrder, type Unclosable } from '../../core/orders/close-plan.js';
import type { Venue } from '../../core/ports/venue.js';
import { randomBits } from '../../core/state/random-bits.js';
import { type CloseJournal, openCloseJournal } from './close-journal.js';
import { type Desk, openDesk, type Surroundings } from './desks.js';
import { stopSessions, takeFence } from './engines.js';
import { type NamedOrder, namedOrder } from './halt-desk.js';

interface At {
  readonly broker: string;
  readonly account: string;
}

/** What became of one account. */
export interface DeskClose extends At {
  readonly closed: readonly (At & Closed)[];
  readonly residual: readonly (At & Residual)[];
  readonly cancelled: readonly NamedOrder[];
  readonly notCancelled: readonly (NamedOrder & { readonly reason: string })[];
  /** Null: not known. */
  readonly flat: boolean | null;
  /** Why it is not known. */
  readonly unknown: string | null;
  /** Sessions that were stopped for it. */
  readonly stopped: readonly number[];
  readonly journal: string | null;
  /** Why the journal is not the book's. */
  readonly journalWhy: string | null;
}

export interface CloseTask {
  readonly from: Surroundings;
  readonly time: SweepTime;
  readonly version: string;
  readonly who: string;
  readonly reason: string;
  readonly haltId: string;
}

/** A close-all is given up after this long, ms; what is left then is named. */
const PATIENCE_MS = 60_000;
const BUSY_MS = 30_000;
const BUSY_LOOK_MS = 250;

/** Brings one account to nothing: sessions stopped, fence held, every close in the journal before it leaves. */
export async function closeDesk(desk: Desk, task: CloseTask): Promise<DeskClose> {
  const { from, time } = task;
  const stopped = await stopSessions(from.home, desk, time);
  const { lock } = await takeFence(from.home, desk, time);
  let journal: CloseJournal | undefined;
  let venue: Venue | undefined;
  const end = (flattened: Partial<Flattened>, unknown: string | null): DeskClose =>
    answerOf(desk, { stopped, journal, flattened, unknown });
  try {
    journal = await patiently(time, () => openCloseJournal(desk, from, task.version));
    venue = await openDesk(desk, from);
    const { who, reason, haltId } = task;
    journal.append('close-all', { who, reason, haltId, broker: desk.broker, account: desk.account });
    journal.durable();
    const flattened = await flattening(venue, journal, task).run();
    journal.append('closed-all', { flat: flattened.flat, closed: flattened.closed, residual: flattened.residual });
    journal.durable();
    return end(flattened, flattened.unknown?.message ?? null);
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return end({}, error.message);
  } finally {
    venue?.close();
    journal?.close();
    lock?.release();
  }
}

function flattening(venue: Venue, journal: CloseJournal, { from, time, reason }: CloseTask): Flattening {
  const { clock } = from;
  const stamp = clock.now().toString(36);
  let count = 0;
  const mint = () => ({ id: orderId(`x-${stamp}-${++count}`), clientId: mintedClientId('ca', randomBits()) });
  return new Flattening({
    venue,
    orders: journal.orders,
    others: journal.others,
    strays: journal.strays,
    note: (record) => journal.note(record),
    durable: () => journal.durable(),
    approve: (intent, { units }, instrument) => approveExit(intent, units, instrument, clock.now(), mint),
    clock,
    time,
    patienceMs: PATIENCE_MS,
    reason: `close-all: ${reason}`,
  });
}

/** Another close-all, or a session that is going, has the account: it is waited for. */
export async function patiently<T>(time: SweepTime, open: () => Promise<T>): Promise<T> {
  const until = time.mono() + BUSY_MS;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const isBusy = error instanceof FxError && error.code === 'STATE.BUSY';
      if (!isBusy || time.mono() >= until) throw error;
      await time.wait(BUSY_LOOK_MS);
    }
  }
}

function answerOf(
  desk: Desk,
  parts: {
    readonly stopped: readonly number[];
    readonly journal: CloseJournal | undefined;
    readonly flattened: Partial<Flattened>;
    readonly unknown: string | null;
  },
): DeskClose {
  const { broker, account } = desk;
  const { closed = [], residual = [], cancelled = [], notCancelled = [], flat = null } = parts.flattened;
  return {
    broker,
    account,
    closed: closed.map((one) => ({ broker, account, ...one })),
    residual: residual.map((one) => ({ broker, account, ...one })),
    cancelled: cancelled.map((order) => namedOrder(desk, order)),
    notCancelled: notCancelled.map(({ order, why }) => ({ ...namedOrder(desk, order), reason: why })),
    flat,
    unknown: parts.unknown,
    stopped: parts.stopped,
    journal: parts.journal?.path ?? null,
    journalWhy: parts.journal?.why() ?? null,
  };
}

/** What a close-all of one account would do now; reads only. */
export interface DeskPlan extends At {
  readonly cancel: readonly NamedOrder[];
  readonly close: readonly Pick<OrderIntent, 'instrument' | 'side' | 'units' | 'type'>[];
  readonly left: readonly Unclosable[];
  /** Why the account could not be read. */
  readonly unknown: string | null;
}

export async function planDesk(desk: Desk, from: Surroundings, time: SweepTime): Promise<DeskPlan> {
  const { broker, account } = desk;
  let venue: Venue | undefined;
  try {
    venue = await openDesk(desk, from);
    const open = venue;
    const orders = await readAgain(time, () => open.openOrders());
    const positions = await readAgain(time, () => open.positions());
    const ids = positions.map(({ instrument }) => instrument);
    const instruments = ids.length === 0 ? [] : await readAgain(time, () => open.instruments(ids));
    const grids = new Map(instruments.map((one) => [one.id, one]));
    const plan = closePlan(positions, {
      instruments: grids,
      notionalOf: ({ units, averagePrice }) => Math.abs(units * averagePrice),
      maxUnits: (id) => largestOrder(grids.get(id)),
      reason: 'close-all',
    });
    const close = plan.orders.map(({ instrument, side, units, type }) => ({ instrument, side, units, type }));
    return {
      broker,
      account,
      cancel: orders.map((order) => namedOrder(desk, order)),
      close,
      left: plan.left,
      unknown: null,
    };
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return { broker, account, cancel: [], close: [], left: [], unknown: error.message };
  } finally {
    venue?.close();
  }
}
