import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertStandIns, type Mood } from '../../helpers/alert-stand-ins.js';
import { type BuiltProgram, builtProgram } from '../../helpers/built-program.js';
import { liveDesk } from '../../helpers/live-desk.js';

let program: BuiltProgram;
let there: Awaited<ReturnType<typeof alertStandIns>>;

beforeAll(async () => {
  program = await builtProgram();
  there = await alertStandIns();
}, 60_000);
afterAll(async () => {
  program.remove();
  await there.close();
});

it.each<Mood>(['healthy', 'dead', 'slow', 'lying'])(
  'a live cycle trades the same with every channel %s, and tells what it traded',
  async (mood) => {
    there.mood = mood;
    there.arrivals.length = 0;
    const live = await liveDesk(program);
    try {
      const { code, stderr } = await live.once('', there.env);
      expect(code, stderr).toBe(0);
      expect(live.standIn.truth().orders.filter((order) => order.reason === 'CLIENT_ORDER')).toHaveLength(1);
      const types = live.journal().map((record) => String(record['type']));
      const order = types.filter((type) => ['submit', 'attempt', 'accepted', 'fill'].includes(type));
      expect(order).toEqual(['submit', 'attempt', 'accepted', 'fill']);
      const kinds = there
        .to('/hook')
        .flatMap(({ body }) => (JSON.parse(body) as { alerts: { kind: string; source: string }[] }).alerts)
        .map(({ kind, source }) => [kind, source]);
      if (mood === 'healthy') {
        expect(kinds).toContainEqual(['trade-executed', `live ${live.account}`]);
        expect(kinds).toContainEqual(['position-opened', `live ${live.account}`]);
      }
      const said = there.arrivals.map(({ body }) => body).join('\n');
      expect(said).not.toMatch(/slacksecret9|discordsecret9|telegramsecret9|twiliosecret9|hmacsecret9|pingsecret9/);
      expect(said).not.toContain(live.standIn.exports['OANDA_TOKEN'] ?? '?');
    } finally {
      await live.close();
    }
  },
  60_000,
);
