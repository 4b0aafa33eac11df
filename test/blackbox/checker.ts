import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxTruth } from '../../src/brokers/oanda/sandbox/message.js';
import type { Arrived } from './quick-venue.js';
import { clientOf, type Row, readBook, type Told } from './read-book.js';

export interface Evidence {
  /** The book's folder. */
  readonly folder: string;
  readonly home: string;
  readonly truth: SandboxTruth;
  readonly arrived: readonly Arrived[];
}

export interface Verdict {
  /** Everything that should not be; empty when all is well. */
  readonly problems: readonly string[];
  readonly intents: number;
  /** Orders that the venue has on record as sent by a client. */
  readonly orders: number;
  readonly fills: number;
  readonly duplicates: number;
  readonly lost: number;
}

type Outcome = 'filled' | 'cancelled' | 'expired' | 'refused' | 'abandoned' | 'never-arrived';

interface Story {
  readonly units: number;
  attempts: number;
  accepted: boolean;
  filled: number;
  readonly outcomes: Outcome[];
}

/**
 * Holds what the venue knows against what the disk knows, after the last session has ended. Reads nothing else and uses no
 * line of the program: it parses, hashes and adds up by itself.
 */
export function check({ folder, home, truth, arrived }: Evidence): Verdict {
  const { rows, broken, torn } = readBook(folder);
  const problems = broken.map((what) => `journal: ${what}`);
  if (torn > 0) problems.push(`journal: ${torn} bytes of a torn line were left`);
  if (existsSync(join(home, 'HALT'))) problems.push('a halt was set');
  const stories = storiesOf(rows);
  const children = new Set(rows.filter((row) => row['type'] === 'child').map(clientOf));
  const duplicates = duplicatesOf(truth, arrived);
  const lost = lostOf(truth, stories, children);
  problems.push(...duplicates, ...lost, ...outcomesOf(stories, truth));
  problems.push(...fillsOf(rows, truth), ...cashOf(rows, truth), ...positionsOf(rows, truth));
  problems.push(...interestOf(rows, truth));
  return {
    problems,
    intents: stories.size,
    orders: truth.orders.filter(({ reason }) => reason === 'CLIENT_ORDER').length,
    fills: truth.fills.length,
    duplicates: duplicates.length,
    lost: lost.length,
  };
}

function toldOf(rows: readonly Row[]): readonly Told[] {
  return rows.filter((row) => row['type'] === 'venue').map((row) => row['event'] as unknown as Told);
}

function storiesOf(rows: readonly Row[]): ReadonlyMap<string, Story> {
  const stories = new Map<string, Story>();
  for (const row of rows) {
    const client = clientOf(row);
    if (row['type'] === 'submit') {
      const { units } = (row['order'] as { intent: { units: number } }).intent;
      stories.set(client, { units, attempts: 0, accepted: false, filled: 0, outcomes: [] });
      continue;
    }
    const story = stories.get(client);
    if (story !== undefined) tell(story, row);
  }
  return stories;
}

function tell(story: Story, row: Row): void {
  const event = row['type'] === 'venue' ? (row['event'] as unknown as Told) : undefined;
  switch (event?.kind ?? row['type']) {
    case 'attempt':
      story.attempts++;
      break;
    case 'accepted':
      story.accepted = true;
      break;
    case 'filled':
      story.filled += event?.units ?? 0;
      if (event?.last === true || story.filled >= story.units) story.outcomes.push('filled');
      break;
    case 'cancelled':
    case 'expired':
      if (event !== undefined) story.outcomes.push(event.kind as Outcome);
      break;
    case 'refusal':
    case 'refused':
      if (story.outcomes.at(-1) !== 'refused') story.outcomes.push('refused');
      break;
    case 'abandoned':
    case 'never-arrived':
      story.outcomes.push(row['type'] as Outcome);
      break;
    default:
  }
}

/** An intent that acted more than once. */
function duplicatesOf({ orders }: SandboxTruth, arrived: readonly Arrived[]): string[] {
  const there = new Map<string, number>();
  const over = new Map<string, number>();
  for (const { clientId, reason } of orders) {
    if (reason === 'CLIENT_ORDER' && clientId !== undefined) there.set(clientId, (there.get(clientId) ?? 0) + 1);
  }
  for (const { clientId } of arrived) over.set(clientId, (over.get(clientId) ?? 0) + 1);
  const twice = (counts: ReadonlyMap<string, number>, what: string): string[] =>
    [...counts].filter(([, count]) => count > 1).map(([id, count]) => `duplicate: ${id} ${what} ${count} times`);
  return [...twice(there, 'became an order'), ...twice(over, 'was sent')];
}

/** What the venue has from us and the journal has not. */
function lostOf(
  { orders }: SandboxTruth,
  stories: ReadonlyMap<string, Story>,
  children: ReadonlySet<string>,
): string[] {
  return orders
    .filter(({ clientId }) => clientId?.startsWith('fx'))
    .filter(({ clientId = '' }) => !stories.has(clientId) && !children.has(clientId))
    .map(({ clientId, id, reason }) => `lost: order ${id} (${clientId}, ${reason}) is not in the journal`);
}

function outcomesOf(stories: ReadonlyMap<string, Story>, { orders }: SandboxTruth): string[] {
  const problems: string[] = [];
  const there = new Map<string, string>();
  // A fill in part leaves a second order under the same id, the newest says how it stands; a request that came twice was refused once.
  for (const { clientId = '', state } of orders) {
    if (state !== 'REFUSED' || !there.has(clientId)) there.set(clientId, state);
  }
  for (const [id, { attempts, accepted, outcomes, units, filled }] of stories) {
    const said = (what: string) =>
      problems.push(`${id} ${what} (journal: ${outcomes.join('+') || 'open'}, venue: ${there.get(id) ?? 'never'})`);
    if (attempts > 1) said(`was attempted ${attempts} times`);
    if (filled > units) said(`filled ${filled} of ${units}`);
    const state = there.get(id);
    if (state === 'PENDING' ? outcomes.length !== 0 : outcomes.length !== 1) said('has not exactly one outcome');
    if (!accepted && state !== undefined && state !== 'REFUSED') said('is at the venue, and nobody said so');
    const [end] = outcomes;
    if (end !== undefined && !AGREES[end].includes(state ?? 'never')) said('ended otherwise than at the venue');
  }
  return problems;
}

/** How the venue may have it that an order ended so. */
const AGREES: Readonly<Record<Outcome, readonly string[]>> = {
  filled: ['FILLED'],
  cancelled: ['CANCELLED'],
  expired: ['CANCELLED'],
  refused: ['REFUSED', 'never'],
  abandoned: ['never'],
  'never-arrived': ['never'],
};

function fillsOf(rows: readonly Row[], { fills }: SandboxTruth): string[] {
  const told = toldOf(rows).filter(({ kind }) => kind === 'filled');
  const ours = told.map(({ id, instrument = '', side, units = 0, price }) => {
    return `${id} ${instrument.replace('/', '_')} ${side === 'sell' ? -units : units} ${price}`;
  });
  const theirs = fills.map(({ transactionId, instrument, units, price }) => {
    return `${transactionId} ${instrument} ${units} ${price}`;
  });
  return differences('fill', ours, theirs);
}

function differences(what: string, ours: readonly string[], theirs: readonly string[]): string[] {
  const [mine, others] = [new Set(ours), new Set(theirs)];
  const twice = ours.length - mine.size;
  return [
    ...(twice > 0 ? [`${what}: ${twice} stand twice in the journal`] : []),
    ...theirs.filter((one) => !mine.has(one)).map((one) => `${what} only at the venue: ${one}`),
    ...ours.filter((one) => !others.has(one)).map((one) => `${what} only in the journal: ${one}`),
  ];
}

/** To the cent: what came in and what each fill made, against the balance. The venue books ten-thousandths. */
function cashOf(rows: readonly Row[], { accounts, cash }: SandboxTruth): string[] {
  const balance = accounts[0]?.balance ?? Number.NaN;
  const capital = cash.find(({ why }) => why === 'transfer')?.amount ?? Number.NaN;
  let parts = Math.round(capital * PARTS);
  for (const { kind, realizedPnl = 0, commission = 0, financing = 0, cost = 0, amount = 0 } of toldOf(rows)) {
    if (kind === 'transfer') parts += Math.round(amount * PARTS);
    if (kind === 'filled') parts += Math.round((realizedPnl - commission - financing) * PARTS);
    if (kind === 'financing') parts -= Math.round(cost * PARTS);
  }
  const booked = cash.reduce((sum, one) => sum + Math.round(one.amount * PARTS), 0);
  const there = Math.round(balance * PARTS);
  const differs = (one: number): boolean => Math.abs(one - there) >= PARTS / 200;
  const problems: string[] = [];
  if (differs(booked)) problems.push(`cash: the venue booked ${booked / PARTS}, its balance is ${balance}`);
  if (differs(parts)) problems.push(`cash: the journal adds up to ${parts / PARTS}, the venue has ${balance}`);
  return problems;
}

/** Interest, charge by charge: the venue books one sum for all trades, the journal one line an instrument. */
function interestOf(rows: readonly Row[], { cash }: SandboxTruth): string[] {
  const ours = new Map<string, number>();
  for (const { kind, id, cost = 0 } of toldOf(rows)) {
    if (kind !== 'financing') continue;
    const [charge = ''] = id.split(':');
    ours.set(charge, (ours.get(charge) ?? 0) - Math.round(cost * PARTS));
  }
  const theirs = cash.filter(({ why }) => why === 'financing');
  return differences(
    'interest',
    [...ours].map(([id, parts]) => `${id} ${parts / PARTS}`),
    theirs.map(({ transactionId, amount }) => `${transactionId} ${amount}`),
  );
}

const PARTS = 10_000;

function positionsOf(rows: readonly Row[], { positions }: SandboxTruth): string[] {
  const ours = new Map<string, number>();
  for (const { kind, instrument = '', side, units = 0 } of toldOf(rows)) {
    if (kind !== 'filled') continue;
    const name = instrument.replace('/', '_');
    ours.set(name, (ours.get(name) ?? 0) + (side === 'sell' ? -units : units));
  }
  const held = [...ours].filter(([, units]) => units !== 0).map(([name, units]) => `${name} ${units}`);
  return differences(
    'position',
    held,
    positions.map(({ instrument, units }) => `${instrument} ${units}`),
  );
}
