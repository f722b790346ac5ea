/**
 * wao's server on five ports, until its parent hangs up. Argument: the first port. Prints one JSON
 * line when it answers: the module, scheduler and authority to spawn with; messages of wallets come
 * to a process as its messenger unit's.
 */
import { once } from 'node:events';
import { mu, Server, scheduler } from 'wao/test';

const { servers } = new Server({ port: Number(process.argv[2]) });
const MODULE = 'ISShJH1ij-hPPt9St5UFFr_8Ys3Kj5cyg7zrMGt7H9s'; // aos 2.0.6
const isListening = (server) => server.listening || once(server, 'listening');
await Promise.all(servers.map(isListening));
console.log(JSON.stringify({ module: MODULE, scheduler, authority: mu.addr }));
process.stdin.on('end', () => process.exit(0)).resume();
