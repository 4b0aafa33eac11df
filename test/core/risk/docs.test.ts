import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../../src/core/config/defaults.js';

const page = readFileSync(new URL('../../../docs/risk.md', import.meta.url), 'utf8');

function leaves(value: unknown, path: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}.${key}`));
}

describe('docs/risk.md', () => {
  it.each(leaves(defaultSettings('standard').risk, 'risk'))('tells of %s', (key) => {
    expect(page).toContain(`\`${key}\``);
  });
});
