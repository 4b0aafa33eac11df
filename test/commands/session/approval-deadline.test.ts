import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ApprovalDesk } from '../../../src/commands/session/realtime/approvals.js';
import { decisionOn } from '../../../src/core/approvals/decision.js';
import type { Approved, Declined } from '../../../src/core/model/event.js';
import { noLimits } from '../../../src/core/risk/presets.js';
import { Inbox } from '../../../src/core/state/approvals/inbox.js';
import { type FileCalls, REAL_FILES } from '../../../src/core/state/file-calls.js';
import { aBar, askingEngine, PAPER } from '../../helpers/asking-engine.js';

const SOAK = process.env['npm_lifecycle_event'] === 'soak';
const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 3, 10);
const DEADLINE = START + 30 * MINUTE;

/** File calls that let somebody else act right before the `at`-th of them. */
function interrupted(at: number, act: () => void): FileCalls & { made(): number } {
  let calls = 0;
  const wrapped: Record<string, unknown> = { made: () => calls };
  for (const [name, call] of Object.entries(REAL_FILES)) {
    if (typeof call !== 'function') continue;
    wrapped[name] = (...args: unknown[]) => {
      calls++;
      if (calls === at) act();
      return (call as (...args: unknown[]) => unknown)(...args);
    };
  }
  return wrapped as unknown as FileCalls & { made(): number };
}

/** A session whose file calls are interrupted by a person who says yes just in time. */
function aRace(at: number, offset: number) {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-deadline-'));
  const { engine, step, orders } = askingEngine({
    wishes: (slice) =>
      slice === 0 ? { kind: 'order', instrument: PAPER.id, side: 'buy', units: 100, reason: 'go' } : [],
    limits: noLimits,
    halted: undefined,
    approval: {
      timeoutMs: 30 * MINUTE,
      bandBps: null,
      account: 'paper-default',
      configHash: 'c',
      broker: 'sim',
      markup: 0,
    },
  });
  step(aBar(START));
  const [request] = engine.waiting;
  if (request === undefined) throw new Error('nothing was asked');
  const sent: string[] = [];
  let isFirst = false;
  const person = () => {
    // Nobody can answer what was not asked yet.
    if (new Inbox(folder).request(request.id) === undefined) return;
    isFirst = new Inbox(folder).decide(
      decisionOn(request, { outcome: 'accepted', who: 'ann', reason: '', at: DEADLINE - 1 }),
    );
  };
  const files = interrupted(at, person);
  const desk = new ApprovalDesk({
    inbox: new Inbox(folder, files),
    engine,
    configHash: 'c',
    seen: () => undefined,
    answer: (event: Approved | Declined) => {
      for (const effect of step(event)) sent.push(effect.kind);
    },
    remark: () => undefined,
    onEvent: () => undefined,
  });
  const turn = (now: number) => {
    desk.look(now);
    for (const effect of step({ kind: 'tick', ts: now })) sent.push(effect.kind);
  };
  for (const now of [START + 1000, DEADLINE - 1000 + offset, DEADLINE + offset, DEADLINE + 1000 + offset]) turn(now);
  const found = new Inbox(folder).decision(request.id);
  const outcome = found.kind === 'decision' ? found.decision.outcome : found.kind;
  return { isFirst, outcome, sent, left: [...engine.waiting].length, status: orders[0]?.status, made: files.made() };
}

describe('a yes against the deadline', () => {
  it.each(SOAK ? [0, 1, 250, 500, 999] : [0, 500])(
    'wherever between two file calls it comes (looks %i ms after it): the first file decides, and the engine does what it says',
    (offset) => {
      const seen = new Set<string>();
      for (let at = 1; ; at++) {
        const { isFirst, outcome, sent, left, status, made } = aRace(at, offset);
        if (made < at) break;
        expect([outcome, sent, left, status]).toEqual(
          isFirst ? ['accepted', ['submit'], 0, undefined] : ['expired', ['withdrawn'], 0, 'expired'],
        );
        seen.add(outcome);
      }
      expect(seen).toEqual(new Set(['accepted', 'expired']));
    },
  );
});
