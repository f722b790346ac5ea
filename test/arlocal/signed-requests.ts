/** Requests signed as RFC 9421 says, by Ed25519 wallets: quick, and the same every time. */
import type { HttpRequest } from '../../arlocal/http-signature.js';
import type { Wallet } from '../../arlocal/wallet.js';

export interface RequestFields {
  readonly method?: string;
  readonly target?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Names of what is signed. @default all fields */
  readonly covers?: readonly string[];
  /** Appended to the signature's parameters, such as `;expires=1`. */
  readonly more?: string;
}

/** Derived components that the tests sign, from a request. */
const DERIVED: Record<string, (method: string, target: string) => string> = {
  '@method': (method) => method,
  '@path': (_, target) => target.split('?')[0] ?? '',
  '@query': (_, target) => `?${target.split('?')[1] ?? ''}`,
  '@request-target': (_, target) => target,
};

export function signRequest(wallet: Wallet, request: RequestFields = {}): HttpRequest {
  const { method = 'POST', target = '/push', fields = {}, body = new Uint8Array(0) } = request;
  const covers = request.covers ?? Object.keys(fields);
  const list = covers.map((name) => `"${name}"`).join(' ');
  const input = `(${list});alg="ed25519";keyid="${wallet.owner}"${request.more ?? ''}`;
  const lines = covers.map((name) => {
    const value = DERIVED[name]?.(method, target) ?? fields[name] ?? '';
    return `"${name}": ${value}`;
  });
  const base = [...lines, `"@signature-params": ${input}`].join('\n');
  const signature = Buffer.from(wallet.sign(Buffer.from(base))).toString('base64');
  const headers = new Map(Object.entries(fields));
  headers.set('signature-input', `sig=${input}`);
  headers.set('signature', `sig=:${signature}:`);
  return { method, target, headers, body };
}

/** The same request with other headers; undefined takes one away. */
export function withHeaders(
  request: HttpRequest,
  changes: Readonly<Record<string, string | undefined>>,
): HttpRequest {
  const headers = new Map(request.headers);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  return { ...request, headers };
}
