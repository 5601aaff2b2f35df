import { defineConfig } from 'vitest/config'

const cluster = ['**/*.cluster.test.ts']
const ignored = ['**/node_modules/**', '**/dist/**', '**/toolchain/**']

export default defineConfig({
  test: {
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'platform/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
      // What runs only as a program of its own is seen by its tests as a child process, which coverage does not follow.
      exclude: ['**/*.test.ts', '**/*.testing.ts', '**/main.ts', '**/index.ts', 'packages/testing/**'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      // Held by the whole run alone: one without a cluster counts nothing.
      thresholds: {
        'packages/{config,render,plan,catalog}/src/**': { lines: 100, branches: 100 },
        'packages/{service-kit,devices,simulators,vault,images}/src/**': { lines: 95, branches: 93 },
        'services/*/src/**': { lines: 95, branches: 93 },
        'packages/release/src/**': { lines: 95, branches: 93 },
        'packages/cluster/src/**': { lines: 95, branches: 90 },
      },
    },
    projects: [
      {
        test: {
          name: 'quick',
          setupFiles: ['./vitest.setup.ts'],
          include: ['**/*.test.ts'],
          exclude: [...ignored, ...cluster],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: cluster,
          exclude: ignored,
          testTimeout: 600_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
})
