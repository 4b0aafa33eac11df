import { FxError } from '../../core/base/errors.js';
import { type Stubborn, type SweepTime, type Swept, sweep } from '../../core/dispatch/sweep.js';
import type { ClientId } from '../../core/model/ids.js';
import type { LiveOrder } from '../../core/orders/live-orders.js';
import { OUR_PREFIX } from '../../core/orders/reconcile.js';
import { sentAgo } from '../../core/orders/resolve.js';
import type { Venue, VenueOrder } from '../../core/ports/venue.js';
import { type OrderLog, readOrderLog } from '../../core/state/emergency/order-log.js';
import type { HaltLine, HaltScope } from '../../core/state/halt-file.js';
import { type Desk, openDesk, type Surroundings } from './desks.js';
import { awaitEngine, type EngineReport, killSessions, killStopped, livingSessions, takeFence } from './engines.js';

/** An order as an emergency command names it. */
export interface NamedOrder {
  readonly broker: string;
  readonly account: string;
  readonly venueId: string;
  readonly clientId: string | null;
  /** It carries our mark. */
  readonly ours: boolean;
  readonly instrument: string;
  readonly side: 'buy' | 'sell' | null;
  readonly units: number | null;
  readonly type: string;
  readonly price: number | null;
}

/** Something that a halt could not prove, and what a person should do. */
export interface NotProven {
  readonly broker: string;
  readonly account: string;
  /** `broker`: it could not be asked. */
  readonly what: 'broker' | 'order' | 'engine' | 'journal';
  readonly order: string | null;
  readonly reason: string;
  readonly next: string;
}

/** An account that is watched after a halt, and what was held there. */
export interface WatchedAccount {
  readonly broker: string;
  readonly account: string;
  /** Signed units by instrument, from when nothing new could leave any more; null: not known. */
  readonly held: readonly (readonly [instrument: string, units: number])[] | null;
}

export interface DeskHalt {
  readonly watched: WatchedAccount;
  readonly cancelled: readonly NamedOrder[];
  readonly kept: readonly NamedOrder[];
  readonly notProven: readonly NotProven[];
  readonly engines: readonly EngineReport[];
}

export interface HaltTask {
  readonly halt: HaltLine;
  /** The latch is on disk. Without it a session would go on: it is killed at once. */
  readonly latched: boolean;
  readonly from: Surroundings;
  readonly time: SweepTime;
  note(text: string): void;
}

/** What a halt finds on its machine: the simulator passes its own. */
export interface HaltParts {
  readonly openDesk: typeof openDesk;
  readonly takeFence: typeof takeFence;
  readonly awaitEngine: typeof awaitEngine;
  readonly killSessions: typeof killSessions;
  readonly killStopped: typeof killStopped;
  readonly livingSessions: typeof livingSessions;
  readonly readOrderLog: (folder: string) => OrderLog;
}

const REAL_PARTS: HaltParts = {
  ...{ openDesk, takeFence, awaitEngine, killSessions, killStopped, livingSessions },
  readOrderLog,
};

/** Cancels are tried for this long, ms. */
const PATIENCE_MS = 8_000;

/** What a halt does at one account: the fence, the sweep, what is in doubt; the proof, or what is missing of it. */
export async function haltDesk(desk: Desk, task: HaltTask, parts: HaltParts = REAL_PARTS): Promise<DeskHalt> {
  const { halt, from, time } = task;
  const since = time.mono();
  const engines: EngineReport[] = [];
  const missing: NotProven[] = [];
  const lacks = (what: NotProven['what'], order: string | null, reason: string, next: string): void => {
    missing.push({ broker: desk.broker, account: desk.account, what, order, reason, next });
  };
  const killed = (task.latched ? parts.killStopped : parts.killSessions)(from.home, desk);
  // Loaded while the fence is waited for; what fails is told below.
  const opening = parts.openDesk(desk, from);
  opening.catch(() => undefined);
  const fence = await parts.takeFence(from.home, desk, time);
  fence.lock?.release();
  if (fence.lock === undefined) {
    const next = 'find the process that trades in this account and end it, then halt again';
    lacks('engine', null, 'another process is in the middle of sending an order and cannot be ended', next);
  }
  const ended = new Set([...killed, ...fence.killed]);
  for (const pid of ended) {
    engines.push({ book: desk.books[0]?.name ?? '', pid, confirmed: false, killed: true });
  }
  const { broker, account } = desk;
  let held: WatchedAccount['held'] = null;
  let venue: Venue | undefined;
  try {
    venue = await opening;
    // The first pass at once: what works now goes while the sessions answer.
    const doubts = new Doubts(desk, venue, task, parts);
    const [first, , ...told] = await Promise.all([
      sweepDesk(venue, task, doubts),
      heldAt(venue).then((found) => {
        held = found;
      }),
      ...desk.books.map((book) => parts.awaitEngine(book.folder, book.name, halt.id, since, time)),
    ]);
    engines.push(...told.flatMap((one) => (one === undefined || ended.has(one.pid) ? [] : one)));
    // Whatever a killed session sent last is found by a sweep that begins after its end.
    const again = told.some((one) => one?.killed) ? await sweepDesk(venue, task, doubts) : undefined;
    const last = again ?? first;
    // Without a latch nothing keeps a session that lives from sending again.
    const living = task.latched ? [] : parts.livingSessions(from.home, desk);
    for (const [what, order, reason, next] of lacking(last, doubts, living)) lacks(what, order, reason, next);
    const name = (order: VenueOrder) => namedOrder(desk, order);
    const cancelled = new Map([...first.cancelled, ...last.cancelled].map((order) => [order.venueId, order]));
    const kept = last.kept.map(name);
    const watched = { broker, account, held };
    return { watched, cancelled: [...cancelled.values()].map(name), kept, notProven: missing, engines };
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    lacks('broker', null, error.message, error.next);
    return { watched: { broker, account, held }, cancelled: [], kept: [], notProven: missing, engines };
  } finally {
    venue?.close();
  }
}

type Lack = readonly [what: NotProven['what'], order: string | null, reason: string, next: string];

/** What is not proven after the last sweep. */
function lacking({ left, quiet }: Swept, doubts: Doubts, living: readonly number[]): readonly Lack[] {
  const comes: Lack = ['order', null, 'orders kept coming', 'halt again; look at the account at the broker'];
  return [
    ...left.map((one): Lack => ['order', one.order.venueId, one.why, byHand(one)]),
    ...(quiet || left.length > 0 ? [] : [comes]),
    ...living.map((pid): Lack => {
      return ['engine', null, `process ${pid} trades on: it could not be ended, and there is no latch`, END_BY_HAND];
    }),
    ...doubts.unproven().map(({ order, reason }): Lack => ['order', order, reason, LOOK_BY_HAND]),
    ...doubts.damage.map((reason): Lack => ['journal', null, reason, LOOK_BY_HAND]),
  ];
}

/** For the watch that comes after; a halt does not depend on it. */
async function heldAt(venue: Venue): Promise<WatchedAccount['held']> {
  try {
    return (await venue.positions()).map(({ instrument, units }) => [instrument, units] as const);
  } catch {
    return null;
  }
}

const END_BY_HAND = 'end that process (kill -9 as its user), then halt again where the home can be written';
const LOOK_BY_HAND = 'look at the account at the broker and cancel by hand what should not be there';

const byHand = ({ order }: Stubborn): string =>
  `cancel order ${order.venueId} (${order.instrument}) at the broker by hand`;

function sweepDesk(venue: Venue, task: HaltTask, doubts: Doubts) {
  return sweep({
    venue,
    time: task.time,
    wanted: (order) => !order.reduceOnly && isInScope(task.halt.scope, order, doubts),
    pending: () => doubts.mayArrive(),
    patienceMs: PATIENCE_MS,
  });
}

/** True for what the halt is about; orders of others too, since they can grow risk as well, but not of another strategy. */
function isInScope(scope: HaltScope, order: VenueOrder, doubts: Doubts): boolean {
  if (scope.startsWith('instrument:')) return scope === `instrument:${order.instrument}`;
  if (scope.startsWith('strategy:')) return doubts.isOf(scope, order);
  return true;
}

/** The order, as a person may look it up. */
export function namedOrder({ broker, account }: Desk, order: VenueOrder): NamedOrder {
  const { venueId, clientId, instrument, side, units, type } = order;
  return {
    broker,
    account,
    venueId,
    clientId: clientId ?? null,
    ours: clientId?.startsWith(OUR_PREFIX) ?? false,
    instrument,
    side: side ?? null,
    units: units ?? null,
    type,
    price: order.price ?? order.stopPrice ?? null,
  };
}

interface Answered {
  absent: number;
  settled: boolean;
}

/** Orders that were sent and not answered: what a halt must see dead before it says that nothing works. */
class Doubts {
  readonly #desk: Desk;
  readonly #venue: Venue;
  readonly #task: HaltTask;
  readonly #parts: HaltParts;
  readonly #answered = new Map<ClientId, Answered>();
  #logs: readonly { readonly name: string; readonly log: OrderLog }[] = [];
  readonly #told = new Set<string>();
  damage: readonly string[] = [];

  constructor(desk: Desk, venue: Venue, task: HaltTask, parts: HaltParts) {
    this.#desk = desk;
    this.#venue = venue;
    this.#task = task;
    this.#parts = parts;
    this.#read();
  }

  isOf(scope: HaltScope, { venueId, clientId }: VenueOrder): boolean {
    return this.#logs.some(({ name, log }) => {
      if (scope !== `strategy:${name}`) return false;
      return log.orders.byVenueId(venueId) !== undefined || (clientId !== undefined && log.orders.find(clientId));
    });
  }

  /** Asks for each; true while one may still begin to work. */
  async mayArrive(): Promise<boolean> {
    this.#read();
    let waits = false;
    for (const order of this.#open()) waits = (await this.#ask(order)) || waits;
    return waits;
  }

  unproven(): readonly { readonly order: string; readonly reason: string }[] {
    const open = this.#open().map(({ clientId, id }) => ({
      order: clientId,
      reason: `${id} was sent and never answered; the broker knows nothing of it, and that proves nothing`,
    }));
    const strays = this.#logs.flatMap(({ log }) => log.strays);
    const lost = strays.map((order) => ({ order, reason: 'what it was cannot be read in the damaged journal' }));
    return [...open, ...lost];
  }

  async #ask(order: LiveOrder): Promise<boolean> {
    const { clientId, cursor } = order;
    const { rules } = this.#venue;
    const answered = this.#answered.get(clientId) ?? { absent: 0, settled: false };
    this.#answered.set(clientId, answered);
    const found = await this.#venue.lookUp(clientId, cursor ?? '0');
    const { time, from } = this.#task;
    const leftMs = rules.settleWindowMs - sentAgo(order, time, from.clock.now());
    const isPast = leftMs <= 0;
    if (found.kind !== 'absent') answered.settled = true;
    else if (isPast) answered.absent++;
    if (rules.lateRequestsExpire && answered.absent >= 2) answered.settled = true;
    if (answered.settled || isPast) return false;
    if (!this.#told.has(clientId)) {
      const seconds = Math.ceil(leftMs / 1_000);
      this.#task.note(`order ${clientId} was sent and not answered: waiting up to ${seconds} s for it to show`);
      this.#told.add(clientId);
    }
    return true;
  }

  #open(): readonly LiveOrder[] {
    const { scope } = this.#task.halt;
    return this.#logs.flatMap(({ name, log }) => {
      if (scope.startsWith('strategy:') && scope !== `strategy:${name}`) return [];
      return log.orders.inDoubt().filter(({ intent, clientId }) => {
        if (scope.startsWith('instrument:') && scope !== `instrument:${intent.instrument}`) return false;
        return !intent.reduceOnly && this.#answered.get(clientId)?.settled !== true;
      });
    });
  }

  #read(): void {
    const damage: string[] = [];
    this.#logs = this.#desk.books.flatMap((book) => {
      try {
        const log = this.#parts.readOrderLog(book.folder);
        // Damage matters only while something of that time may still be on its way.
        const isRecent = this.#task.from.clock.now() - (log.writtenAt ?? 0) < this.#venue.rules.settleWindowMs;
        if (log.badLines > 0 && isRecent) {
          damage.push(`the journal of ${book.name} has ${log.badLines} line(s) that cannot be read`);
        }
        return [{ name: book.arguments['name'] ?? book.strategy ?? '', log }];
      } catch (error) {
        damage.push((error as Error).message);
        return [];
      }
    });
    this.damage = damage;
  }
}
