import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '../core/config/duration.js';
import type { RunRecord } from '../core/model/run-record.js';
import { type Explanation, explain } from '../core/report/explain.js';
import { lastPeriod, PERIODS, type PeriodName } from '../core/report/recompute.js';
import { periodsPerYearOf } from '../core/report/series.js';
import { readRunFile, writtenAt } from '../core/state/runs/run-file.js';
import { badValue, comparisonOf } from './report/compare.js';
import { runPath } from './report/find-run.js';
import type { SentTo } from './report/send-report.js';
import { writeFiles } from './report/write-files.js';
import { type CommandContext, defineCommand, switchFlag, textFlag } from './runtime/command.js';
import type { Comparison } from './ui/run-view.js';
import type { Terminal } from './ui/terminal.js';

type Report = Omit<RunRecord, 'period'> & {
  readonly period: {
    readonly from: string;
    readonly to: string;
    readonly bars: number | null;
    readonly name: PeriodName;
  };
  readonly convention?: Comparison;
  /** Of `--send`. */
  readonly sent?: readonly SentTo[];
};

/** Shows a run that is on disk. It computes nothing about trading: only the period, the benchmark and the convention change. */
export const command = defineCommand<Report | Explanation>({
  async run(ctx) {
    const path = runPath(ctx);
    const metric = textFlag(ctx, 'explain');
    if (metric !== undefined) return { data: explain(await recordOf(ctx, path), metric) };
    if (switchFlag(ctx, 'watch')) return { data: await watch(ctx, path) };
    const data = await reportOf(ctx, path);
    if (!switchFlag(ctx, 'send')) return { data, reasons: data.reasons };
    const { sendReport } = await import('./report/send-report.js');
    const sent = await sendReport(ctx, await recordOf(ctx, path));
    return { data: { ...data, sent }, reasons: data.reasons, exit: sent.every((one) => one.sent) ? 0 : 4 };
  },
  async view(data, terminal, ctx) {
    if ('formula' in data) drawExplanation(data, terminal);
    else if (!switchFlag(ctx, 'watch')) await draw(data, terminal, ctx);
    if (!('sent' in data)) return;
    for (const { channel, sent, why } of data.sent ?? []) {
      terminal.out(`${sent ? 'sent by' : 'NOT sent by'} ${channel}${why === undefined ? '' : `: ${why}`}`);
    }
  },
});

/** The record of the file, for the period and against the benchmark that were asked for. */
async function recordOf(ctx: CommandContext, path: string): Promise<RunRecord> {
  const record = readRunFile(path);
  const benchmark = textFlag(ctx, 'benchmark');
  const compared = benchmark === undefined ? record : await against(ctx, record, benchmark);
  return lastPeriod(compared, periodOf(ctx));
}

async function against(ctx: CommandContext, record: RunRecord, benchmark: string): Promise<RunRecord> {
  const { compareWith, loadBenchmark } = await import('./session/inputs/benchmark.js');
  const loaded = await loadBenchmark(ctx, benchmark);
  return { ...record, benchmark: compareWith(loaded, record.daily, periodsPerYearOf(record)) };
}

function periodOf(ctx: CommandContext): PeriodName {
  const given = textFlag(ctx, 'period') ?? 'all';
  const found = PERIODS.find((name) => name === given);
  if (found) return found;
  throw badValue('period', given, PERIODS);
}

async function reportOf(ctx: CommandContext, path: string): Promise<Report> {
  const record = await recordOf(ctx, path);
  const comparison = comparisonOf(ctx, record);
  const files = await writeFiles(ctx, record);
  const name = periodOf(ctx);
  return {
    ...record,
    files: { ...record.files, ...files },
    period: { ...record.period, bars: name === 'all' ? record.period.bars : null, name },
    reasons: name === 'all' ? record.reasons : { ...record.reasons, 'period.bars': 'NOT_KEPT' },
    ...(comparison ? { convention: comparison } : {}),
  };
}

/** Shows the run again and again until it is stopped; a run that did not change is not read again. */
async function watch(ctx: CommandContext, path: string): Promise<Report> {
  const interval = parseDuration(textFlag(ctx, 'interval') ?? '30s') ?? 30_000;
  let shown: number | undefined;
  let report = await reportOf(ctx, path);
  for (;;) {
    const written = writtenAt(path);
    if (written !== shown) {
      if (shown !== undefined) report = await reportOf(ctx, path);
      shown = written;
      await show(ctx, report);
    }
    try {
      await sleep(interval, undefined, { signal: ctx.signal });
    } catch {
      return report;
    }
  }
}

async function show(ctx: CommandContext, report: Report): Promise<void> {
  if (ctx.json) {
    ctx.emit('report', { ...report });
    return;
  }
  await ctx.terminal.prepare();
  if (ctx.terminal.isTTY) ctx.terminal.write('\u001b[H\u001b[2J');
  await draw(report, ctx.terminal, ctx);
}

async function draw(report: Report, terminal: Terminal, ctx: CommandContext): Promise<void> {
  const { drawRun } = await import('./ui/run-view.js');
  const { convention, sent: _, period, ...rest } = report;
  const record: RunRecord = { ...rest, period: { ...period, bars: period.bars ?? 0 } };
  drawRun(record, terminal, { env: ctx.env, ...(convention ? { comparison: convention } : {}) });
}

function drawExplanation(told: Explanation, terminal: Terminal): void {
  const { bold, dim } = terminal.style;
  const value = told.value === null ? `– ${told.reason ?? ''}` : String(told.value);
  terminal.out(`${bold(told.title)}  ${value}`);
  terminal.out(`  unit        ${told.unit}`);
  terminal.out(`  formula     ${told.formula}`);
  terminal.out(`  convention  ${told.convention}`);
  terminal.out(`  source      ${told.source}`);
  terminal.out(`  n, P        ${told.n}, ${told.periodsPerYear}`);
  terminal.out(`  from        ${told.from.join('; ')}`);
  for (const { name, value: input } of told.inputs) terminal.out(`  ${dim(name.padEnd(40))} ${String(input ?? '–')}`);
}
