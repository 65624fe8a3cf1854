import {defineConfig} from 'vitest/config'

/** Long, bounded proofs: calibration, chaos loops. Run with `npm run test:long -- NAME`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts', 'test/chaos/**/*.test.ts'],
    globalSetup: ['test/setup/temporary-folder.ts', 'test/chaos/score-table.ts'],
    disableConsoleIntercept: true,
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
