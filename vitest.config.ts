import { defineConfig } from 'vitest/config'

const cluster = ['**/*.cluster.test.ts']
const ignored = ['**/node_modules/**', '**/dist/**', '**/toolchain/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
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
