/**
 * Run as a process of its own by http.ts: a network on ports. Answers every IPC message with the CPU
 * time that it used so far, in milliseconds. Argument: the first port.
 */
import { startCorral } from '../../dist/index.js';

const corral = await startCorral({ portBase: Number(process.argv[2]), workers: 0 });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000 });
});
process.send({ info: corral.info });
process.on('disconnect', () => process.exit(0));
