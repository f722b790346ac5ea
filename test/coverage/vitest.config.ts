/** `npm run coverage`: the tests of Corral's own Lua, with its lines counted. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const folder = mkdtempSync(join(tmpdir(), 'corral-coverage-'));

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    include: [
      'test/processes/**/*.test.ts',
      'test/llama/device.test.ts',
      'test/kit/{herd,blueprints,kernel}/**/*.test.ts',
    ],
    // They go over again what the others reach, for minutes.
    exclude: ['test/processes/{*-simulation,sybil-challengers,attacks-on-moves}.test.ts'],
    env: { CORRAL_COVERAGE: folder },
    provide: { coverageFolder: folder },
    setupFiles: [join(import.meta.dirname, 'save.ts')],
    globalSetup: [join(import.meta.dirname, 'print.ts')],
    // A watched machine takes several times as long.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
