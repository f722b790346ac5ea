/**
 * Where the local network is: its gateway's URL; the other parts are on the ports that follow.
 */
import { ClientError } from './errors.js';
import { findRoute, PARTS } from './hosts.js';

const DEFAULT_PORT_BASE = 4000;

/** @returns the local URL that stands for a production one; undefined if it is none */
export type Redirect = (url: URL) => URL | undefined;

/**
 * Reads `CORRAL_URL`, the gateway's URL, or `CORRAL_PORT_BASE`, its port on this machine.
 *
 * @throws {BAD_ADDRESS}
 */
export function createRedirect(env: Readonly<Record<string, string | undefined>>): Redirect {
  const gateway = readGatewayUrl(env);
  const [firstPort, lastPort] = [Number(gateway.port || 80), 65_536 - PARTS.length];
  if (!(firstPort >= 1 && firstPort <= lastPort)) {
    throw badAddress('CORRAL_URL', gateway.href, `a port from 1 to ${lastPort}`);
  }
  return ({ protocol, hostname, pathname, search }) => {
    if (protocol !== 'http:' && protocol !== 'https:') return undefined;
    const route = findRoute(hostname, `${pathname}${search}`);
    if (!route) return undefined;
    const port = firstPort + PARTS.indexOf(route.part);
    return new URL(route.path, `http://${gateway.hostname}:${port}`);
  };
}

function readGatewayUrl(env: Readonly<Record<string, string | undefined>>): URL {
  const { CORRAL_URL: url, CORRAL_PORT_BASE: portBase = String(DEFAULT_PORT_BASE) } = env;
  if (url) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed?.protocol === 'http:') return parsed;
    throw badAddress('CORRAL_URL', url, 'a URL such as http://127.0.0.1:4000');
  }
  if (/^\d{1,5}$/.test(portBase) && Number(portBase) <= 65_535) {
    return new URL(`http://127.0.0.1:${portBase}`);
  }
  throw badAddress('CORRAL_PORT_BASE', portBase, 'a port such as 4000');
}

function badAddress(name: string, value: string, wanted: string): ClientError {
  return new ClientError('BAD_ADDRESS', `${name} is "${value}", not ${wanted}`, {
    hint: `Set ${name} to what \`corral up\` prints as its gateway, or unset it.`,
    details: { [name]: value },
  });
}

/** Errors of sockets that mean: nobody listens there. */
const NOBODY = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND']);

/** @returns what to say instead of an error that hides which request failed and why */
export function explainFailure(error: unknown, asked: URL, target: URL): unknown {
  const { cause, code } = (error ?? {}) as { cause?: { code?: unknown }; code?: unknown };
  if (!NOBODY.has(String(code)) && !NOBODY.has(String(cause?.code))) return error;
  return new ClientError(
    'NETWORK_NOT_RUNNING',
    `${asked.host} stands for the local network at ${target.origin}, where nobody answers. ${NOT_RUNNING}`,
    { hint: NOT_RUNNING, details: { asked: asked.href, target: target.href }, cause: error },
  );
}

const NOT_RUNNING = 'Start it with `corral up`, or set CORRAL_URL to where it runs.';
