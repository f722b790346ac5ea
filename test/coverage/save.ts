/** After each test file: writes what its networks collected. */
import { afterAll } from 'vitest';
import { saveRun } from '../../kit/collect/run.js';

afterAll(saveRun);
