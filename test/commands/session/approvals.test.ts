import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApprovalDecision } from '../../../src/core/approvals/decision.js';
import { decisionOn } from '../../../src/core/approvals/decision.js';
import type { ApprovalRequest } from '../../../src/core/approvals/request.js';
import { replayClock } from '../../../src/core/ports/clock.js';
import { Inbox } from '../../../src/core/state/approvals/inbox.js';
import {
  asKilledNow,
  newHome,
  type PlayedSession,
  playSession,
  type SessionPlan,
} from '../../helpers/paper-session.js';
import { type CliResult, runCli } from '../../helpers/run-cli.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Tuesday 2026-01-06 10:00 UTC, where a bar closes. */
const START = Date.UTC(2026, 0, 6, 10);
const minutes = (...of: readonly number[]) => of.map((minute) => START + minute * MINUTE);
const ASKING = ['approval.required=true', 'approval.timeout=20m'];

const bookOf = (home: string) => join(home, 'books', 'paper-default');
const mailOf = (home: string, name: string) => join(bookOf(home), 'approvals', name);
const requestOf = (home: string, id = 'o-1') => {
  const found = new Inbox(bookOf(home)).request(id);
  if (found === undefined || 'why' in found) throw new Error(`no question about ${id}`);
  return found.request;
};
const approve = (home: string, line: string, at: number): Promise<CliResult> =>
  runCli(`approve ${line} --json`, { home, clock: clockAt(at) });
const clockAt = (at: number) => {
  const clock = replayClock(0);
  clock.observe(at);
  return clock;
};
const told = (played: PlayedSession, kind: string) => played.told.filter((one) => one.kind === kind);
const recorded = (played: PlayedSession, kind: string) => played.records.filter((one) => one.kind === kind);
const play = (plan: Partial<SessionPlan> & Pick<SessionPlan, 'home' | 'looks'>) =>
  playSession({ ...plan, sets: [...ASKING, ...(plan.sets ?? [])] });
const errorOf = (result: CliResult) => (result.json()['error'] as { code: string }).code;

describe('a paper session that asks', () => {
  it('asks before an entry leaves, and sends nothing by itself', async () => {
    const home = newHome();
    const played = await play({ home, looks: minutes(0, 10) });
    expect(recorded(played, 'ask')).toHaveLength(1);
    expect(recorded(played, 'submit')).toEqual([]);
    const { code, json } = await approve(home, '--list', START + 10 * MINUTE);
    const { orders } = json()['data'] as { orders: Record<string, unknown>[] };
    expect([code, orders.length]).toEqual([0, 1]);
    expect(orders[0]).toMatchObject({
      id: 'o-1',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      instrument: 'EUR/USD',
      side: 'buy',
      units: expect.any(Number),
      price: expect.any(Number),
      stopPrice: expect.any(Number),
      worstLoss: expect.any(Number),
      expiresAt: '2026-01-06T10:20:00.000Z',
      book: 'paper-default',
      driftBps: 0,
    });
  });

  it('sends what was accepted; it fills at the first price after the answer', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 1) expect((await approve(home, 'o-1 --accept', START + 5 * MINUTE)).code).toBe(0);
    };
    const played = await play({ home, looks: minutes(0, 5, 6, 60, 120), between });
    expect(told(played, 'approval').map(({ fields }) => fields['outcome'])).toEqual(['accepted']);
    expect(recorded(played, 'submit')).toHaveLength(1);
    const [fill] = recorded(played, 'fill') as { fill: { ts: number; orderId: string } }[];
    expect([fill?.fill.orderId, fill?.fill.ts]).toEqual(['o-1', START + 2 * HOUR]);
  });

  it('never sends what was rejected', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 1) await approve(home, 'o-1 --reject --reason "not today"', START + 5 * MINUTE);
    };
    const played = await play({ home, looks: minutes(0, 5, 6), between });
    expect([recorded(played, 'submit'), played.record.counts]).toMatchObject([[], { orders: 1, refused: 1 }]);
    expect(recorded(played, 'refused')).toMatchObject([
      { failures: [{ limit: 'approval', message: expect.stringContaining('not today') }] },
    ]);
  });

  it('ends what nobody answered at its deadline, and then it is too late', async () => {
    const home = newHome();
    const played = await play({ home, looks: minutes(0, 19, 20, 21) });
    expect(recorded(played, 'withdrawn')).toMatchObject([{ orderId: 'o-1', status: 'expired' }]);
    expect(played.record.counts).toMatchObject({ orders: 1, fills: 0 });
    const late = await approve(home, 'o-1 --accept', START + 21 * MINUTE);
    expect([late.code, errorOf(late)]).toEqual([5, 'APPROVAL.EXPIRED']);
  });

  it('takes back what waits when a halt is set', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look !== 1) return;
      await runCli('halt --reason drill', { home });
      const yes = await approve(home, 'o-1 --accept', START + 5 * MINUTE);
      expect([yes.code, errorOf(yes)]).toEqual([5, 'HALT.ACTIVE']);
    };
    const played = await play({ home, looks: minutes(0, 5, 6, 7), between });
    expect(recorded(played, 'withdrawn')).toMatchObject([{ orderId: 'o-1', status: 'cancelled' }]);
    const after = await approve(home, 'o-1 --reject', START + 7 * MINUTE);
    expect([after.code, errorOf(after)]).toEqual([5, 'APPROVAL.DECIDED']);
  });

  it('judges again at the answer: the price went further than the band', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 2) expect((await approve(home, 'o-1 --accept', START + 95 * MINUTE)).code).toBe(0);
    };
    const sets = ['approval.bandBps=1', 'approval.timeout=3h'];
    const played = await play({ home, looks: minutes(0, 60, 95, 96), between, sets });
    expect(recorded(played, 'submit')).toEqual([]);
    expect(recorded(played, 'refused')).toMatchObject([
      { orderId: 'o-1', failures: [{ limit: 'approval.band', max: 1, unit: 'bps of price' }] },
    ]);
    const shown = new Inbox(bookOf(home)).prices()?.prices['EUR/USD'];
    expect(shown).not.toBe(requestOf(home).referencePrice);
  });

  it('lets a yes through where the price stood still, whatever the band', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 1) await approve(home, 'o-1 --accept', START + 5 * MINUTE);
    };
    const played = await play({ home, looks: minutes(0, 5, 6), between, sets: ['approval.bandBps=0'] });
    expect(recorded(played, 'submit')).toHaveLength(1);
  });
});

describe('the answer of a person', () => {
  it('is one: who comes second is told so', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0) });
    const at = START + 5 * MINUTE;
    expect((await approve(home, 'o-1 --accept', at)).code).toBe(0);
    const second = await approve(home, 'o-1 --reject', at);
    expect([second.code, errorOf(second)]).toEqual([5, 'APPROVAL.DECIDED']);
    expect((await approve(home, '--list', at)).json()['data']).toMatchObject({ orders: [] });
  });

  it.each`
    line                            | code | error
    ${''}                           | ${2} | ${'USAGE.NO_TERMINAL'}
    ${'o-1'}                        | ${2} | ${'USAGE.NO_TERMINAL'}
    ${'--accept'}                   | ${2} | ${'USAGE.MISSING_ID'}
    ${'o-9 --accept'}               | ${2} | ${'USAGE.UNKNOWN_ORDER'}
    ${'../o-1 --accept'}            | ${2} | ${'USAGE.UNKNOWN_ORDER'}
    ${'o-1 --accept --reject'}      | ${2} | ${'USAGE.CONFLICTING_FLAGS'}
    ${'o-1 --accept --amount 7'}    | ${2} | ${'USAGE.WRONG_AMOUNT'}
    ${'o-1 --accept --book nobody'} | ${2} | ${'USAGE.NO_BOOK'}
  `('approve $line: $error', async ({ line, code, error }) => {
    const home = newHome();
    await play({ home, looks: minutes(0) });
    const result = await approve(home, line, START + MINUTE);
    expect([result.code, errorOf(result)]).toEqual([code, error]);
  });

  it('needs the size where it is unusual', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0) });
    const { hash: _, ...request } = requestOf(home);
    const { sealed } = await import('../../../src/core/approvals/request.js');
    new Inbox(bookOf(home)).ask(sealed({ ...request, usualUnits: 100, multiple: request.units / 100 }));
    const without = await approve(home, 'o-1 --accept', START + MINUTE);
    expect([without.code, errorOf(without)]).toEqual([2, 'USAGE.MISSING_AMOUNT']);
    expect((await approve(home, `o-1 --accept --amount ${request.units}`, START + MINUTE)).code).toBe(0);
  });

  it('is not asked for by a question that somebody changed', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0) });
    writeFileSync(mailOf(home, 'o-1.json'), JSON.stringify({ ...requestOf(home), units: 1 }));
    const result = await approve(home, 'o-1 --accept', START + MINUTE);
    expect([result.code, errorOf(result)]).toEqual([5, 'APPROVAL.NOT_TRUSTED']);
  });
});

describe('an answer that is none', () => {
  const yes = (request: ApprovalRequest): ApprovalDecision =>
    decisionOn(request, { outcome: 'accepted', who: 'me', reason: '', at: START + MINUTE });
  const put = (home: string, text: string, mode = 0o600) => {
    writeFileSync(mailOf(home, 'o-1.decision.json'), text, { mode });
    chmodSync(mailOf(home, 'o-1.decision.json'), mode);
  };
  const line = (decision: object) => `${JSON.stringify(decision)}\n`;

  it.each<[string, (home: string) => void]>([
    ['another order', (home) => put(home, line({ ...yes(requestOf(home)), id: 'o-2' }))],
    ['another proposal', (home) => put(home, line({ ...yes(requestOf(home)), hash: 'a'.repeat(64) }))],
    ['another nonce', (home) => put(home, line({ ...yes(requestOf(home)), nonce: 'fxsmAAAAAAAAAAAAAAAA' }))],
    ['another account', (home) => put(home, line({ ...yes(requestOf(home)), account: 'paper-other' }))],
    ['other settings', (home) => put(home, line({ ...yes(requestOf(home)), configHash: 'b'.repeat(64) }))],
    ['another deadline', (home) => put(home, line({ ...yes(requestOf(home)), expiresAt: START + 24 * HOUR }))],
    ['a yes after the deadline', (home) => put(home, line({ ...yes(requestOf(home)), at: START + 20 * MINUTE }))],
    ['another amount', (home) => put(home, line({ ...yes(requestOf(home)), amount: 1 }))],
    ['an outcome that is none', (home) => put(home, line({ ...yes(requestOf(home)), outcome: 'sure' }))],
    ['a field too many', (home) => put(home, line({ ...yes(requestOf(home)), more: true }))],
    ['a file that others may read', (home) => put(home, line(yes(requestOf(home))), 0o644)],
    ['no JSON', (home) => put(home, 'yes\n')],
    ['a link', (home) => symlinkSync('/dev/null', mailOf(home, 'o-1.decision.json'))],
    ['a folder', (home) => mkdirSync(mailOf(home, 'o-1.decision.json'))],
  ])('%s: nothing is sent, it is said and set aside, and a person can still answer', async (_, tamper) => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 1) tamper(home);
      if (look === 3) expect((await approve(home, 'o-1 --reject', START + 7 * MINUTE)).code).toBe(0);
    };
    const played = await play({ home, looks: minutes(0, 5, 6, 7, 8), between });
    expect(recorded(played, 'submit')).toEqual([]);
    expect(told(played, 'approval-refused')).toHaveLength(1);
    expect(told(played, 'approval').map(({ fields }) => fields['outcome'])).toEqual(['rejected']);
    expect(readdirSync(mailOf(home, '.')).some((name) => name.startsWith('o-1.refused-'))).toBe(true);
  });

  it('half a file waits for its other half until the deadline', async () => {
    const home = newHome();
    const between = (look: number) => {
      if (look === 1) put(home, '{"version":1,');
    };
    const played = await play({ home, looks: minutes(0, 5, 6, 20, 21), between });
    expect(recorded(played, 'withdrawn')).toMatchObject([{ status: 'expired' }]);
    expect(told(played, 'approval-refused')).toHaveLength(1);
  });

  it('the answer to a question that was asked under other settings', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0), once: true });
    const request = requestOf(home);
    const other = decisionOn({ ...request, configHash: 'c'.repeat(64) }, { ...yes(request), amount: undefined });
    put(home, line(other));
    const played = await play({ home, looks: minutes(1, 2), once: true });
    expect(recorded(played, 'submit')).toEqual([]);
  });
});

describe('a restart', () => {
  it('asks again what was asked, and takes in what was answered meanwhile', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0), once: true });
    await approve(home, 'o-1 --accept', START + 5 * MINUTE);
    const played = await play({ home, looks: minutes(10), once: true });
    expect(recorded(played, 'submit')).toMatchObject([{ order: { id: 'o-1' } }]);
  });

  it('between the answer and the next bar loses no order: it fills as if nobody had stopped', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0), once: true });
    await approve(home, 'o-1 --accept', START + 5 * MINUTE);
    await play({ home, looks: minutes(10), once: true });
    const played = await play({ home, looks: minutes(60, 120) });
    expect(recorded(played, 'fill')).toMatchObject([{ fill: { orderId: 'o-1', ts: START + 2 * HOUR } }]);
  });

  it('does not send what was accepted in time and found long after the deadline', async () => {
    const home = newHome();
    await play({ home, looks: minutes(0), once: true });
    await approve(home, 'o-1 --accept', START + 5 * MINUTE);
    const played = await play({ home, looks: minutes(50), once: true });
    expect([recorded(played, 'submit'), recorded(played, 'withdrawn')]).toMatchObject([[], [{ status: 'expired' }]]);
  });

  it.each`
    when                                                   | overlay
    ${'before its record was on disk: it is found again'}  | ${false}
    ${'after it, before the snapshot: the journal has it'} | ${true}
  `('a kill after the answer and $when', async ({ overlay }) => {
    const home = newHome();
    const strategy = join(home, 'holder.mjs');
    const copies: string[] = [];
    const between = async (look: number) => {
      if (look === 1) {
        copies.push(asKilledNow(home));
        await approve(home, 'o-1 --accept', START + 5 * MINUTE);
        copies.push(asKilledNow(home));
      }
      if (look === 2) copies.push(asKilledNow(home));
    };
    const whole = await play({ home, strategy, looks: minutes(0, 5, 6, 60, 120), between });
    const [before = '', answered = '', after = ''] = copies;
    if (overlay) {
      const snapshots = (of: string) => readdirSync(bookOf(of)).filter((name) => name.startsWith('snapshot-'));
      for (const name of snapshots(after)) rmSync(join(bookOf(after), name));
      for (const name of snapshots(before)) cpSync(join(bookOf(before), name), join(bookOf(after), name));
    }
    const killed = overlay ? after : answered;
    const again = await play({ home: killed, strategy, looks: minutes(6, 60, 120) });
    expect(again.record.counts).toEqual(whole.record.counts);
    expect(again.record.counts).toMatchObject({ fills: 1, refused: 0 });
    const journal = readFileSync(join(bookOf(killed), 'journal.ndjson'), 'utf8');
    expect(journal.match(/"type":"submit"/g)).toHaveLength(1);
  });

  it('a journal that is repeated from its beginning is the same journal', async () => {
    const home = newHome();
    const between = async (look: number) => {
      if (look === 1) await approve(home, 'o-1 --accept', START + 5 * MINUTE);
      if (look === 3) await approve(home, 'o-2 --reject', START + 65 * MINUTE);
    };
    const strategy = join(home, 'forgetful.mjs');
    await play({ home, strategy, looks: minutes(0, 5, 60, 65, 66), between });
    const before = readFileSync(join(bookOf(home), 'journal.ndjson'), 'utf8');
    await play({ home, strategy, looks: minutes(67), once: true });
    expect(readFileSync(join(bookOf(home), 'journal.ndjson'), 'utf8').startsWith(before)).toBe(true);
  });
});

it('a session that asks nobody makes no inbox', async () => {
  const home = newHome();
  await playSession({ home, looks: minutes(0), once: true });
  expect(existsSync(mailOf(home, '.'))).toBe(false);
});
