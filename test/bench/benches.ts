/** Every benchmark, in the order in which they run. */
import { packageSize } from './package-size.js';
import type { Bench } from './row.js';

export const benches: readonly Bench[] = [packageSize];
