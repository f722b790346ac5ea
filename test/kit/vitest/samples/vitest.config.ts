import { defineConfig } from 'vitest/config';

/** Samples are run by tests, as somebody's own tests would be; most of them are meant to fail. */
export default defineConfig({ test: { include: ['*.sample.ts'] } });
