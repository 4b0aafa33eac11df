import type { Running } from './program.js';
import { linesOf } from './program.js';
import { Rehearsal, type RehearsalOptions } from './rehearsal.js';

/** One thing that was seen, or was not. */
export interface Step {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Drill {
  readonly name: string;
  readonly title: string;
  /** Steps as they are seen; the drill is passed when all are ok. */
  run(options: RehearsalOptions): AsyncIterable<Step>;
}

const PATIENCE_MS = 30_000;
const WATCH_MS = 3_000;
/** Longer than a quote of a limit order may be old. */
const STALL_MS = 16_000;

const step = (what: string, ok: boolean, detail = ''): Step => ({ what, ok, detail });

/** Orders that the program sent by itself, at the broker. */
const sent = (rehearsal: Rehearsal) => rehearsal.truth().orders.filter(({ reason }) => reason === 'CLIENT_ORDER');
const pending = (rehearsal: Rehearsal) => rehearsal.truth().orders.filter(({ state }) => state === 'PENDING');

/** Runs `body` with a session that has a position, its stop, and an order that waits. */
async function* withSession(
  options: RehearsalOptions,
  body: (rehearsal: Rehearsal, session: Running) => AsyncIterable<Step>,
): AsyncIterable<Step> {
  const rehearsal = await Rehearsal.begin(options);
  const session = rehearsal.start(rehearsal.session(['--duration', '10m']));
  try {
    const fill = await session.sees(({ kind }) => kind === 'fill', PATIENCE_MS, rehearsal.wait);
    yield step(
      'a session trades',
      fill !== undefined,
      fill === undefined ? whyNot(session) : 'a fill, its stop at the broker',
    );
    if (fill !== undefined) yield* body(rehearsal, session);
  } finally {
    session.kill('SIGKILL');
    await session.ended;
    await rehearsal.end();
  }
}

async function* halt(options: RehearsalOptions): AsyncIterable<Step> {
  yield* withSession(options, async function* (rehearsal, session) {
    const halted = await rehearsal.run(['halt', '--reason', 'drill']);
    const data = dataOf(halted.stdout);
    yield step('halt proves that nothing more can open', halted.code === 0, `exit ${halted.code}`);
    yield step('protective stops stay', listOf(data, 'kept') > 0, `${listOf(data, 'kept')} kept`);
    const before = sent(rehearsal).length;
    await rehearsal.wait(WATCH_MS);
    const after = sent(rehearsal).length;
    yield step('nothing was sent afterwards', after === before, `${after - before} orders in ${WATCH_MS / 1000} s`);
    session.kill('SIGKILL');
    await session.ended;
    const again = await rehearsal.run(rehearsal.session(['--once']));
    yield step('a new session is refused', again.code === 5, `exit ${again.code}`);
  });
}

async function* closeAll(options: RehearsalOptions): AsyncIterable<Step> {
  yield* withSession(options, async function* (rehearsal) {
    const plan = await rehearsal.run(['close-all', '--dry-run']);
    yield step('--dry-run shows the plan', plan.code === 0, `exit ${plan.code}`);
    const closed = await rehearsal.run(['close-all', '--confirm', rehearsal.account]);
    yield step('close-all proves flat', closed.code === 0, `exit ${closed.code}`);
    const { positions } = rehearsal.truth();
    yield step('the broker holds nothing', positions.length === 0, `${positions.length} positions`);
    yield step('no order waits there', pending(rehearsal).length === 0, `${pending(rehearsal).length} orders`);
  });
}

async function* brokerOutage(options: RehearsalOptions): AsyncIterable<Step> {
  yield* withSession(options, async function* (rehearsal, session) {
    await rehearsal.cut();
    const told = ({ kind, state }: Readonly<Record<string, unknown>>, wanted: string) =>
      kind === 'broker' && state === wanted;
    const down = await session.sees((line) => told(line, 'down'), 60_000, rehearsal.wait);
    yield step('the outage is told', down !== undefined);
    await rehearsal.mend();
    const up = await session.sees((line) => told(line, 'up'), 60_000, rehearsal.wait);
    yield step('the session goes on when the broker is back', up !== undefined);
    const ids = sent(rehearsal).map(({ clientId }) => clientId);
    yield step('no order was sent twice', new Set(ids).size === ids.length, `${ids.length} orders`);
  });
}

async function* staleFeed(options: RehearsalOptions): AsyncIterable<Step> {
  const faults = {
    rules: [{ on: 'price-stream', call: 1, fault: { kind: 'stall', ms: STALL_MS } }],
    events: [],
  } as const;
  yield* withSession(
    { ...options, faults: { rules: [...faults.rules], events: [] } },
    async function* (rehearsal, session) {
      const told = ({ kind, state }: Readonly<Record<string, unknown>>, wanted: string) =>
        kind === 'feed' && state === wanted;
      const stale = await session.sees((line) => told(line, 'stale'), 60_000, rehearsal.wait);
      yield step('the silence is told', stale !== undefined);
      const fresh = await session.sees((line) => told(line, 'fresh'), 60_000, rehearsal.wait);
      yield step('so is its end', fresh !== undefined);
    },
  );
}

async function* fullDisk(options: RehearsalOptions): AsyncIterable<Step> {
  const rehearsal = await Rehearsal.begin(options);
  try {
    // Blocks of 512 bytes: the journal hits the limit in the middle of a session.
    const full = await rehearsal.run(rehearsal.session(['--once']), 8);
    yield step('the session ends and says why', full.code === 7, `exit ${full.code}`);
    const journal = rehearsal.journal();
    const unrecorded = sent(rehearsal).filter(({ clientId }) => clientId === undefined || !journal.includes(clientId));
    yield step('no order left without its record', unrecorded.length === 0, `${unrecorded.length} orders`);
    await rehearsal.run(['resume', '--reason', 'drill: the disk has room again', '--confirm', rehearsal.account]);
    const again = await rehearsal.run(rehearsal.session(['--once']));
    yield step('with room it goes on', again.code === 0, `exit ${again.code}`);
  } finally {
    await rehearsal.end();
  }
}

async function* crash(options: RehearsalOptions): AsyncIterable<Step> {
  const rehearsal = await Rehearsal.begin(options);
  try {
    const first = rehearsal.start(rehearsal.session(['--duration', '10m']));
    const order = await first.sees(({ kind }) => kind === 'order', PATIENCE_MS, rehearsal.wait);
    first.kill('SIGKILL');
    await first.ended;
    yield step('killed right after it decided on an order', order !== undefined);
    const once = rehearsal.session(['--once']);
    let again = await rehearsal.run(once);
    // Killed between the record and its bytes: the broker knows nothing of the order, and only a person calls it dead.
    const isInDoubt = again.code === 7;
    if (isInDoubt) {
      const looked = ['--reason', 'drill: looked at the account', '--confirm', rehearsal.account];
      await rehearsal.run(['resume', '--adopt', ...looked]);
      again = await rehearsal.run(once);
    }
    const how = isInDoubt ? ', after a person looked at an order in doubt (resume --adopt)' : '';
    yield step('the next start recovers', again.code === 0, `exit ${again.code}${how}`);
    const ids = sent(rehearsal).map(({ clientId }) => clientId);
    yield step('no order was sent twice', new Set(ids).size === ids.length, `${ids.length} orders`);
    const audit = await rehearsal.run(['audit', 'verify']);
    yield step('the journal is whole', audit.code === 0 || audit.code === 4, `exit ${audit.code}`);
  } finally {
    await rehearsal.end();
  }
}

export const DRILLS: readonly Drill[] = [
  { name: 'halt', title: 'the kill switch while a session trades', run: halt },
  { name: 'close-all', title: 'everything flat while a session trades', run: closeAll },
  { name: 'broker-outage', title: 'the broker cannot be reached for a while', run: brokerOutage },
  { name: 'stale-feed', title: 'prices stop and the connection stays', run: staleFeed },
  { name: 'full-disk', title: 'the disk takes nothing more', run: fullDisk },
  { name: 'crash', title: 'the program is killed with an order on its way', run: crash },
];

/** What a session said last. */
function whyNot(session: Running): string {
  const error = session.lines().at(-1)?.['error'] as { message?: string } | undefined;
  return error?.message ?? 'no fill';
}

function dataOf(stdout: string): Readonly<Record<string, unknown>> {
  const [answer] = linesOf(stdout);
  return (answer?.['data'] ?? {}) as Readonly<Record<string, unknown>>;
}

function listOf(data: Readonly<Record<string, unknown>>, key: string): number {
  const list = data[key];
  return Array.isArray(list) ? list.length : 0;
}
