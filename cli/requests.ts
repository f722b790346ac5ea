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
  throw refused(unit, `HTTP ${response.status}: ${fieldOf('error', text) ?? text}`, text);
}

/**
 * The response of the developer's tools: what they cannot do is the person's own mistake, and told as
 * they say it.
 *
 * @throws {CliError} NETWORK_REFUSED
 */
export async function answered(response: Response, unit: string): Promise<Response> {
  if (response.ok) return response;
  const body = await response.text();
  const [reason, hint] = [fieldOf('error', body), fieldOf('hint', body)];
  if (reason === undefined || hint === undefined || fieldOf('code', body) === 'NOT_FOUND') {
    throw refused(unit, `HTTP ${response.status}: ${reason ?? body}`, body);
  }
  throw new CliError('NETWORK_REFUSED', reason.replace(`. ${hint}`, ''), hint, { unit, reason });
}

/** `{"error": "...", "hint": "..."}` -> the text of a field; undefined if there is none. */
function fieldOf(name: string, text: string): string | undefined {
  const match = new RegExp(`[{,]\\s*"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text);
  return match?.[1] === undefined ? undefined : String(JSON.parse(match[1]));
}

/**
 * The error for a request that a unit or a process did not accept.
 *
 * @param body of the response; its hint is the error's
 */
export function refused(unit: string, reason: string, body = ''): CliError {
  const hint = fieldOf('hint', body) ?? 'The network is up, but does not accept this.';
  return new CliError('NETWORK_REFUSED', `the ${unit} answered: ${reason}`, hint, { unit, reason });
}
