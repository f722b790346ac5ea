/**
 * The real ArLocal as an arm: start one (`npx arlocal`), then run with CORRAL_ARLOCAL_URL set to it.
 */
import nodeProcess from 'node:process';
import { test } from 'vitest';
import { describeGateway } from './gateway.js';

const url = nodeProcess.env.CORRAL_ARLOCAL_URL;

if (url) {
  const habits = { pendingStatus: 200, firstConfirmations: 0, blockListsIds: false };
  const running = async () => ({ url, close: async () => undefined });
  describeGateway(`ArLocal at ${url}`, running, habits);
} else {
  test.skip('skipped: CORRAL_ARLOCAL_URL is not set, so there is no ArLocal to compare with');
}
