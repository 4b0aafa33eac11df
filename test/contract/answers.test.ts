import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/run-cli.js';
import {
  answer,
  approve,
  auditExplain,
  auditExport,
  auditVerify,
  COLUMNS,
  closeAll,
  configCheck,
  configPath,
  configShow,
  failure,
  halt,
  report,
  resume,
  run,
  status,
  sweep,
  testFeeds,
} from './schemas.js';

const home = mkdtempSync(join(tmpdir(), 'fxtrade-contract-'));
const out = join(home, 'out');
const SPAN = '--from 2024-01-01 --to 2024-04-01';

beforeAll(async () => {
  expect((await runCli(`backtest trend ${SPAN} --out ${out} --json`, { home })).code).toBe(0);
});

describe('an answer under --json has the fields that scripts rely on', () => {
  it.each([
    ['backtest trend --from 2024-01-01 --to 2024-04-01 --json', run],
    ['backtest carry --instruments EUR/USD,USD/JPY,AUD/USD,USD/CHF --from 2023-01-01 --to 2024-06-01 --json', run],
    ['backtest sma-cross --from 2024-01-01 --to 2024-01-04 --json', run],
    ['backtest sma-cross --from 2024-01-01 --to 2024-02-01 --sweep fast=8:16:8 --workers 1 --json', sweep],
    ['report --json', report],
    ['report --period month --json', report],
    ['halt --reason test --json', halt],
    ['resume --reason test --json', resume],
    ['approve --list --json', approve],
    ['close-all --dry-run --json', closeAll],
    ['close-all --confirm paper --json', closeAll],
    ['status --json', status],
    ['test-feeds --only node,home,env,settings,local --json', testFeeds],
    ['config show --json', configShow],
    ['config check --json', configCheck],
    ['config path --json', configPath],
  ])('%s', async (line, schema) => {
    const folder = /^(halt|close-all)/.test(line) ? mkdtempSync(join(tmpdir(), 'fxtrade-contract-')) : home;
    const { code, stdout } = await runCli(line, { home: folder });
    expect(code).toBe(0);
    expect(stdout.endsWith('}\n')).toBe(true);
    const whole = answer(line.split(' ')[0] ?? '', schema).safeParse(JSON.parse(stdout));
    expect(whole.error?.issues ?? []).toEqual([]);
  });

  it('names a reason for every metric that does not exist, and for no other', async () => {
    const { json } = await runCli('backtest sma-cross --from 2024-01-01 --to 2024-01-03 --json', { home });
    const { metrics, reasons } = run.parse(json()['data']);
    const absent = Object.entries(metrics).filter(([, value]) => value === null);
    const named = Object.keys(reasons).filter((key) => key.startsWith('metrics.'));
    expect(named.toSorted()).toEqual(absent.map(([name]) => `metrics.${name}`).toSorted());
  });

  it.each([
    ['backtest no-such-strategy --json', 2],
    ['backtest trend --param entry=0 --json', 2],
    ['backtest trend --data nowhere.csv --json', 2],
    ['backtest trend --from 2024-02-30 --json', 2],
    ['config set risk.nothing 1 --json', 2],
    ['report nowhere --json', 2],
    ['resume --json', 2],
    ['approve --json', 2],
    ['close-all --json', 2],
    ['status --book none --json', 2],
  ])('a failure says what and what next: %s', async (line, exit) => {
    const { code, stdout } = await runCli(line, { home });
    expect(code).toBe(exit);
    expect(failure.safeParse(JSON.parse(stdout)).error?.issues ?? []).toEqual([]);
  });
});

describe('audit under --json', () => {
  it.each([
    ['audit verify --json', auditVerify],
    [`audit export --format csv --out ${join(home, 'audit.csv')} --json`, auditExport],
    ['audit explain 1 --json', auditExplain],
  ])('%s', async (line, schema) => {
    await runCli('paper sma-cross --once --json', { home });
    const { code, stdout } = await runCli(line, { home });
    expect(code).toBe(0);
    expect(answer('audit', schema).safeParse(JSON.parse(stdout)).error?.issues ?? []).toEqual([]);
  });
});

describe('the files of --out', () => {
  it('run.json is the answer', () => {
    expect(run.safeParse(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).error?.issues ?? []).toEqual([]);
  });

  it.each(Object.entries(COLUMNS))('%s begins with its columns', (name, columns) => {
    const [head = ''] = readFileSync(join(out, name), 'utf8').split('\n');
    expect(`${head},`.startsWith(`${columns},`)).toBe(true);
  });
});
