import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST } from '../src/commands/manifest.js';
import { usageName } from '../src/commands/runtime/help.js';
import { type BuiltProgram, builtProgram } from './helpers/built-program.js';
import { madePart } from './helpers/golden-text.js';

const README = readFileSync('README.md', 'utf8');

describe('the README', () => {
  let program: BuiltProgram;
  beforeAll(async () => {
    program = await builtProgram();
  });
  afterAll(() => program.remove());

  it('shows what the demo prints', () => {
    const demo = spawnSync(process.execPath, ['bench/demo.js'], {
      env: { ...process.env, FXTRADE_DEMO_PROGRAM: program.bin },
      encoding: 'utf8',
    });
    expect(demo.stderr).toBe('');
    expect(demo.status).toBe(0);
    const made = `\n\`\`\`text\n${demo.stdout.trimEnd()}\n\`\`\`\n\n`;
    expect(madePart('README.md', 'demo', made)).toBe(made);
  });

  it('lists every command that exists, and no other', () => {
    const rows = MANIFEST.map((entry) => `| \`${usageName(entry).replaceAll('|', '\\|')}\` | ${entry.summary} |`);
    const made = `\n| command | does |\n|---|---|\n${rows.join('\n')}\n\n`;
    expect(madePart('README.md', 'commands', made)).toBe(made);
  });

  it.each(['test-feeds', 'live', 'approve', 'close-all'])(
    'names %s: in the table when it exists, as planned before',
    (name) => {
      const planned = README.slice(README.indexOf('Planned, and not there yet'));
      expect(planned.includes(`| \`${name}\` |`)).toBe(!MANIFEST.some((entry) => entry.name === name));
    },
  );

  it.each(['npm ci && npm run demo', 'npm ci && npm test'])('tells to run %s', (line) => {
    expect(README).toContain(`\n${line}\n`);
  });

  it('shows only commands and flags that exist in its session', () => {
    const lines = [...README.matchAll(/^fxtrade ([a-z-]+)([^#\n]*)/gm)];
    expect(lines.length).toBeGreaterThanOrEqual(10);
    for (const [line, name = '', rest = ''] of lines) {
      const entry = MANIFEST.find((one) => one.name === name);
      const known = [...(entry?.flags ?? []).map((flag) => flag.name), 'json'];
      const used = [...rest.matchAll(/--([a-z-]+)/g)].map((match) => match[1]);
      expect({ line, unknown: used.filter((flag) => !known.includes(flag ?? '')) }).toEqual({ line, unknown: [] });
    }
  });
});
