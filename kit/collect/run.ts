/**
 * The collector of a whole run of tests. CORRAL_COVERAGE and CORRAL_GAS each name a folder; where one
 * is set, every network of the kit collects without being told, and who runs the tests saves at the
 * end of each file. Test runners load modules anew for each file, so what belongs to the run hangs on
 * the global object: the one such thing in Corral. Networks only write to it.
 */
import nodeProcess from 'node:process';
import { type Collector, createCollector, saveCollected } from './collector.js';

interface Run {
  readonly collector: Collector;
  readonly files: Map<string, string>;
}

const RUN = Symbol.for('corral.run');
const holder = globalThis as { [RUN]?: Run };

/** Undefined if nothing is to be collected. */
export function collectorOfRun(): Collector | undefined {
  const { coverage, gas } = folders();
  if (coverage === undefined && gas === undefined) return undefined;
  holder[RUN] ??= {
    collector: createCollector({ coverage: coverage !== undefined, gas: gas !== undefined }),
    files: new Map(),
  };
  return holder[RUN].collector;
}

/** Writes what was collected so far; again, over what it wrote before. */
export function saveRun(): void {
  const collector = collectorOfRun();
  const run = holder[RUN];
  if (!collector || !run) return;
  const save = (part: Collector, folder: string | undefined) => {
    if (folder === undefined) return;
    run.files.set(folder, saveCollected(part, folder, run.files.get(folder)));
  };
  const { lines, gas } = collector;
  const { coverage: linesFolder, gas: gasFolder } = folders();
  if (linesFolder === gasFolder) save(collector, linesFolder);
  else {
    save({ ...(lines && { lines }) }, linesFolder);
    save({ ...(gas && { gas }) }, gasFolder);
  }
}

function folders(): { coverage: string | undefined; gas: string | undefined } {
  const { CORRAL_COVERAGE, CORRAL_GAS } = nodeProcess.env;
  return { coverage: CORRAL_COVERAGE || undefined, gas: CORRAL_GAS || undefined };
}
