/**
 * Four projects: `unit` is everything under test/ that needs nothing but Node (`npm test`),
 * `differential` needs a `redis-server` on the path (`npm run test:differential`), `crash` kills
 * servers and fills disks (`npm run test:crash`), `package` runs the examples and the package as it
 * is published (`npm run test:package`).
 *
 * All tests run with the arena's debug checks on: freed blocks are poisoned, and blocks end in
 * canaries. The limits of time are many times what the slowest test takes, as machines may be busy.
 */
import { defineConfig } from 'vitest/config'

const environment = { REDSTART_ARENA_DEBUG: '1' }

export default defineConfig({
  test: {
    reporters: ['minimal'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/differential/**', 'test/crash/**', 'test/package/**'],
          env: environment,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'differential',
          include: ['test/differential/**/*.test.ts'],
          env: environment,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          env: environment,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
