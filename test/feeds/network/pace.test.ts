import { describe, expect, it } from 'vitest';
import { inPlan } from '../../../src/feeds/network/pace.js';
import type { Http } from '../../../src/wire/message.js';

function world(status: (request: number) => number = () => 200) {
  let now = 0;
  const sent: number[] = [];
  const http: Http = {
    async send() {
      sent.push(now);
      return { status: status(sent.length - 1), headers: {}, body: '' };
    },
    lines: () => {
      throw new Error('not used');
    },
  };
  const time = {
    mono: () => now,
    wait: async (ms: number) => {
      now += ms;
    },
  };
  return { http, time, sent };
}
const request = { method: 'GET', url: 'https://example.com', headers: {}, deadlineMs: 1 } as const;

describe('a plan', () => {
  it.each([
    [[{ requests: 5, perMs: 60_000 }]],
    [
      [
        { requests: 1, perMs: 1_000 },
        { requests: 25, perMs: 100_000 },
      ],
    ],
    [
      [
        { requests: 3, perMs: 1_000 },
        { requests: 10, perMs: 60_000 },
      ],
    ],
  ])('is not exceeded in any stretch: %j', async (plan) => {
    const { http, time, sent } = world();
    const paced = inPlan(http, plan, time);
    await Promise.all(Array.from({ length: 60 }, () => paced.send(request)));
    expect(sent).toHaveLength(60);
    for (const { requests, perMs } of plan) {
      for (const [i, at] of sent.entries()) expect((sent[i + requests] ?? Infinity) - at).toBeGreaterThan(perMs);
    }
  });

  it('lets what it allows leave at once', async () => {
    const { http, time, sent } = world();
    const paced = inPlan(http, [{ requests: 5, perMs: 60_000 }], time);
    await Promise.all(Array.from({ length: 5 }, () => paced.send(request)));
    expect(sent).toEqual([0, 0, 0, 0, 0]);
  });

  it('does not wait for tomorrow', async () => {
    const { http, time, sent } = world();
    const paced = inPlan(http, [{ requests: 2, perMs: 86_400_000 }], time);
    const all = await Promise.allSettled([1, 2, 3, 4].map(() => paced.send(request)));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(sent).toHaveLength(2);
  });

  it('pauses after the vendor said that it was too much', async () => {
    const { http, time, sent } = world((i) => (i === 0 ? 429 : 200));
    const paced = inPlan(http, [{ requests: 100, perMs: 1_000 }], time);
    await paced.send(request);
    await paced.send(request);
    expect(sent[1]).toBeGreaterThanOrEqual(2_000);
  });
});
