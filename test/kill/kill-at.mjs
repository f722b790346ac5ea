/**
 * Ends this program by SIGKILL at a chosen step, where a step is any statement, commit or file
 * operation of the store: nothing that has not reached the operating system by then is ever written.
 */
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const FILE_STEPS = ['writeSync', 'fsyncSync', 'renameSync'];

/**
 * To be called before anything of Corral is imported.
 * @param {number} last the step after which the program ends; each step is before or after an
 *   operation, in turn
 * @returns begins to count anew
 */
export function killAt(last) {
  let steps = 0;
  const step = () => {
    if (++steps === last) process.kill(process.pid, 'SIGKILL');
  };
  const wrap = (object, name) => {
    const original = object[name];
    object[name] = function (...values) {
      step();
      const result = original.apply(this, values);
      step();
      return result;
    };
  };
  const Database = createRequire(import.meta.url)('libsql');
  wrap(Database.prototype, 'exec');
  wrap(Object.getPrototypeOf(new Database(':memory:').prepare('SELECT 1')), 'run');
  for (const name of FILE_STEPS) wrap(fs, name);
  syncBuiltinESMExports();
  return () => {
    steps = 0;
  };
}
