import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';
import { liveDesk } from '../../helpers/live-desk.js';

type LiveDesk = Awaited<ReturnType<typeof liveDesk>>;
/** The default in live is to ask; a long life, so that two runs of a program lie within it, and a wide band. */
const ASKING =
  '--set approval.required=live --set approval.timeout=2h --set approval.bandBps=500 --set risk.priceCollarBps=500 --set risk.maxSlippageBps=500';

/** Wants one position and keeps it, so that a minute that ends between two runs changes nothing. */
const HOLDER = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'holder',
  params: {},
  create: ({ instruments: [{ id: instrument }] }) => ({
    onSlice: (view) => (view.units(instrument) === 0 && !view.pending(instrument)
      ? { kind: 'target', instrument, weight: 0.05, reason: 'hold' }
      : undefined),
    save: () => null,
    load: () => undefined,
  }),
});
`;
const strategy = join(mkdtempSync(join(tmpdir(), 'fxtrade-holder-')), 'holder.mjs');
writeFileSync(strategy, HOLDER);

let program: BuiltProgram;
let desk: LiveDesk | undefined;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());
afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

const onceIn = (live: LiveDesk) =>
  live.run(`live ${strategy} --instruments EUR/USD --timeframe 1m --once --confirm ${live.account} --json ${ASKING}`);
const sentTo = (live: LiveDesk) => live.standIn.truth().orders.filter(({ reason }) => reason === 'CLIENT_ORDER');
const waitingIn = async (live: LiveDesk) => {
  const { stdout } = await live.run('approve --list --json');
  return (JSON.parse(stdout) as { data: { orders: { id: string; side: string; account: string }[] } }).data.orders;
};
const askedOf = (live: LiveDesk) =>
  live.journal().find(({ type }) => type === 'ask')?.['request'] as { id: string; nonce: string } | undefined;
const typesOf = (live: LiveDesk) => live.journal().map((record) => String(record['type']));

describe('a live session', () => {
  it('asks before an entry leaves; a yes sends it once, through journal and last look', async () => {
    const live = await liveDesk(program);
    desk = live;
    const { code, stderr } = await onceIn(live);
    expect(code, stderr).toBe(0);
    expect(sentTo(live)).toEqual([]);
    const [waiting, ...others] = await waitingIn(live);
    const asked = askedOf(live);
    expect([waiting?.account, others]).toEqual([`oanda ${live.account}`, []]);

    const yes = await live.run(`approve ${asked?.id} --accept --reason looked --json`);
    expect(yes.code, yes.stdout).toBe(0);
    expect(JSON.parse(yes.stdout)).toMatchObject({ data: { answered: [{ outcome: 'accepted', sessionRuns: false }] } });

    const next = await onceIn(live);
    expect(next.code, next.stderr).toBe(0);
    expect(sentTo(live)).toHaveLength(1);
    const attempts = live.journal().filter(({ type, clientId }) => type === 'attempt' && clientId === asked?.nonce);
    expect(attempts).toHaveLength(1);
    const types = typesOf(live).filter((type) => ['ask', 'approved', 'submit', 'attempt', 'accepted'].includes(type));
    expect(types.slice(0, 5)).toEqual(['ask', 'approved', 'submit', 'attempt', 'accepted']);
    const again = await live.run(`approve ${asked?.id} --reject --json`);
    expect(again.code).toBe(5);
  });

  it('that runs hears a yes within moments', async () => {
    const live = await liveDesk(program);
    desk = live;
    const session = live.run(
      `live ${strategy} --instruments EUR/USD --timeframe 1m --duration 8s --confirm ${live.account} --json ${ASKING}`,
    );
    let waiting = await waitingIn(live);
    while (waiting.length === 0) waiting = await waitingIn(live);
    const yes = await live.run(`approve ${waiting[0]?.id} --accept --json`);
    expect(JSON.parse(yes.stdout)).toMatchObject({ data: { answered: [{ outcome: 'accepted', sessionRuns: true }] } });
    const { code, lines } = await session;
    expect(code).toBe(0);
    expect(sentTo(live)).toHaveLength(1);
    const kinds = lines().map(({ kind }) => kind);
    expect(kinds.filter((kind) => ['ask', 'approval', 'order', 'fill'].includes(String(kind)))).toEqual([
      'ask',
      'approval',
      'order',
      'fill',
    ]);
  });

  it('never sends what was rejected', async () => {
    const live = await liveDesk(program);
    desk = live;
    await onceIn(live);
    const [asked] = await waitingIn(live);
    expect((await live.run(`approve ${asked?.id} --reject --json`)).code).toBe(0);
    expect((await onceIn(live)).code).toBe(0);
    expect(sentTo(live)).toEqual([]);
    expect(typesOf(live)).toContain('declined');
  });
});
