/**
 * Runs the real ArLocal as a child process: `fork(this, [FOLDER OF THE PEER, FOLDER FOR ITS DATA])`.
 * Tells its port when it listens, and ends with its parent. Plain JavaScript, because the package is
 * CommonJS that is installed apart.
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

const [peer, folder] = process.argv.slice(2);
process.chdir(folder); // it writes a file "logs" where it is started
const { default: ArLocal } = createRequire(join(peer, 'package.json'))('arlocal');
const arlocal = new ArLocal(1984, false, join(folder, 'db'), true);
arlocal.port = 0; // any free one; the constructor takes 0 for "the default"
await arlocal.start();
const server = arlocal.getServer();
if (!server.listening) await once(server, 'listening');
process.once('disconnect', () => process.exit(0));
process.send({ port: server.address().port });
