/**
 * `node --import corral/shim app.js`: programs whose hosts are wired in reach the local network. What
 * they send to the production hosts of hosts.ts goes to the network at `CORRAL_URL` (or at port
 * `CORRAL_PORT_BASE` of this machine, 4000 if neither is set); anything else is left alone.
 */
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { createRedirect } from './network-address.js';
import { redirectFetch } from './redirect-fetch.js';
import { redirectHttp } from './redirect-http.js';

const redirect = createRedirect(process.env);

globalThis.fetch = redirectFetch(globalThis.fetch, redirect);
redirectHttp(http as never, https as never, redirect);
syncBuiltinESMExports(); // `import { request } from 'node:https'` gets it too
