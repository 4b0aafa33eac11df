import { createHash } from 'node:crypto';
import { decimal, minute, percent } from '../base/figures.js';
import type { RunRecord } from '../model/run-record.js';
import { constant, html, type Markup, nothing } from './markup.js';
import { METRICS, metricText, reasonText } from './metric-rows.js';
import {
  carrySection,
  costsSection,
  distributionSection,
  equitySection,
  exposureSection,
  rollingSection,
  shortMoney,
  spanOf,
  underwaterSection,
} from './sections.js';
import {
  drawdownsSection,
  heatMapSection,
  metricsSection,
  openSection,
  parametersSection,
  refusalsSection,
  tradesSection,
  warningsBox,
} from './tables.js';
import { SCRIPT, STYLE } from './theme.js';

/**
 * A run as one page that needs nothing else: style, pictures and the few lines of script are inside, and its content
 * security policy forbids every request and every script but that one. The same record gives the same bytes.
 */
export function renderHtml(record: RunRecord): string {
  const title = `${record.run.strategy}, ${spanOf(record)}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${constant(STYLE)}</style>
</head>
<body>
<header class="page">${badges(record)}<h1>${record.run.strategy}</h1><p class="span">${spanOf(record)} · ${record.currency} · ${subtitle(record)}</p>${tiles(record)}${warningsBox(record)}</header>
<main>
${equitySection(record)}
${underwaterSection(record)}
${heatMapSection(record)}
${rollingSection(record)}
${distributionSection(record)}
${carrySection(record)}
${costsSection(record)}
${exposureSection(record)}
${drawdownsSection(record)}
${metricsSection(record)}
${openSection(record)}
<div class="pair">${refusalsSection(record)}${parametersSection(record)}</div>
${tradesSection(record)}
</main>
<footer><p>${footnote(record)}</p></footer>
<script>${constant(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

const MODES = { backtest: 'Backtest', paper: 'Paper trading', live: 'Live account' } as const;

function badges(record: RunRecord): Markup {
  const mode = html`<span class="badge${record.mode === 'backtest' ? '' : ' loud'}">${MODES[record.mode]}</span>`;
  const made = record.simulated ? html`<span class="badge loud">Simulated prices</span>` : nothing;
  return html`<p class="badges">${mode}${made}</p>`;
}

function subtitle(record: RunRecord): string {
  const { instruments, timeframe } = record.run;
  const names = instruments.length > 3 ? `${instruments.length} instruments` : instruments.join(', ');
  return `${names}, ${timeframe} bars · costs ${record.run.costs}`;
}

/** The eight figures that a reader wants before any picture. */
function tiles(record: RunRecord): Markup {
  const { metrics, currency, run, benchmark } = record;
  const end = record.curve.equity.at(-1) ?? run.capital;
  const against =
    benchmark?.totalReturn === null || benchmark === undefined ? '' : `benchmark ${percent(benchmark.totalReturn, 1)}`;
  const tile = (label: string, value: string, note: string, why?: string): Markup =>
    html`<div${why === undefined ? nothing : html` title="${why}"`}><dt>${label}</dt><dd>${value}<small>${why ?? note}</small></dd></div>`;
  const metric = (key: (typeof METRICS)[number]['key'], note: string): Markup => {
    const info = METRICS.find((each) => each.key === key);
    return info ? tile(info.title, metricText(info, record), note, reasonText(key, record)) : nothing;
  };
  return html`<dl class="tiles">${[
    tile('Final equity', shortMoney(end, currency), `from ${shortMoney(run.capital, currency)}`),
    metric('totalReturn', against || 'after all costs'),
    metric('annualReturn', 'geometric, by date'),
    metric('annualVolatility', 'daily returns, n − 1'),
    metric('sharpe', 'rf 0, annualized'),
    metric('maxDrawdown', `longest ${decimal(metrics.maxDrawdownDays, 0)} days`),
    metric('calmar', 'annual return ÷ max drawdown'),
    metric('winRate', `${decimal(record.counts.trades, 0)} trades`),
  ]}</dl>`;
}

function footnote(record: RunRecord): string {
  const made = record.simulated
    ? 'Prices of the simulated market: nothing here happened. '
    : record.mode === 'live'
      ? ''
      : 'Simulated executions on recorded prices: no order was sent to a market. ';
  return `${made}Past results do not promise future ones. All times are UTC. Made by fxtrade ${record.run.codeVersion} from run ${record.run.id}, started ${minute(record.run.startedAt)}.`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
