import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Metrics, RunRecord } from '../../../src/core/model/run-record.js';
import { renderHtml } from '../../../src/core/report/html.js';
import { aRunRecord, carryLike } from '../../helpers/a-run-record.js';

const NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'&\u0000\u202e';

/** What a reader sees, a line a block: no style, script, attributes or empty lines. */
function visibleText(page: string): string {
  return page
    .replace(/<(style|script)[\s\S]*?<\/\1>/g, '')
    .replace(/<\/(p|h1|h2|h3|tr|li|dd|svg|title|section)>/g, '\n')
    .replace(/<\/?(td|th|text|dt|span|small)[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

describe('the page', () => {
  const page = renderHtml(aRunRecord());

  it('reads as it did before', async () => {
    await expect(`${visibleText(page)}\n`).toMatchFileSnapshot('../../golden/report-html.txt');
  });

  it('is the same, byte for byte, for the same record', () => {
    expect(renderHtml(aRunRecord())).toBe(page);
  });

  it('asks for nothing from outside and allows only its own style and script', () => {
    expect(page.match(/(?:src|href|action)=|url\(|@import|https?:\/\/(?!www\.w3\.org\/2000\/svg)/g)).toBeNull();
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    for (const kind of ['style', 'script']) {
      const text = new RegExp(`<${kind}>([\\s\\S]*?)</${kind}>`).exec(page)?.[1] ?? '';
      const hash = createHash('sha256').update(text).digest('base64');
      expect(policy).toContain(`${kind}-src 'sha256-${hash}'`);
    }
    expect(page).not.toMatch(/<[a-z][^>]* (?:style|on[a-z]+)=/);
  });

  it('holds no number that is not one', () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined|\bnull\b(?!')|\[object/);
  });

  it('says in plain sight that prices or executions were not real', () => {
    expect(visibleText(page)).toContain('Backtest Simulated prices');
    expect(visibleText(renderHtml(aRunRecord({ mode: 'paper', simulated: false })))).toContain('Paper trading');
    expect(visibleText(renderHtml(aRunRecord({ simulated: false })))).not.toContain('Simulated prices');
  });

  it('says how many of the trades it shows', () => {
    expect(visibleText(page)).toContain('The newest 200 of 1,188 closed trades');
  });
});

describe('text from strategies, files and venues', () => {
  it('never becomes markup', () => {
    const base = aRunRecord();
    const record: RunRecord = {
      ...base,
      run: {
        ...base.run,
        id: NASTY,
        strategy: NASTY,
        params: { [NASTY]: NASTY },
        dataHash: NASTY,
        configHash: NASTY,
        codeVersion: NASTY,
        instruments: [NASTY],
        timeframe: NASTY,
        costs: NASTY,
      },
      reasons: { 'metrics.sqn': NASTY },
      warnings: [NASTY],
      refusals: { [NASTY]: 3 },
      open: base.open.map((each) => ({ ...each, instrument: NASTY })),
      trades: base.trades.map((each) => ({ ...each, instrument: NASTY, entryReason: NASTY, exitReason: NASTY })),
      exposure: { time: base.exposure.time, currencies: { [NASTY]: base.exposure.currencies['AUD'] ?? [] } },
      ...(base.benchmark ? { benchmark: { ...base.benchmark, name: NASTY } } : {}),
    };
    const page = renderHtml(record);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toContain('<img');
    expect(page.includes('\u0000') || page.includes('\u202e')).toBe(false);
    expect(page.length).toBeGreaterThan(10_000);
  });
});

describe('a record with little in it', () => {
  const empty = Object.fromEntries(Object.keys(aRunRecord().metrics).map((key) => [key, null])) as unknown as Metrics;
  const bare: RunRecord = {
    ...carryLike('2024-01-01', '2024-01-02', 1),
    metrics: { ...empty, trialsCounted: 1 },
    reasons: { 'metrics.sharpe': 'ZERO_VARIANCE', 'metrics.winRate': 'NO_TRADES' },
    costs: { spread: 0, commission: 0, slippage: 0, impact: 0, financing: 0 },
    counts: { orders: 0, fills: 0, trades: 0, refused: 0 },
    open: [],
    warnings: [],
    curve: { time: [], equity: [], drawdown: [] },
    daily: { date: [], return: [] },
    attribution: [],
    exposure: { time: [], currencies: {} },
    trades: [],
    refusals: {},
  };
  delete (bare as { benchmark?: unknown }).benchmark;

  it('still makes a whole page, with the reason where a number is missing', () => {
    const page = renderHtml(bare);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(page).toContain('title="the returns do not vary (ZERO_VARIANCE)"');
    expect(visibleText(page)).toContain('fewer than two points of equity');
    expect(visibleText(page)).toContain('no trade was closed');
  });

  it.each([2, 5, 30, 70])('of %i days draws what it can', (days) => {
    const to = new Date(Date.UTC(2024, 0, days)).toISOString().slice(0, 10);
    const page = renderHtml({ ...carryLike('2024-01-01', to, 3), metrics: bare.metrics });
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });
});
