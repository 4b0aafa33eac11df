import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeUpNews } from '../helpers/made-up-news.js';
import { runCli } from '../helpers/run-cli.js';

const FROM = Date.UTC(2023, 0, 1);
const SPAN = ['--from', '2023-01-05', '--to', '2023-03-01', '--json'];

/** A home with stored news, and what a run in it says. */
function aHome(news = madeUpNews({ from: FROM, to: Date.UTC(2023, 2, 1), everyHours: 6 })) {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-withnews-'));
  mkdirSync(join(home, 'data'));
  const path = join(home, 'data', 'wires.news');
  writeFileSync(path, news);
  const run = (...line: readonly string[]) => runCli([...line, ...SPAN], { home });
  return { home, path, run };
}
type Fields = Record<string, unknown>;
const dataOf = (result: { json(): Fields }) => result.json()['data'] as Fields;
const hashesOf = (result: { json(): Fields }) => {
  const { dataHash, configHash } = dataOf(result)['run'] as Record<string, string>;
  return { dataHash, configHash };
};
const fillsOf = (result: { json(): Fields }) => (dataOf(result)['counts'] as Record<string, number>)['fills'] ?? 0;

describe('headlines given to a run', () => {
  it('are found by name or path, told with what was left out, and are part of the data', async () => {
    const { path, run } = aHome();
    const named = await run('backtest', 'sentiment', '--news', 'wires', '--verbose');
    expect(named.code, named.stdout).toBe(0);
    expect(named.stderr).toMatch(/wires\.news: \d+ headlines, \d+ repeats left out, scored by vendor-lexicon/);
    expect(fillsOf(named)).toBeGreaterThan(5);
    const byPath = await run('backtest', 'sentiment', '--news', path);
    expect(hashesOf(byPath)).toEqual(hashesOf(named));
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"published":"2023-02-01T00:00:00Z","text":"Euro soars"}\n`);
    const more = await run('backtest', 'sentiment', '--news', path);
    expect(hashesOf(more).dataHash).not.toBe(hashesOf(named).dataHash);
    expect(hashesOf(more).configHash).toBe(hashesOf(named).configHash);
  });

  it.each`
    received                      | scorer              | told
    ${'2023-01-12T00:00:01.000Z'} | ${'vendor-lexicon'} | ${true}
    ${'2023-01-12T00:00:01.000Z'} | ${'lexicon'}        | ${false}
    ${'2023-01-12T00:00:00.000Z'} | ${'vendor-lexicon'} | ${false}
  `('scored long after the day are told: $received by $scorer, $told', async ({ received, scorer, told }) => {
    const line = { published: '2023-01-11T00:00:00Z', received, text: 'Euro soars', score: 0.9 };
    const { run } = aHome(`${JSON.stringify(line)}\n`);
    const { code, stderr } = await run(
      'backtest',
      'sentiment',
      '--news',
      'wires',
      '--verbose',
      '--set',
      `news.scorer=${scorer}`,
    );
    expect(code).toBe(0);
    expect(stderr.includes('1 scores of the vendor were read more than a day after')).toBe(told);
  });

  it('overrule other strategies when they are told to', async () => {
    const { run } = aHome();
    const alone = await run('backtest', 'mean-reversion');
    const idle = await run('backtest', 'mean-reversion', '--news', 'wires');
    const filtered = await run('backtest', 'mean-reversion', '--news', 'wires', '--set', 'news.filter=0.05');
    expect(fillsOf(idle)).toBe(fillsOf(alone));
    expect(fillsOf(filtered)).toBeLessThan(fillsOf(alone));
    expect(hashesOf(filtered).configHash).not.toBe(hashesOf(alone).configHash);
  });

  it.each([
    ['2023-02-01T00:00:00.000Z', '2023-02-01T00:00:00.000Z'],
    ['2023-02-01T00:00:00.001Z', '2023-02-01T01:00:00.000Z'],
  ])('published at %s are acted on at the bar that closes at %s, no sooner', async (published, decided) => {
    const { home, run } = aHome(`{"published":"${published}","text":"Euro soars"}\n`);
    const result = await run('backtest', 'sentiment', '--news', 'wires', '--out', join(home, 'out'));
    expect(result.code, result.stdout).toBe(0);
    const [, first] = readFileSync(join(home, 'out', 'orders.csv'), 'utf8').split('\n');
    expect(first?.split(',')[0]).toBe(decided);
  });

  it('bind a replay book: other headlines are another book', async () => {
    const { home, path, run } = aHome();
    writeFileSync(join(home, 'EURUSD.csv'), `time,open,high,low,close\n${barsText()}`);
    const line = ['paper', 'sentiment', '--replay', join(home, 'EURUSD.csv'), '--news', 'wires'];
    const played = await run(...line);
    expect(played.code, played.stdout).toBe(0);
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"published":"2023-02-01T00:00:00Z","text":"Euro soars"}\n`);
    const again = await run(...line);
    expect(again.code).toBe(2);
  });
});

function barsText(): string {
  const rows = Array.from({ length: 800 }, (_, i) => {
    const close = (1.1 + ((i * 7) % 13) / 1000).toFixed(5);
    return `${new Date(Date.UTC(2023, 0, 9) + i * 3_600_000).toISOString()},${close},${close},${close},${close}`;
  });
  return `${rows.join('\n')}\n`;
}

describe('a run is refused', () => {
  it.each`
    line                                                                     | news                          | code                    | exit
    ${['backtest', 'sentiment']}                                             | ${''}                         | ${'USAGE.MISSING_NEWS'} | ${2}
    ${['paper', 'sentiment', '--once']}                                      | ${''}                         | ${'USAGE.MISSING_NEWS'} | ${2}
    ${['backtest', 'trend', '--set', 'news.filter=0.2']}                     | ${''}                         | ${'USAGE.MISSING_NEWS'} | ${2}
    ${['backtest', 'trend', '--set', 'news.filter=3']}                       | ${''}                         | ${'CONFIG.INVALID'}     | ${2}
    ${['backtest', 'trend', '--set', 'news.scorer=oracle']}                  | ${''}                         | ${'CONFIG.INVALID'}     | ${2}
    ${['backtest', 'sentiment', '--news', 'none']}                           | ${''}                         | ${'DATA.MISSING_FILE'}  | ${2}
    ${['backtest', 'sentiment', '--news', 'wires']}                          | ${'{"text":"\u001b[31mx"}\n'} | ${'DATA.BAD_ROWS'}      | ${2}
    ${['backtest', 'sentiment', '--news', 'wires']}                          | ${'time,open\n1,2\n'}         | ${'DATA.BAD_ROWS'}      | ${2}
    ${['backtest', 'sentiment', '--news', 'wires']}                          | ${'\0\0'}                     | ${'DATA.BINARY'}        | ${2}
    ${['backtest', 'sentiment', '--news', 'wires', '--param', 'entry=0.05']} | ${''}                         | ${'STRATEGY.PARAM'}     | ${2}
  `('$line with $news: $code', async ({ line, news, code, exit }) => {
    const result = await runCli([...line, '--json'], { home: aHome(news).home });
    const last = result.lines().at(-1) as Fields;
    expect([(last['error'] as Fields)['code'], result.code]).toEqual([code, exit]);
    expect(result.stdout + result.stderr).not.toContain('\u001b');
  });
});

it('data check and data import know headlines, and refuse damaged ones by line', async () => {
  const { home, path } = aHome('{"published":"2023-02-01T00:00:00Z","text":"Euro soars"}\n');
  const seen = dataOf(await runCli(['data', 'check', 'wires', '--json'], { home }));
  expect(seen).toMatchObject({ kind: 'news', findings: 0, report: { rows: 1, subjects: ['EUR'] } });
  const own = join(home, 'own.jsonl');
  writeFileSync(own, readFileSync(path));
  const kept = await runCli(['data', 'import', own, '--as', 'mine'], { home });
  expect(kept.stdout).toMatch(/headlines +1/);
  expect(readFileSync(join(home, 'data', 'mine.news'), 'utf8')).toBe(readFileSync(own, 'utf8'));
  writeFileSync(own, '{"text":"no time"}\n');
  const bad = await runCli(['data', 'import', own, '--as', 'mine', '--json'], { home });
  expect([bad.code, (bad.json()['error'] as Fields)['code']]).toEqual([2, 'DATA.BAD_ROWS']);
});

it('data list shows stored headlines, and that a file is none', async () => {
  const { home, path } = aHome();
  const stored = async () => (dataOf(await runCli('data list --json', { home }))['stored'] as Fields[])[0];
  expect(await stored()).toMatchObject({ name: 'wires', kind: 'news', usable: true });
  writeFileSync(path, 'garbage\n');
  expect(await stored()).toMatchObject({ name: 'wires', kind: 'news', usable: false });
});
