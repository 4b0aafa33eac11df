import { resolve } from 'node:path';
import { FxError } from '../core/base/errors.js';
import { closeOfDate } from '../core/model/calendar/sessions.js';
import { instrumentOf } from '../core/model/instruments.js';
import type { CheckOptions, CheckReport } from '../feeds/csv/check.js';
import type { NewsReport } from './data/check-news.js';
import type { ManyReport } from './data/many.js';
import type { PullAnswer } from './data/pull.js';
import type { SimulatedFile } from './data/simulate.js';
import type { StoredData } from './data/store.js';
import { type CommandContext, type CommandResult, defineCommand, numberFlag, textFlag } from './runtime/command.js';
import { DEFAULT_FROM, DEFAULT_TIMEFRAME, DEFAULT_TO } from './session/inputs/market.js';
import { dateFlag, instrumentsFlag, refuseReversed, TIMEFRAMES } from './session/inputs/request.js';
import { isStoredPrices, located, requireName } from './stored/names.js';

/** What was found of rates: their reader takes a file whole or refuses it. */
interface RatesReport {
  readonly file: string;
  readonly currencies: readonly string[];
  readonly rows: number;
  readonly notes: readonly string[];
}

type DataAnswer =
  | PullAnswer
  | { readonly action: 'list'; readonly stored: readonly StoredData[] }
  | {
      readonly action: 'import' | 'check';
      readonly kind: 'prices' | 'rates' | 'news';
      readonly name: string | null;
      readonly path: string | null;
      readonly findings: number;
      readonly report: unknown;
    }
  | {
      readonly action: 'simulate';
      readonly simulated: true;
      readonly seed: number;
      readonly timeframe: string;
      readonly from: string;
      readonly to: string;
      readonly files: readonly SimulatedFile[];
    };

/** `data list|pull|import|check|simulate`: what is known of files before a run trusts them. */
export const command = defineCommand<DataAnswer>({
  async run(ctx) {
    switch (ctx.args[0]) {
      case 'pull': {
        const { pull } = await import('./data/pull.js');
        return { data: await pull(ctx) };
      }
      case 'import':
        return keep(ctx, ctx.args[1] ?? '');
      case 'check':
        return check(ctx, ctx.args[1] ?? '');
      case 'simulate':
        return simulate(ctx);
      default: {
        const { listStored } = await import('./data/store.js');
        return { data: { action: 'list', stored: await listStored(ctx.home) } };
      }
    }
  },
  async view(data, terminal) {
    const view = await import('./ui/data-view.js');
    if (data.action === 'list') view.drawStored(data.stored, terminal);
    else if (data.action === 'pull') view.drawPulled(data, terminal);
    else if (data.action === 'simulate') view.drawSimulated(data, terminal);
    else if (data.kind === 'news') view.drawNews(data.report as NewsReport, data.path, terminal);
    else if (data.kind === 'rates') view.drawRates(data.report as RatesReport, data.path, terminal);
    else view.drawReport(data.report as ReportShape, data.path, terminal);
  },
});

async function keep(ctx: CommandContext, text: string): Promise<CommandResult<DataAnswer>> {
  const as = textFlag(ctx, 'as');
  if (as === undefined) {
    throw new FxError('USAGE.MISSING_VALUE', {
      message: 'data import needs --as NAME, the name to store the data under',
      next: `for example: fxtrade data import ${text} --as eurusd`,
    });
  }
  const name = requireName(as);
  const path = resolve(ctx.cwd, text);
  const { newsIn, storeNews } = await import('./data/check-news.js');
  const news = await newsIn(path);
  if (news !== undefined) {
    const stored = storeNews(ctx.home, name, path);
    return { data: { action: 'import', kind: 'news', name, path: stored, findings: 0, report: news } };
  }
  const { storePrices, storeRates } = await import('./data/store.js');
  const rates = await ratesIn(path);
  if (rates !== undefined) {
    const stored = await storeRates(ctx.home, name, path);
    return { data: { action: 'import', kind: 'rates', name, path: stored, findings: 0, report: rates } };
  }
  const given = await options(ctx);
  const { checkSeries, mayHoldMany } = await import('../feeds/csv/check.js');
  if (given.instrument === undefined && (await mayHoldMany(path, given))) {
    const reports = await checkSeries(path, given, ctx.signal);
    if (reports.length > 1) return keepMany(ctx, { name, path }, reports, given);
  }
  const { report, stored } = await storePrices(ctx.home, name, path, given, ctx.signal);
  const left = report.badRowCount;
  return {
    data: { action: 'import', kind: 'prices', name, path: stored, findings: left, report: shown(report) },
    exit: left > 0 ? 4 : 0,
  };
}

/** A file of many series stays whole: a run takes from it what it needs. */
async function keepMany(
  ctx: CommandContext,
  { name, path }: { readonly name: string; readonly path: string },
  reports: readonly CheckReport[],
  given: CheckOptions,
): Promise<CommandResult<DataAnswer>> {
  const { storeWhole, sumOf } = await import('./data/many.js');
  const found = sumOf(reports);
  const stored = await storeWhole(ctx.home, name, path, found, given);
  return { data: { action: 'import', kind: 'prices', name, path: stored, findings: 0, report: shownMany(found) } };
}

async function check(ctx: CommandContext, text: string): Promise<CommandResult<DataAnswer>> {
  const answer = { action: 'check', name: null, path: null } as const;
  const prices = located(ctx, text, 'prices');
  if (isStoredPrices(prices)) {
    const report = await checkStored(prices, ctx.signal);
    const findings = findingsOf(report);
    const data = { ...answer, kind: 'prices', name: text, findings, report: shown(report) } as const;
    return { data, exit: findings > 0 ? 4 : 0 };
  }
  const { newsIn } = await import('./data/check-news.js');
  const news = await newsIn(located(ctx, text, 'news'));
  if (news !== undefined) return { data: { ...answer, kind: 'news', findings: 0, report: news } };
  const rates = await ratesIn(located(ctx, text, 'rates'));
  if (rates !== undefined) return { data: { ...answer, kind: 'rates', findings: 0, report: rates } };
  const { checkSeries } = await import('../feeds/csv/check.js');
  const { sumOf } = await import('./data/many.js');
  const reports = await checkSeries(prices, await options(ctx), ctx.signal);
  const findings = reports.reduce((sum, report) => sum + findingsOf(report), 0);
  const [only] = reports;
  const report = only !== undefined && reports.length === 1 ? shown(only) : shownMany(sumOf(reports));
  return { data: { ...answer, kind: 'prices', findings, report }, exit: findings > 0 ? 4 : 0 };
}

/** Every block is read, so that damage is found; what the import found is told again. */
async function checkStored(path: string, signal: AbortSignal): Promise<CheckReport> {
  const { openKept, whole } = await import('./stored/prices.js');
  const { storedReport } = await import('./data/store.js');
  const kept = await openKept(path);
  let rows = 0;
  for await (const chunk of whole(kept).chunks(signal)) rows += chunk.length;
  const report = storedReport(kept.trailer.extra);
  if (report !== undefined && rows === report.rowsKept) return report;
  throw new FxError('DATA.DAMAGED', {
    message: `${path}: has ${rows} rows, ${report?.rowsKept ?? 'an unknown number of'} were stored`,
    next: 'import it again: fxtrade data import PATH --as NAME',
    facts: { file: path, rows },
  });
}

/** The report of a file of rates; undefined when it is none. Rates that are damaged are refused by name. */
async function ratesIn(path: string): Promise<RatesReport | undefined> {
  const { openRates } = await import('../feeds/rates/open-rates.js');
  try {
    const opened = await openRates([path], { closeOfDate });
    const currencies = opened.series.map(({ currency }) => currency);
    const rows = opened.series.reduce((sum, { rate }) => sum + rate.length, 0);
    return { file: path, currencies, rows, notes: opened.notes };
  } catch (error) {
    const elsewhere = [
      'DATA.FORMAT',
      'DATA.BINARY',
      'DATA.SYMBOL',
      'DATA.EMPTY',
      'DATA.MISSING_FILE',
      'DATA.UNREADABLE',
    ];
    if (error instanceof FxError && elsewhere.includes(error.code)) return undefined;
    throw error;
  }
}

async function options(ctx: CommandContext): Promise<CheckOptions> {
  const { settings } = await ctx.settings();
  const known = (symbol: string) =>
    instrumentOf(symbol, settings.instruments.get(symbol) ?? {}, settings.account.currency);
  const symbol = textFlag(ctx, 'instrument');
  const timeframe = textFlag(ctx, 'timeframe');
  const texts = { format: textFlag(ctx, 'format'), timeZone: textFlag(ctx, 'timeZone') };
  const label = textFlag(ctx, 'timeLabel') as 'open' | 'close' | undefined;
  const scale = numberFlag(ctx, 'priceScale');
  return {
    closeOfDate,
    lookup(wanted) {
      try {
        return known(wanted);
      } catch (error) {
        if (error instanceof FxError) return undefined;
        throw error;
      }
    },
    ...(symbol === undefined ? {} : { instrument: known(symbol) }),
    ...(texts.format === undefined ? {} : { format: texts.format }),
    ...(texts.timeZone === undefined ? {} : { timeZone: texts.timeZone }),
    ...(label === undefined ? {} : { timeLabel: label }),
    ...(scale === undefined ? {} : { priceScale: scale }),
    ...(timeframe === undefined ? {} : { timeframeMs: TIMEFRAMES[timeframe] ?? 0 }),
  };
}

/** A person must look at rows that were left out, at doubled ones and at holes; `N/A` of a vendor's holiday is none. */
function findingsOf(report: CheckReport): number {
  const equal = Math.max(0, report.duplicates - report.badRows.filter(({ code }) => code === 'DATA.DUPLICATE').length);
  return report.badRowCount + equal + report.gapCount + report.unpaired;
}

type ReportShape = ReturnType<typeof shown> & { readonly series?: readonly ReturnType<typeof shown>[] };

function shownMany(report: ManyReport): ReportShape {
  return { ...shown(report), series: report.series.map(shown) };
}

/** Times as ISO 8601. */
function shown(report: CheckReport) {
  const iso = (ts: number): string => new Date(ts).toISOString();
  const { span, gaps } = report;
  return {
    ...report,
    span: span === undefined ? null : { from: iso(span.from), to: iso(span.to) },
    gaps: gaps.map(({ from, to, missingBars }) => ({ from: iso(from), to: iso(to), missingBars })),
  };
}

async function simulate(ctx: CommandContext): Promise<CommandResult<DataAnswer>> {
  const out = textFlag(ctx, 'out');
  if (out === undefined) {
    throw new FxError('USAGE.MISSING_VALUE', {
      message: 'data simulate needs --out DIR, the folder to write to',
      next: 'for example: fxtrade data simulate --seed 7 --out market',
    });
  }
  const { simulateFiles } = await import('./data/simulate.js');
  const { settings } = await ctx.settings();
  const seed = numberFlag(ctx, 'seed') ?? 1;
  const from = dateFlag(ctx, 'from') ?? DEFAULT_FROM;
  const to = dateFlag(ctx, 'to') ?? Math.max(DEFAULT_TO, from + 366 * 86_400_000);
  refuseReversed(from, to);
  const timeframe = textFlag(ctx, 'timeframe') ?? DEFAULT_TIMEFRAME;
  const files = await simulateFiles(
    {
      seed,
      from,
      to,
      timeframeMs: TIMEFRAMES[timeframe] ?? 3_600_000,
      instruments: instrumentsFlag(ctx),
      out: resolve(ctx.cwd, out),
      currency: settings.account.currency,
    },
    settings,
    ctx.signal,
  );
  const [start, end] = [from, to].map((ts) => new Date(ts).toISOString());
  return {
    data: { action: 'simulate', simulated: true, seed, timeframe, from: start ?? '', to: end ?? '', files },
  };
}
