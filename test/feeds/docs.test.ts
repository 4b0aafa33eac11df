import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLAIN_NAMES, SECRET_NAMES } from '../../src/core/config/secrets.js';
import { feeds } from '../../src/feeds/registry.js';

describe('the pages about feeds', () => {
  const page = readFileSync('docs/feeds.md', 'utf8');

  it.each(feeds().map((feed) => [feed.name, feed] as const))(
    '%s has a row that names its keys',
    (name, { needs, paid, streams }) => {
      const rows = page.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`));
      const [row] = rows;
      expect(row).toBeDefined();
      expect(row?.split(' | ')[2] === 'no').toBe(!streams);
      // What streams has a row in the table of streams too.
      expect(rows).toHaveLength(streams ? 2 : 1);
      for (const key of needs) expect(row).toContain(`\`${key}\``);
      if (paid !== undefined) expect(page).toContain(paid);
    },
  );

  it('.env.example names every variable once and gives away none', () => {
    const lines = readFileSync('.env.example', 'utf8').split('\n');
    const names = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=')[0]);
    expect([...names].sort()).toEqual([...SECRET_NAMES, ...PLAIN_NAMES].sort());
    const values = lines.filter((line) => /^[A-Z_]+=./.test(line));
    expect(values).toEqual(['OANDA_ENV=practice']);
  });
});
