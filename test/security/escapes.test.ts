import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import type { Tamper } from '../helpers/hostile-broker.js';
import { everywhere, hostileDesks, textsUnder } from '../helpers/hostile-desk.js';

const ESC = '\u001b';
/** Clears the screen, renames the window, writes the clipboard, links, hides, turns around, in seven and in eight bits. */
const NASTY = `A${ESC}[2J${ESC}]0;pwned\u0007${ESC}]52;c;cHduZWQ=\u0007${ESC}]8;;http://evil${ESC}\\B${ESC}[8m\r\u0008\u009b2J\u202egnp\u2066\u200bC\u00ad\ufeff\u{e0041}D\nE\u2028F\u0000G`;
/** All that a terminal acts on, turns around or does not show; line ends and tabs apart. */
const HARMFUL = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cs}\u2028\u2029]/u;

const STRATEGY = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'turner',
  params: {},
  create: () => {
    let side = 1;
    return {
      onBar(bar) {
        side = -side;
        const stop = bar.close * (1 - side * 0.01);
        return { kind: 'signal', instrument: bar.instrument, exposure: side, reason: ${JSON.stringify(NASTY)}, stop };
      },
      save: () => side,
      load: (saved) => { side = saved ?? 1; },
    };
  },
});
`;

let program: BuiltProgram;
let hostile: Awaited<ReturnType<typeof hostileDesks>>;

beforeAll(async () => {
  program = await builtProgram();
}, 90_000);

afterAll(() => program.remove());

// An account of its own for each: with a position that another left, no order would be due.
beforeEach(async () => {
  hostile = await hostileDesks(program);
});

afterEach(async () => {
  await hostile.close();
  hostile.tidy();
});

/** Every place where something harmful stands, with what is around it. */
function harmIn(texts: readonly (readonly [string, string])[]): readonly string[] {
  return texts.flatMap(([name, text]) => {
    const at = text.search(HARMFUL);
    return at === -1 ? [] : [`${name}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))}`];
  });
}

type Desk = ReturnType<typeof hostile.desk>;

function harmOf(desk: Desk): readonly string[] {
  const files = [...textsUnder(desk.home), ...textsUnder(desk.cwd)];
  const ours = files.filter(([name]) => /HALT$|\.(ndjson|json|csv|html)$/.test(name) && !/input/.test(name));
  return harmIn([...desk.outputs.map((text, i) => [`output ${i}`, text] as const), ...ours]);
}

const refusal = {
  errorMessage: NASTY,
  errorCode: 'INSUFFICIENT_MARGIN',
  lastTransactionID: '9',
  orderRejectTransaction: {
    id: '9',
    time: '2026-01-05T12:00:00Z',
    type: 'MARKET_ORDER_REJECT',
    rejectReason: 'INSUFFICIENT_MARGIN',
    reason: NASTY,
  },
};

const BROKERS: readonly (readonly [string, Tamper])[] = [
  ['says it in every text of every answer', (_, body) => ({ body: everywhere(body, NASTY) })],
  [
    'says it in a refusal',
    ({ method }) => (method === 'POST' ? { status: 400, body: JSON.stringify(refusal) } : undefined),
  ],
  ['says it instead of an answer', () => ({ status: 400, body: JSON.stringify({ errorMessage: NASTY }) })],
  ['says it in a name', (_, body) => ({ body: body.replaceAll('"101-', JSON.stringify(`${NASTY}101-`).slice(0, -1)) })],
  [
    'says it in an instrument',
    (_, body) => ({ body: body.replaceAll('"AUD_USD"', JSON.stringify(`${NASTY}AUD_USD`)) }),
  ],
  [
    'says it where a number stands',
    (_, body) => ({ body: body.replaceAll(/"balance":"[^"]*"/g, `"balance":${JSON.stringify(NASTY)}`) }),
  ],
];

describe('what a terminal would act on', () => {
  it.each(BROKERS)(
    'is written out when the broker %s',
    async (_, tamper) => {
      const desk = hostile.desk(STRATEGY);
      hostile.broker.turn(tamper);
      await desk.live();
      await desk.live('--json');
      expect(desk.outputs.join('').length).toBeGreaterThan(200);
      const book = join(desk.home, 'books', `live-${hostile.account}`);
      // What was refused before it began has left nothing to tell of.
      if (!existsSync(book)) return expect(harmOf(desk)).toEqual([]);
      await desk.run(['audit', 'explain', 'o-1']);
      await desk.run(['audit', 'explain', '2', '--json']);
      for (const format of ['ndjson', 'csv']) {
        await desk.run(['audit', 'export', '--format', format, '--out', join(desk.cwd, `trail.${format}`)]);
      }
      await desk.run(['report', book, '--html', join(desk.cwd, 'page.html'), '--csv', join(desk.cwd, 'tables')]);
      await desk.run(['status']);
      return expect(harmOf(desk)).toEqual([]);
    },
    120_000,
  );

  it('does show up in the journal, as JSON escapes', async () => {
    const desk = hostile.desk(STRATEGY);
    hostile.broker.turn(() => undefined);
    await desk.live();
    const [, journal = ''] = textsUnder(desk.home).find(([name]) => name.endsWith('journal.ndjson')) ?? [];
    expect(journal).toContain('\\u001b[2J');
    expect(journal).toContain('\\u202egnp\\u2066\\u200bC\\u00ad\\ufeff\\udb40\\udc41D');
    const reasons = journal.split('\n').filter((line) => line.includes('pwned'));
    expect(reasons.map((line) => JSON.parse(line).r.decision?.reason).filter(Boolean)).toContain(NASTY);
  }, 60_000);

  it('is written out in reasons of a backtest, its files and its page', async () => {
    const desk = hostile.desk(STRATEGY);
    const ran = await desk.run([
      ...['backtest', desk.strategy, '--from', '2024-01-01', '--to', '2024-01-20', '--instruments', 'EUR/USD'],
      ...['--out', join(desk.cwd, 'run')],
    ]);
    expect(ran.code, ran.stderr).toBe(0);
    await desk.run(['report', join(desk.cwd, 'run')]);
    expect(textsUnder(desk.cwd).map(([name]) => name)).toContain('run/orders.csv');
    expect(harmOf(desk)).toEqual([]);
  }, 60_000);

  it.each([
    ['the reason of a halt', ['halt', '--reason', NASTY.replaceAll('\u0000', '')]],
    ['a scope', ['halt', '--scope', `instrument:${NASTY.replaceAll('\u0000', '')}`]],
    ['a command', [NASTY.replaceAll('\u0000', '')]],
    ['a strategy', ['backtest', NASTY.replaceAll('\u0000', '')]],
    ['a flag', ['backtest', `--${NASTY.replaceAll('\u0000', '')}`]],
    ['a setting', ['backtest', '--set', `${NASTY.replaceAll('\u0000', '')}=1`]],
    ['a value', ['backtest', '--set', `risk.maxPositionBps=${NASTY.replaceAll('\u0000', '')}`]],
    ['an instrument', ['backtest', 'sma-cross', '--instruments', NASTY.replaceAll('\u0000', '')]],
    ['a run', ['report', NASTY.replaceAll('\u0000', '')]],
    ['a book', ['paper', '--book', NASTY.replaceAll('\u0000', '')]],
    ['a file of prices', ['data', 'check', 'input.csv']],
    ['a name inside a file', ['backtest', 'sma-cross', '--data', 'input.csv']],
  ])('is written out in %s', async (_, args) => {
    const desk = hostile.desk();
    writeFileSync(
      join(desk.cwd, 'input.csv'),
      `time,open,high,low,close,${NASTY}\n2024-01-08T00:00:00Z,1,${NASTY},1,1\n`,
    );
    await desk.run([...args, '--verbose']);
    await desk.run([...args, '--json']);
    await desk.run(['status', '--home', desk.home]);
    expect(desk.outputs.join('').length).toBeGreaterThan(20);
    expect(harmOf(desk)).toEqual([]);
  });

  it('is written out when it stands in files of the home', async () => {
    const desk = hostile.desk();
    const halt = { id: NASTY, time: NASTY, who: NASTY, reason: NASTY, scope: `strategy:${NASTY}`, mode: 'all' };
    writeFileSync(join(desk.home, 'HALT'), `${JSON.stringify(halt)}\n`);
    for (const line of ['status', 'paper sma-cross --once', 'paper sma-cross --once --json', 'config show']) {
      await desk.run(line.split(' '));
    }
    writeFileSync(join(desk.home, 'config.json'), JSON.stringify({ [NASTY]: NASTY }));
    await desk.run(['config', 'check']);
    writeFileSync(join(desk.home, 'config.json'), `{"a":${NASTY}}`);
    await desk.run(['config', 'check']);
    expect(harmIn(desk.outputs.map((text, i) => [`output ${i}`, text] as const))).toEqual([]);
  }, 60_000);
});
