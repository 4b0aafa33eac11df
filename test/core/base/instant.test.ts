import { expect, it } from 'vitest';
import { parseInstant } from '../../../src/core/base/instant.js';

it.each([
  ['2024-01-31', '2024-01-31T00:00:00.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2024-01-31T17:00', '2024-01-31T17:00:00.000Z'],
  ['2024-01-31 17:00:05', '2024-01-31T17:00:05.000Z'],
  ['2024-01-31T17:00:00-05:00', '2024-01-31T22:00:00.000Z'],
])('%s is %s on every machine', (text, iso) => {
  expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(iso);
});

it.each(['2023-02-29', '2024-13-01', '31.01.2024', '2024-1-3', '20240131', '2024-01-31T25:00', '', 'yesterday'])(
  '%j is no instant',
  (text) => {
    expect(parseInstant(text)).toBeUndefined();
  },
);
