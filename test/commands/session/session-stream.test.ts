import { expect, it } from 'vitest';
import type { CommandContext } from '../../../src/commands/runtime/command.js';
import type { Recorded } from '../../../src/commands/session/book.js';
import { sessionStream } from '../../../src/commands/session/threads/session-stream.js';
import type { Alert } from '../../../src/core/alerts/alert.js';
import { SessionRules } from '../../../src/core/alerts/rules.js';
import { defaultAlertSettings } from '../../../src/core/alerts/settings.js';
import { noLimits } from '../../../src/core/risk/presets.js';

const NOW = Date.UTC(2026, 10, 20, 12);

/** What people far away hear of one thing that a session recorded. */
async function heard(what: object): Promise<readonly Alert[]> {
  const rules = new SessionRules({
    source: 'live 101',
    settings: defaultAlertSettings(),
    limits: noLimits,
    currency: 'USD',
    now: NOW,
  });
  const alerts: Alert[] = [];
  const lines: object[] = [];
  const ctx = {
    flags: {},
    json: true,
    signal: new AbortController().signal,
    emit: (kind: string, fields: object) => void lines.push({ kind, ...fields }),
  } as unknown as CommandContext;
  const stream = await sessionStream(ctx, {
    happened: (kind, fields) => void alerts.push(...rules.happened(kind, fields, NOW)),
    around: (work) => work(),
  });
  stream.listener.event(NOW, what as Recorded);
  expect(lines).toHaveLength(1);
  return alerts;
}

const request = {
  id: 'o-7',
  instrument: 'EUR/USD',
  side: 'sell',
  units: 9269,
  price: 1.07335,
  worstLoss: 150.34,
  currency: 'USD',
  askedAt: NOW,
  expiresAt: NOW + 1_800_000,
  intent: { instrument: 'EUR/USD', reason: 'turn' },
  limits: [{ limit: 'maxPositionBps', usedAfter: 0.99 }],
};

it('a question is told with what it asks, which limit it would fill, and the command that answers it', async () => {
  const alerts = await heard({ kind: 'ask', ts: NOW, order: { id: 'o-7' }, request });
  expect(alerts).toMatchObject([
    {
      kind: 'approval-wanted',
      subject: 'o-7',
      text: 'sell 9269 EUR/USD near 1.07335, worst loss 150.34 USD, until 2026-11-20T12:30:00.000Z',
      next: 'fxtrade approve o-7',
    },
    { kind: 'limit-near', subject: 'maxPositionBps' },
  ]);
});

it.each([
  ['UNITS_LIMIT_EXCEEDED: too many', ['execution-failed']],
  ['the quote of EUR/USD is 9000 ms old, limit is 2000 ms', ['execution-failed']],
  ['taken back before it left: turn', []],
  ['shadow: nothing is sent', []],
])('an order that ended with "%s" is told as it is: %j', async (reason, kinds) => {
  const alerts = await heard({ kind: 'rejected', ts: NOW, orderId: 'o-1', reason });
  expect(alerts.map(({ kind }) => kind)).toEqual(kinds);
  expect(alerts.every(({ text }) => text === `it did not trade: ${reason}`)).toBe(true);
});
