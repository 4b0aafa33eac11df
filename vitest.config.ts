import { defineConfig } from 'vitest/config';

// A hidden local-time assumption fails at once when the tests run far from UTC.
process.env['TZ'] = 'Pacific/Auckland';

// `.ci/run` counts the tests from this file.
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    unstubGlobals: true,
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      thresholds: { 'src/core/{risk,sizing,model}/**': { branches: 100 } },
    },
  },
});
