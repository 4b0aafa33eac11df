import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Crash, type Cycle, liveInside } from '../../helpers/live-inside.js';

const MINUTE = 60_000;
const open: Awaited<ReturnType<typeof liveInside>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A desk whose strategy goes with the headlines of one file, and a way to publish one: stored a quarter of an hour ago. */
async function desk() {
  const live = await liveInside();
  open.push(live);
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-wire-')), 'wires.news');
  const lines: string[] = [];
  const tell = (text: string): string => {
    const at = new Date(live.clock.now() - 15 * MINUTE).toISOString();
    lines.push(JSON.stringify({ published: at, received: at, text }));
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  tell('Nothing of interest');
  const plan: Cycle = { builtIn: 'sentiment', params: { halfLife: '4', stopBps: '100' }, news: path };
  const held = (): readonly number[] => live.standIn.truth().positions.map(({ units }) => Math.sign(units));
  return { live, tell, plan, held };
}

describe('a live session with headlines', () => {
  it('trades on what was stored since the last one', async () => {
    const { live, tell, plan, held } = await desk();
    expect((await live.once(plan)).code).toBeUndefined();
    expect(held()).toEqual([]);

    tell('Euro soars on strong growth');
    live.pass(MINUTE);
    expect((await live.once(plan)).code).toBeUndefined();

    expect(held()).toEqual([1]);
  });

  it('that died after it decided goes over that under the filter of then, and decides under that of now', async () => {
    const { live, tell, held } = await desk();
    const path = tell('Euro plunges as recession fears grow');
    const died = await live.once({
      news: path,
      onRecord: ({ kind }) => {
        if (kind === 'fill') throw new Crash();
      },
    });
    expect([died.code, held()]).toEqual(['crash', [1]]);

    // Under the new filter it would not have bought against the news, and what came of it would have to be told anew.
    live.pass(MINUTE);
    const again = await live.once({ news: path, sets: ['news.filter=0.1'] });

    expect([again.code, again.error?.message]).toEqual([undefined, undefined]);
    expect(again.events.map(({ kind }) => kind)).not.toContain('retold');
  });

  it('goes on with another file no more than with another strategy', async () => {
    const { live, plan } = await desk();
    await live.once(plan);
    const { code } = await live.once({ ...plan, news: (await desk()).plan.news ?? '' });
    expect(code).toBe('USAGE.BOOK_BOUND');
  });

  it('that needs headlines and is given none is refused before anything is asked', async () => {
    const { live, plan } = await desk();
    const { news: _, ...without } = plan;
    expect((await live.once(without)).code).toBe('USAGE.MISSING_NEWS');
  });
});
