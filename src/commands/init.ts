import { resolve } from 'node:path';
import { FxError } from '../core/base/errors.js';
import { isCurrency } from '../core/model/instruments.js';
import { createFile } from '../core/state/atomic.js';
import { type CommandContext, defineCommand, numberFlag, switchFlag, textFlag } from './runtime/command.js';
import { readSettingsFile, withSetting, writeSettingsFile } from './runtime/settings-file.js';
import { STARTER } from './runtime/starter.js';
import { type Asking, askChoice, askText } from './ui/prompt.js';

interface InitAnswer {
  readonly home: string;
  readonly config: string;
  readonly account: { readonly currency: string; readonly capital: number };
  readonly preset: string;
  readonly feed: string;
  /** The strategy file that was written. */
  readonly starter: string | null;
  readonly next: readonly string[];
}

const FEEDS = [
  { value: 'simulated', name: 'the simulated market: no account, no download' },
  { value: 'csv', name: 'price files of my own' },
] as const;
const PRESETS = [
  { value: 'default', name: 'the strategy’s own limits, else standard' },
  { value: 'standard', name: 'standard: 10 % a position, 2 % a day' },
  { value: 'cautious', name: 'cautious: 2 % a position, two positions' },
  { value: 'carry', name: 'carry: 30 % a position, six positions' },
] as const;

/** Asks only what has no flag, writes `config.json` and, if wanted, a first strategy. What is set already stays. */
export const command = defineCommand<InitAnswer>({
  async run(ctx) {
    const current = await readSettingsFile(ctx.home);
    const held = current['account'] as { currency?: string; capital?: number } | undefined;
    const currency = await currencyOf(ctx, held?.currency ?? 'USD');
    const capital = await capitalOf(ctx, held?.capital ?? 100_000);
    const preset = await choiceOf(ctx, 'preset', 'Risk limits', PRESETS, 'default');
    const feed = await choiceOf(ctx, 'feed', 'Prices', FEEDS, 'simulated');
    const starter = await starterOf(ctx);
    let wanted = withSetting(withSetting(current, ['account', 'currency'], currency), ['account', 'capital'], capital);
    if (preset !== 'default') wanted = withSetting(wanted, ['risk', 'preset'], preset);
    await refuseUnusable(ctx, [`account.currency=${currency}`, `account.capital=${capital}`]);
    if (starter !== null) writeStarter(starter);
    const config = await writeSettingsFile(ctx.home, wanted);
    const account = { currency, capital };
    return { data: { home: ctx.home, config, account, preset, feed, starter, next: nextSteps(feed, starter) } };
  },
  view(data, terminal) {
    terminal.out(`settings are in ${data.config}`);
    if (data.starter !== null) terminal.out(`a first strategy is in ${data.starter}`);
    terminal.out('now try:');
    for (const line of data.next) terminal.out(`  ${line}`);
  },
});

async function currencyOf(ctx: CommandContext, fallback: string): Promise<string> {
  const text = await answerOf(ctx, 'currency', 'Currency of the account', fallback);
  const code = text.trim().toUpperCase();
  if (isCurrency(code)) return code;
  throw new FxError('USAGE.BAD_VALUE', {
    message: `--currency is ${JSON.stringify(text)}, which is no currency that is known`,
    next: 'give a code such as USD, EUR or USDT; any other is set with: fxtrade config set account.currency CODE',
    facts: { currency: code },
  });
}

async function capitalOf(ctx: CommandContext, fallback: number): Promise<number> {
  const given = numberFlag(ctx, 'capital');
  if (given !== undefined) return given;
  const text = await answerOf(ctx, 'capital', 'Money a run starts with', String(fallback));
  const value = Number(text.replaceAll(/[,_ ]/g, ''));
  if (Number.isFinite(value) && value > 0) return value;
  const message = `the capital is ${JSON.stringify(text)}, must be a number above 0`;
  throw new FxError('USAGE.BAD_VALUE', { message, next: 'give --capital 100000' });
}

async function starterOf(ctx: CommandContext): Promise<string | null> {
  const answer = await answerOf(ctx, 'starter', 'Write a first strategy to (none for no file)', 'none');
  if (answer.trim() === '' || answer === 'none') return null;
  const path = resolve(ctx.cwd, answer.trim());
  if (!/\.(ts|js|mjs)$/.test(path)) {
    const next = 'name it like ./my-strategy.ts';
    throw new FxError('USAGE.BAD_VALUE', { message: `a strategy file ends in .ts, .js or .mjs, was ${path}`, next });
  }
  return path;
}

function writeStarter(path: string): void {
  if (createFile(path, STARTER)) return;
  const next = 'choose another name with --starter, or --starter none; no setting was changed';
  throw new FxError('USAGE.EXISTS', { message: `${path} is there already`, next });
}

/** The flag, else with `--yes` the default, else the person. */
async function answerOf(ctx: CommandContext, name: string, question: string, fallback: string): Promise<string> {
  const given = textFlag(ctx, name);
  if (given !== undefined) return given;
  if (switchFlag(ctx, 'yes')) return fallback;
  return askText(asking(ctx, name), question, fallback);
}

async function choiceOf<T extends string>(
  ctx: CommandContext,
  name: string,
  question: string,
  choices: readonly { readonly value: T; readonly name: string }[],
  fallback: T,
): Promise<T> {
  const given = choices.find((choice) => choice.value === textFlag(ctx, name));
  if (given !== undefined) return given.value;
  if (switchFlag(ctx, 'yes')) return fallback;
  return askChoice(asking(ctx, name), question, choices, fallback);
}

function asking(ctx: CommandContext, name: string): Asking {
  return { terminal: ctx.terminal, signal: ctx.signal, flag: `--${name} (or --yes for every default)` };
}

/** The settings as they would be are checked before anything is written. */
async function refuseUnusable(ctx: CommandContext, sets: readonly string[]): Promise<void> {
  const { loadSettings } = await import('../core/config/settings.js');
  loadSettings({ home: ctx.home, cwd: ctx.home, env: {}, sets });
}

function nextSteps(feed: string, starter: string | null): readonly string[] {
  const strategy = starter ?? 'sma-cross';
  const data = feed === 'csv' ? ' --data YOUR-FILE.csv' : '';
  return [`fxtrade backtest ${strategy}${data}`, 'fxtrade report', 'fxtrade config show'];
}
