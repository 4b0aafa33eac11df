import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { MANIFEST } from '../src/commands/manifest.js';
import { commandHelp } from '../src/commands/runtime/help.js';
import { GLOBAL_FLAGS } from '../src/commands/runtime/spec.js';
import { defaultCosts } from '../src/core/costs/presets.js';
import { madePart } from './helpers/golden-text.js';

const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'docs/cli.md',
  'docs/architecture.md',
  'docs/decisions.md',
  'docs/live.md',
  'docs/alerts.md',
  'docs/sentiment.md',
  'docs/schedule.md',
  'docs/security.md',
];

describe('docs/cli.md', () => {
  it('has every command with every flag', async () => {
    const made = `\n${await everyCommand()}\n`;
    expect(madePart('docs/cli.md', 'commands', made)).toBe(made);
  });

  it('has every key of a costs file with its default', () => {
    const rows = leaves(defaultCosts, '').filter(([key]) => key !== 'name');
    const made = `\n| key | default |\n|---|---|\n${rows.map(([key, value]) => `| \`${key}\` | \`${value}\` |`).join('\n')}\n\n`;
    expect(madePart('docs/cli.md', 'costs', made)).toBe(made);
  });
});

describe('the pages', () => {
  it.each(PAGES)('%s points only at files that exist', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
    for (const link of links) expect(() => readable(join(dirname(page), link))).not.toThrow();
  });

  it('docs/architecture.md names only rooms that exist', () => {
    const rooms = [...readFileSync('docs/architecture.md', 'utf8').matchAll(/`(src\/[a-z/-]+\.ts)`/g)];
    expect(rooms.length).toBeGreaterThan(10);
    for (const [, file = ''] of rooms) expect(() => readable(file)).not.toThrow();
  });
});

function readable(path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  }
}

/** The help texts, without what is the same for all. */
async function everyCommand(): Promise<string> {
  const texts: string[] = [];
  for (const entry of MANIFEST) {
    const help = await commandHelp(entry, [], '/');
    const start = help.indexOf('\nflags everywhere');
    const end = help.indexOf('\nexamples');
    texts.push(
      `### ${entry.name}\n\n\`\`\`text\n${help.slice(0, start).trimEnd()}\n${help.slice(end).trimEnd()}\n\`\`\`\n`,
    );
  }
  const rows = GLOBAL_FLAGS.map(
    ({ name, value, summary }) => `| \`--${name}${value === undefined ? '' : ` ${value}`}\` | ${summary} |`,
  );
  return `${texts.join('\n')}\n### Flags everywhere\n\n| flag | does |\n|---|---|\n${rows.join('\n')}\n`;
}

function leaves(value: unknown, key: string): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[key, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, one]) => leaves(one, key === '' ? name : `${key}.${name}`));
}
