/**
 * `corral/vitest`: tests of AO processes. Importing it gives `expect` its matchers; `corralTest` gives
 * every test a network of its own.
 */
import { afterAll, afterEach, expect } from 'vitest';
import { saveRun } from '../collect/run.js';
import { showHints } from './hints.js';
import { traceSerializer } from './match-trace.js';
import { matchers } from './matchers.js';

expect.extend(matchers);
expect.addSnapshotSerializer(traceSerializer);
afterEach(showHints);
afterAll(saveRun);

export { balancesOf, war } from '../match/balances.js';
export type { Parts, Quantity } from '../match/conserve.js';
export type { Failing, FailurePattern } from '../match/failing.js';
export type { MessagePattern } from '../match/pattern.js';
export { corralTest, type World, type WorldOptions } from './fixture.js';
export type { CorralMatchers, TraceOptions } from './matcher-types.js';
