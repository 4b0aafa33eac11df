import type { News } from './alert.js';
import { type Fields, listOf, numberOf, partOf, textOf } from './fields.js';
import type { AlertKind } from './kinds.js';

/** A piece of news before time and source are put to it. */
export type Draft = Pick<News, 'kind' | 'text'> & Partial<Pick<News, 'subject' | 'next' | 'severity'>>;
/** What one thing that happened means; an empty list for no news. */
export type Rule = (fields: Fields) => readonly Draft[];

const NONE: readonly Draft[] = [];
const DRAWDOWN = /^drawdown/;
/** An order that ended without a trade because somebody wanted it so. */
const AS_WANTED = /^(taken back before it left|shadow): /;

/** What is news by itself, by its name in the journal or the stream of a session; these rules remember nothing. */
export const NEWS_OF: Readonly<Record<string, Rule>> = {
  rejected(fields) {
    const reason = textOf(fields, 'reason');
    if (AS_WANTED.test(reason)) return NONE;
    return [{ kind: 'execution-failed', subject: textOf(fields, 'orderId'), text: `it did not trade: ${reason}` }];
  },
  refused(fields) {
    const { instrument, limits } = {
      instrument: textOf(partOf(fields, 'intent'), 'instrument'),
      limits: listOf(fields, 'failures'),
    };
    const names = limits.map((one) => textOf(one, 'limit')).join(', ');
    const why = limits.map((one) => textOf(one, 'message')).find((text) => text !== '') ?? '';
    return [
      {
        kind: 'order-refused',
        subject: `${instrument} ${names}`.trim(),
        text: `not sent: ${names}${why === '' ? '' : ` (${why})`}`,
      },
    ];
  },
  breaker: (fields) => [
    {
      kind: breakerKind(textOf(fields, 'key')),
      subject: textOf(fields, 'key'),
      text: untilText(fields),
      severity: 'warning',
    },
  ],
  latch(fields) {
    const key = textOf(fields, 'key');
    const text = `${textOf(fields, 'message')}; nothing new leaves until somebody resumes`;
    const halt = { kind: 'halt', subject: key, text } as const;
    return DRAWDOWN.test(key) ? [{ kind: 'drawdown', subject: key, text: textOf(fields, 'message') }, halt] : [halt];
  },
  alert: (fields) => [
    { kind: ALERTS[textOf(fields, 'key')] ?? 'note', subject: alertSubject(fields), text: textOf(fields, 'message') },
  ],
  'margin-call': (fields) => [
    {
      kind: 'margin-call',
      text: `equity ${textOf(fields, 'equity')} is below margin used ${textOf(fields, 'marginUsed')}`,
    },
  ],
  ask: (fields) => asked(partOf(fields, 'request')),
  withdrawn: (fields) =>
    textOf(fields, 'status') === 'expired'
      ? [
          {
            kind: 'approval-expired',
            subject: textOf(fields, 'orderId'),
            text: `nobody answered in time: ${textOf(fields, 'reason')}`,
          },
        ]
      : NONE,
  break: (fields) => [
    {
      kind: 'reconcile-break',
      subject: textOf(fields, 'id'),
      text: `${textOf(fields, 'message')}; nothing new leaves until it is explained`,
    },
  ],
  unresolved: (fields) => [
    {
      kind: 'order-unresolved',
      subject: textOf(fields, 'orderId'),
      text: `the broker does not say what became of ${textOf(fields, 'clientId')}: ${textOf(fields, 'why')}`,
    },
  ],
  unprotected: (fields) => [
    {
      kind: 'unprotected',
      subject: textOf(fields, 'instrument'),
      text: `${textOf(fields, 'held')} held without a working stop; one is being placed`,
    },
  ],
  missed: (fields) => [
    {
      kind: 'bars-missed',
      text: `${textOf(fields, 'closes')} close(s) passed unseen, decided at ${textOf(fields, 'decidedAt')} only`,
    },
  ],
  resumed: (fields) => [{ kind: 'resume', text: `trading goes on: ${textOf(fields, 'reason')}` }],
  clock: (fields) => [{ kind: 'note', severity: 'warning', subject: 'clock', text: textOf(fields, 'message') }],
  'disk-low': (fields) => [{ kind: 'disk-low', text: textOf(fields, 'message') }],
  'key-age': (fields) => [{ kind: 'key-age', subject: textOf(fields, 'name'), text: textOf(fields, 'message') }],
};

const ALERTS: Readonly<Record<string, AlertKind>> = {
  profitAlertBps: 'profit-target',
  staleLoserDays: 'stale-loser',
  'margin-call': 'margin-call',
};

function breakerKind(key: string): AlertKind {
  if (key === 'dailyLossBps') return 'daily-loss';
  return DRAWDOWN.test(key) ? 'drawdown' : 'limit-breached';
}

function untilText(fields: Fields): string {
  const until = numberOf(fields, 'until');
  const end = until === undefined ? '' : `; no entries until ${new Date(until).toISOString()}`;
  return `${textOf(fields, 'message')}${end}`;
}

/** A position's alert begins with its instrument; the others are about their key. */
function alertSubject(fields: Fields): string {
  const [first = ''] = textOf(fields, 'message').split(' ');
  return first.includes('/') ? first : textOf(fields, 'key');
}

function asked(request: Fields): readonly Draft[] {
  const id = textOf(request, 'id');
  const loss = numberOf(request, 'worstLoss');
  const expires = numberOf(request, 'expiresAt');
  const risk = loss === undefined ? '' : `, worst loss ${money(loss, textOf(request, 'currency'))}`;
  const until = expires === undefined ? '' : `, until ${new Date(expires).toISOString()}`;
  const text = `${textOf(request, 'side')} ${textOf(request, 'units')} ${textOf(request, 'instrument')} near ${textOf(request, 'price')}${risk}${until}`;
  const near = listOf(request, 'limits').flatMap((use): Draft[] => {
    const share = numberOf(use, 'usedAfter');
    const limit = textOf(use, 'limit');
    if (share === undefined || share < 0.8) return [];
    return [
      {
        kind: 'limit-near',
        subject: limit,
        text: `${limit} would be used to ${(share * 100).toFixed(0)} % with ${id}`,
      },
    ];
  });
  return [{ kind: 'approval-wanted', subject: id, text, next: `fxtrade approve ${id}` }, ...near];
}

/** An amount for people: two digits and the currency. */
export function money(amount: number, currency: string): string {
  return `${amount.toFixed(2)} ${currency}`.trim();
}
