import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApprovalRequest, sealed } from '../../../src/core/approvals/request.js';
import { clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import { Inbox } from '../../../src/core/state/approvals/inbox.js';
import { type BuiltProgram, builtProgram, compiledSources } from '../../helpers/built-program.js';

const SOAK = process.env['npm_lifecycle_event'] === 'soak';
/** Rounds of two whole programs each. */
const ROUNDS = SOAK ? 1000 : 8;
/** Answers that several processes fight for, in each of them. */
const PRIZES = SOAK ? 20_000 : 400;
const FIGHTERS = 4;

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

function aBookThatAsks(count: number): { home: string; inbox: Inbox } {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-races-'));
  const folder = join(home, 'books', 'paper-default');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'head.json'), '{}');
  const inbox = new Inbox(folder);
  for (let number = 1; number <= count; number++) inbox.ask(aRequest(number));
  return { home, inbox };
}

function aRequest(number: number): ApprovalRequest {
  const intent = {
    instrument: instrumentId('EUR/USD'),
    side: 'buy',
    units: 1000,
    type: 'market',
    timeInForce: 'GTC',
    reduceOnly: false,
    reason: 'race',
  } as const;
  return sealed({
    version: 1,
    id: orderId(`o-${number}`),
    nonce: clientId(`fxsm${String(number).padStart(16, 'A')}`),
    account: 'paper-default',
    configHash: 'c',
    broker: 'sim',
    strategy: 'race',
    askedAt: number,
    expiresAt: Date.UTC(2100, 0, 1),
    intent,
    instrument: intent.instrument,
    side: intent.side,
    units: intent.units,
    price: 1.1,
    referencePrice: 1.1,
    bandBps: 50,
    stopPrice: null,
    currency: 'USD',
    worstLoss: null,
    notional: 1100,
    financingPerDay: null,
    marginBefore: 0,
    marginAfter: 55,
    limits: [],
    usualUnits: null,
    multiple: null,
  });
}

it('of two programs that answer one question at once exactly one has decided, and the other is told', async () => {
  const { home, inbox } = aBookThatAsks(ROUNDS);
  for (let number = 1; number <= ROUNDS; number++) {
    const id = `o-${number}`;
    const ends = await Promise.all(
      ['--accept', '--reject'].map((flag) => program.runIn(home, ['approve', id, flag, '--json'])),
    );
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 5]);
    const loser = ends.find(({ code }) => code === 5);
    expect(JSON.parse(loser?.stdout ?? '')).toMatchObject({ error: { code: 'APPROVAL.DECIDED' } });
    const found = inbox.decision(id);
    const outcome = found.kind === 'decision' ? found.decision.outcome : found.kind;
    expect(outcome).toBe(ends[0]?.code === 0 ? 'accepted' : 'rejected');
  }
}, 600_000);

it('of several processes that make the same answers as fast as they can each answer has one maker', async () => {
  const { inbox } = aBookThatAsks(0);
  mkdirSync(inbox.folder, { recursive: true });
  const code = `
    const [, url, folder, name, count] = process.argv;
    const { createWhole } = await import(url);
    const won = [];
    for (let n = 1; n <= Number(count); n++) if (createWhole(folder + '/o-' + n + '.decision.json', name + '\\n')) won.push(n);
    process.stdout.write(JSON.stringify(won));`;
  const url = `file://${join(await compiledSources(), 'core/state/atomic.js')}`;
  const won = await Promise.all(
    Array.from({ length: FIGHTERS }, (_, place) => fought([url, inbox.folder, `p${place}`, String(PRIZES)], code)),
  );
  const all = won.flat().sort((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: PRIZES }, (_, place) => place + 1));
}, 600_000);

function fought(args: readonly string[], code: string): Promise<number[]> {
  return new Promise((done, fail) => {
    const whole = ['--input-type=module', '-e', code, ...args];
    execFile(process.execPath, whole, { maxBuffer: 1 << 26 }, (error, stdout) => {
      if (error === null) done(JSON.parse(stdout));
      else fail(error);
    });
  });
}
