/** Run as a process of its own by lock.test.ts: holds a folder until it is killed, or exits. */
import { createSqliteStore } from '../../../dist/arlocal/sqlite/sqlite-store.js';

const [folder = '', how] = process.argv.slice(2);
const holder = { pid: process.pid, since: '2025-01-01T00:00:00.000Z', ports: 'from 4000' };
const store = createSqliteStore(folder, { holder });
store.setBalance('kept', 7n);
store.flush();
store.setBalance('lost', 7n);
console.log('holding');
if (how === 'exit') process.exit(0);
setInterval(() => store.balance('kept'), 60_000);
