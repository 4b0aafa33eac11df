import { roundTo } from '../base/num.js';
import type { InstrumentId } from '../model/ids.js';
import type { VenueOrder, VenuePosition } from '../ports/venue.js';
import { isFinal, type LiveOrder } from './live-orders.js';

/** Something the venue and we see differently. Never mended by trading: it blocks new risk until a person decides. */
export interface Break {
  /** `b1`, `b2`: to speak about it. */
  readonly id: string;
  readonly kind:
    | 'position'
    | 'cash'
    | 'unknown-order'
    | 'missing-order'
    | 'foreign-order'
    | 'order-size'
    | 'unprotected';
  /** Undefined for the whole account. */
  readonly instrument: InstrumentId | undefined;
  readonly ours: number | string | null;
  readonly theirs: number | string | null;
  readonly message: string;
}

/** What we believe, to be compared. */
export interface OurSide {
  readonly cash: number;
  /** Signed units that our fills add up to. */
  readonly positions: ReadonlyMap<InstrumentId, number>;
  /** Orders of ours; those that ended are known too, and must not work over there. */
  readonly orders: readonly LiveOrder[];
}

/** What the venue says, read between two equal lists of open orders. */
export interface TheirSide {
  readonly cash: number;
  readonly positions: readonly VenuePosition[];
  readonly orders: readonly VenueOrder[];
}

export interface Tolerance {
  /** Smallest step of size of an instrument. */
  lotStep(instrument: InstrumentId): number;
  /** Decimals in which the venue books cash. */
  readonly cashDigits: number;
}

/** Orders whose client id begins so are ours; `tag` is the deployment's two characters. */
export const OUR_PREFIX = 'fx';

/**
 * Every difference between our side and the venue's, numbered, in a fixed order: the same sides give the same breaks however
 * their lists are ordered, and reconciling twice changes nothing. An order in doubt is not a difference: the resolver has it.
 */
export function findBreaks(ours: OurSide, theirs: TheirSide, tolerance: Tolerance): readonly Break[] {
  const found = [
    ...positionBreaks(ours, theirs, tolerance),
    ...cashBreaks(ours, theirs, tolerance),
    ...orderBreaks(ours, theirs),
  ];
  return found.map((one, index) => ({ id: `b${index + 1}`, ...one }));
}

type Found = Omit<Break, 'id'>;

function positionBreaks(ours: OurSide, theirs: TheirSide, tolerance: Tolerance): Found[] {
  const there = new Map(theirs.positions.map((position) => [position.instrument, position.units]));
  const instruments = [...new Set([...ours.positions.keys(), ...there.keys()])].sort();
  return instruments.flatMap((instrument): Found[] => {
    const [mine, other] = [ours.positions.get(instrument) ?? 0, there.get(instrument) ?? 0];
    // Equal is equal, also where nobody knows the lots.
    if (mine === other || Math.abs(mine - other) < tolerance.lotStep(instrument) / 2) return [];
    const message = `${instrument}: our fills add up to ${mine} units, the account holds ${other}`;
    return [{ kind: 'position', instrument, ours: mine, theirs: other, message }];
  });
}

function cashBreaks(ours: OurSide, theirs: TheirSide, tolerance: Tolerance): Found[] {
  const step = 10 ** -tolerance.cashDigits;
  const [mine, other] = [roundTo(ours.cash, step), roundTo(theirs.cash, step)];
  if (Math.abs(mine - other) < 0.005) return [];
  const message = `cash: we count ${mine}, the account says ${other}`;
  return [{ kind: 'cash', instrument: undefined, ours: mine, theirs: other, message }];
}

function orderBreaks(ours: OurSide, theirs: TheirSide): Found[] {
  const known = new Map(ours.orders.map((order) => [order.clientId as string, order]));
  const byVenue = new Map(
    ours.orders.flatMap((order) => (order.venueId === undefined ? [] : [[order.venueId, order] as const])),
  );
  const seen = new Set<LiveOrder>();
  const found: Found[] = [];
  for (const order of [...theirs.orders].sort((a, b) => (a.venueId < b.venueId ? -1 : 1))) {
    const mine = byVenue.get(order.venueId) ?? (order.clientId === undefined ? undefined : known.get(order.clientId));
    if (mine !== undefined) {
      seen.add(mine);
      if (isForgotten(mine)) found.push(endedHere(mine, order));
      continue;
    }
    found.push(unknownOrder(order));
  }
  for (const order of [...ours.orders].sort((a, b) => (a.clientId < b.clientId ? -1 : 1))) {
    if (order.state !== 'working' || seen.has(order)) continue;
    const message = `${order.id} (${order.clientId}) works in our book and not at the venue`;
    found.push({
      kind: 'missing-order',
      instrument: order.intent.instrument,
      ours: order.clientId,
      theirs: null,
      message,
    });
  }
  return found;
}

/**
 * What the venue itself has ended. It may have a second one under another number, when a request arrived twice: a stop or a
 * target of ours, which whoever looks after what is held keeps or takes back.
 */
const ENDED_THERE: ReadonlySet<LiveOrder['state']> = new Set(['cancelled', 'expired']);

/** Works over there, and whoever decides and limits knows nothing of it. Of exits that is so only where we gave them up. */
function isForgotten({ state, intent, revived = false }: LiveOrder): boolean {
  if (!isFinal(state)) return revived && !intent.reduceOnly;
  return !(intent.reduceOnly && ENDED_THERE.has(state));
}

/** We took it for dead: nobody would ever cancel it, and no limit counts it. */
function endedHere({ id, clientId, state, intent, revived }: LiveOrder, { venueId }: VenueOrder): Found {
  const was = revived === true ? 'was given up for dead' : `is ${state}`;
  const message = `${id} (${clientId}) works at the venue as order ${venueId} and ${was} in our book`;
  return { kind: 'unknown-order', instrument: intent.instrument, ours: clientId, theirs: venueId, message };
}

/** With our prefix it is one that this book forgot (a restored backup, another machine); without, it is somebody else's. */
function unknownOrder({ venueId, clientId, instrument }: VenueOrder): Found {
  const forgotten = clientId?.startsWith(OUR_PREFIX) ?? false;
  const kind = forgotten ? 'unknown-order' : 'foreign-order';
  const whose = forgotten ? `carries our mark ${clientId} and is in no journal of this book` : 'is not ours';
  return { kind, instrument, ours: null, theirs: venueId, message: `order ${venueId} in ${instrument} ${whose}` };
}
