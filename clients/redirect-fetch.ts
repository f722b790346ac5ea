/**
 * A `fetch` that reaches the local network where production is asked for. Method, headers, body,
 * streams and signals go along as they are.
 */
import { explainFailure, type Redirect } from './network-address.js';

export function redirectFetch(original: typeof fetch, redirect: Redirect): typeof fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const text = request?.url ?? String(input);
    // What is no URL is for the original to complain about.
    const asked = URL.canParse(text) ? new URL(text) : undefined;
    const target = asked && redirect(asked);
    if (!asked || !target) return original(input, init);
    try {
      return await original(request ? new Request(target, request) : target, init);
    } catch (error) {
      throw explainFailure(error, asked, target);
    }
  };
}
