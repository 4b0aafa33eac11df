import { defineConfig } from 'vitest/config';

// A hidden local-time assumption fails at once when the tests run far from UTC.
process.env['TZ'] = 'Pacific/Auckland';

// `.ci/run` counts the tests from this file.
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/own-temp-folder.ts'],
    pool: 'forks',
    // Many tests wait for processes and windows of time: more of them than cores keep the cores at work.
    maxWorkers: 4,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    unstubGlobals: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      thresholds: { 'src/core/{risk,sizing,model}/**': { branches: 100 } },
    },
  },
});
