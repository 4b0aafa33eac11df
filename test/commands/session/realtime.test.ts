import { describe, expect, it } from 'vitest';
import { newHome, playSession, type Told } from '../../helpers/paper-session.js';

const HOUR = 3_600_000;
/** Tuesday 2026-01-06 10:00 UTC. */
const START = Date.UTC(2026, 0, 6, 10);
const hours = (...of: readonly number[]) => of.map((hour) => START + hour * HOUR);
const ofKind = (told: readonly Told[], kind: string) =>
  told.filter((one) => one.kind === kind).map(({ fields }) => fields);

describe('several bars that close between two looks', () => {
  it('within one session: the newest is decided, the others are told as missed', async () => {
    const { told, missed } = await playSession({ home: newHome(), looks: hours(0, 1, 5) });
    expect(ofKind(told, 'missed')).toEqual([{ closes: 3, decidedAt: '2026-01-06T15:00:00.000Z' }]);
    expect(ofKind(told, 'bar').map(({ close }) => close)).toEqual([
      '2026-01-06T10:00:00.000Z',
      '2026-01-06T11:00:00.000Z',
      '2026-01-06T15:00:00.000Z',
    ]);
    expect(missed).toBe(3);
  });

  it('after downtime: the same, with --once too', async () => {
    const home = newHome();
    await playSession({ home, looks: hours(0), once: true });
    const { told, missed, decided } = await playSession({ home, looks: hours(4), once: true });
    expect(ofKind(told, 'missed')).toEqual([{ closes: 3, decidedAt: '2026-01-06T14:00:00.000Z' }]);
    expect([missed, decided]).toEqual([3, true]);
  });

  it('bars from before a book began are none that it missed', async () => {
    const { told, missed } = await playSession({ home: newHome(), looks: hours(0), once: true });
    expect([ofKind(told, 'missed'), missed]).toEqual([[], 0]);
  });
});

it('the id of a run stays the same over restarts of its book', async () => {
  const home = newHome();
  const ids: string[] = [];
  for (const hour of [0, 1, 30]) {
    ids.push((await playSession({ home, looks: hours(hour), once: true })).record.run.id);
  }
  expect(new Set(ids).size).toBe(1);
  const other = await playSession({ home, book: 'other', looks: hours(31), once: true, strategy: 'sma-cross' });
  expect(ids).not.toContain(other.record.run.id);
});
