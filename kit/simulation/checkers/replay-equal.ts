/** The log is the truth: every process comes to the same state from it alone. */
import { type Checker, Violation } from '../checker.js';

export function replayEqual(): Checker {
  return {
    name: 'replay is equal',
    watch: (network) => ({
      async ended() {
        for (const process of network.units.scheduler.processes()) {
          const now = await network.stateHash(process);
          const again = await network.replay(process);
          if (now === again) continue;
          const name = network.names.get(process) ?? process;
          throw new Violation(`the state of ${name} is ${now}, from its log it is ${again}`);
        }
      },
    }),
  };
}
