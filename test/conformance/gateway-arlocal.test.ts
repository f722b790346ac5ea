/**
 * The real ArLocal as an arm: start one (`npx arlocal`), then run with CORRAL_ARLOCAL_URL set to it.
 */
import nodeProcess from 'node:process';
import { test } from 'vitest';
import { describeGateway } from './gateway.js';

const url = nodeProcess.env.CORRAL_ARLOCAL_URL;

if (url) {
  describeGateway(`ArLocal at ${url}`, async () => ({ url, close: async () => undefined }));
} else {
  test.skip('skipped: CORRAL_ARLOCAL_URL is not set, so there is no ArLocal to compare with');
}
