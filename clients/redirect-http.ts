/**
 * `node:http` and `node:https` that reach the local network where production is asked for: for the
 * clients that do not use `fetch` (axios, node-fetch, got, and whatever else was built on them).
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { explainFailure, type Redirect } from './network-address.js';

type Callback = (response: IncomingMessage) => void;
type Request = (...args: unknown[]) => ClientRequest;

/** The two functions of both modules that make requests. */
interface HttpModule {
  request: Request;
  get: Request;
}

/** Replaces them in place, so that who holds the module gets the new ones. */
export function redirectHttp(http: HttpModule, https: HttpModule, redirect: Redirect): void {
  const send = http.request;
  const start = (protocol: string, args: unknown[]): ClientRequest | undefined => {
    const { options, callback } = readArguments(args);
    const asked = urlOf(protocol, options);
    const target = asked && redirect(asked);
    if (!asked || !target) return undefined;
    const request = send(retarget(options, target), callback);
    return explainErrors(request, asked, target);
  };
  for (const [protocol, module] of [
    ['http:', http],
    ['https:', https],
  ] as const) {
    const { request, get } = module;
    module.request = (...args) => start(protocol, args) ?? request(...args);
    module.get = (...args) => start(protocol, args)?.end() ?? get(...args);
  }
}

/** `(url, options?, callback?)` or `(options, callback?)`, as Node reads them. */
function readArguments(args: readonly unknown[]): {
  options: RequestOptions;
  callback: Callback | undefined;
} {
  const callback = args.find((arg) => typeof arg === 'function') as Callback | undefined;
  const [first, second] = args;
  const isUrl = typeof first === 'string' || first instanceof URL;
  if (!isUrl) return { options: { ...(first as RequestOptions) }, callback };
  const url = URL.canParse(String(first)) ? urlToHttpOptions(new URL(first)) : {};
  const options = typeof second === 'object' ? (second as RequestOptions) : {};
  return { options: { ...url, ...options } as RequestOptions, callback };
}

function urlOf(protocol: string, options: RequestOptions): URL | undefined {
  if (options.socketPath) return undefined;
  const host = options.hostname ?? options.host;
  const url = `${options.protocol ?? protocol}//${host}${options.path ?? '/'}`;
  return host && URL.canParse(url) ? new URL(url) : undefined;
}

/** The same request to another place, without what concerns the connection to the first one. */
function retarget(options: RequestOptions, target: URL): RequestOptions {
  const { agent: _agent, createConnection: _create, defaultPort: _port, ...kept } = options;
  const { protocol, hostname, port, pathname, search } = target;
  return { ...kept, protocol, hostname, host: hostname, port, path: `${pathname}${search}` };
}

/** Puts an explanation in front of the error that listeners get; without one it is thrown, as ever. */
function explainErrors(request: ClientRequest, asked: URL, target: URL): ClientRequest {
  const emit = request.emit.bind(request);
  request.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== 'error') return emit(event, ...args);
    return emit(event, explainFailure(args[0], asked, target));
  };
  return request;
}
