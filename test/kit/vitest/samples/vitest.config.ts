import { defineConfig } from 'vitest/config';

/**
 * Samples are run by tests, as somebody's own tests would be; most of them are meant to fail. The
 * package is taken as it is, as one that is installed.
 */
export default defineConfig({
  test: { include: ['*.sample.ts'], server: { deps: { external: [/\/dist\//] } } },
});
