import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { WireError } from '../../../src/wire/message.js';
import { anOrder, aVenue, fakeHttp, OUR_ID } from '../../helpers/oanda-wire.js';
import { type FaultRow, REPLIES } from './fault-replies.js';

const GRID = {
  name: 'EUR_USD',
  type: 'CURRENCY',
  pipLocation: -4,
  displayPrecision: 5,
  tradeUnitsPrecision: 0,
  minimumTradeSize: '1',
  marginRate: '0.03',
};

/** The venue whose every answer is this reply; only its table of instruments is sound. */
function venueThatSays({ reply }: FaultRow) {
  const lines =
    reply instanceof WireError
      ? [reply]
      : reply.status === 200
        ? reply.body.split('\n').filter((line) => line !== '')
        : [new WireError(`status-${reply.status}`, true)];
  const http = fakeHttp(
    (request) =>
      request.url.endsWith('/instruments')
        ? { status: 200, headers: {}, body: JSON.stringify({ instruments: [GRID] }) }
        : reply,
    lines,
  );
  return { venue: aVenue(http), http };
}

/** What a read comes to: a value, an end, or the code of the only kind of error that it may throw. */
async function outcomeOf(read: () => Promise<unknown>): Promise<string> {
  try {
    await read();
    return 'value';
  } catch (error) {
    if (error instanceof FxError) return error.code;
    throw error;
  }
}

describe('what each reply means', () => {
  it('is told for more than thirty of them, each under its own name', () => {
    expect(REPLIES.length).toBeGreaterThanOrEqual(30);
    expect(new Set(REPLIES.map((row) => row.name)).size).toBe(REPLIES.length);
  });

  it.each(REPLIES)('to an order: $name → $submit.outcome', async (row) => {
    const { venue, http } = venueThatSays(row);
    const outcome = await venue.submit(anOrder(), () => true);
    expect(outcome.kind).toBe(row.submit.outcome);
    expect(http.seen.filter((request) => request.method === 'POST')).toHaveLength(1);
  });

  it.each(REPLIES)('to a cancel: $name → $cancel.outcome', async (row) => {
    const { venue, http } = venueThatSays(row);
    expect((await venue.cancel({ venueId: '10', clientId: OUR_ID })).kind).toBe(row.cancel.outcome);
    // By its number, and by its id when the number is gone.
    expect(http.seen).toHaveLength(row.cancel.outcome === 'gone' ? 2 : 1);
    for (const request of http.seen) expect(request).toMatchObject({ method: 'PUT', urgent: true });
  });

  it.each(REPLIES)('to a read: $name → $query.outcome', async (row) => {
    const { venue } = venueThatSays(row);
    expect(await outcomeOf(() => venue.positions())).toBe(row.query.outcome);
  });

  it.each(REPLIES)('on a stream: $name → $stream.outcome', async (row) => {
    const { venue } = venueThatSays(row);
    const first = async (): Promise<void> => {
      for await (const _ of venue.events(new AbortController().signal)) return;
    };
    expect(await outcomeOf(first)).toBe(row.stream.outcome);
  });
});

describe('the table itself', () => {
  it.each(REPLIES)(
    '$name: what may have happened counts, and only what did not frees the way',
    ({ submit, cancel }) => {
      expect(submit.counts).toBe(submit.outcome === 'accepted' || submit.outcome === 'unresolved' ? 'yes' : 'no');
      expect(cancel.counts).toBe(cancel.outcome === 'cancelled' ? 'no' : 'yes');
      if (submit.outcome === 'unresolved') expect(submit.next).toBe('look-ups');
    },
  );
});
