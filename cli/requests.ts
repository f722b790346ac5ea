/**
 * Requests to the units of a network, and their failures in words: nothing listens, or what listens
 * refuses and says why.
 */
import { CliError, messageOf } from './errors.js';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * A response, whatever its status.
 *
 * @throws {CliError} NETWORK_UNREACHABLE
 */
export async function reach(fetch: Fetch, url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const { origin } = new URL(url);
    throw new CliError(
      'NETWORK_UNREACHABLE',
      `nothing answers at ${origin}`,
      'Start a network with `corral up`, or name the ports of a running one with --port-base.',
      { url, reason: messageOf(cause) },
      cause,
    );
  }
}

/**
 * The response, if its status says that it went well.
 *
 * @throws {CliError} NETWORK_REFUSED with the reason that the unit gave
 */
export async function checked(response: Response, unit: string): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  throw refused(unit, `HTTP ${response.status}: ${errorOf(text)}`);
}

/** `{"error": "..."}` -> its text; anything else as it is. */
function errorOf(text: string): string {
  const match = /^\s*\{\s*"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text);
  return match?.[1] === undefined ? text : String(JSON.parse(match[1]));
}

/** The error for a request that a unit or a process did not accept. */
export function refused(unit: string, reason: string): CliError {
  const hint = 'The network is up, but does not accept this; the reason is its own.';
  return new CliError('NETWORK_REFUSED', `the ${unit} answered: ${reason}`, hint, { unit, reason });
}
