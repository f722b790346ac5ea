/** What is to be adopted, and from where. */
import { isId } from '../../arlocal/encoding.js';
import { KitError, show } from '../errors.js';

/** Plain values, so that they go with a snapshot. */
export interface AdoptRequest {
  /** Id of the process. */
  readonly process: string;
  /** URL of a scheduler unit: where its log is. */
  readonly su?: string;
  /** URL of a compute unit, for `state: 'checkpoint'`. */
  readonly cu?: string;
  /** URL of a node in HyperBEAM's shape, instead of `su`: its log, and its module if it has it. */
  readonly node?: string;
  /** URL of a gateway: where the module is, and data that is no text. @default the network's own */
  readonly gateway?: string;
  /**
   * `log` evaluates its whole log here, so that nobody has to be believed but the scheduler unit;
   * `checkpoint` takes the compute unit's word for its memory. @default 'log'
   */
  readonly state?: 'log' | 'checkpoint';
  /** Address of the scheduler unit, if it is not the process's tag `Scheduler`. */
  readonly scheduler?: string;
  /** Address of the messenger unit there, if the process does not name it as an Authority. */
  readonly messenger?: string;
}

const NAMES = ['su', 'cu', 'node', 'gateway'] as const;

/** @throws {BAD_OPTION} */
export function checkRequest(request: AdoptRequest): AdoptRequest {
  const { process, su, cu, node, state = 'log' } = request;
  if (!isId(process))
    throw refuse('process', process, 'Give the id of the process, 43 characters.');
  for (const name of ['scheduler', 'messenger'] as const) {
    const address = request[name];
    if (address !== undefined && !isId(address)) throw refuse(name, address, 'Give an address.');
  }
  if ((su === undefined) === (node === undefined)) {
    throw refuse(
      'su',
      su,
      "Give either su (a scheduler unit) or node (in HyperBEAM's shape), as URLs.",
    );
  }
  if (state !== 'log' && state !== 'checkpoint') {
    throw refuse('state', state, "Give 'log' or 'checkpoint'.");
  }
  if (state === 'checkpoint' && cu === undefined) {
    throw refuse('cu', cu, 'A checkpoint comes from a compute unit: give its URL as cu.');
  }
  const urls = NAMES.map((name) => [name, checkUrl(name, request[name])] as const);
  const given = urls.filter(([, url]) => url !== undefined);
  return { ...request, state, ...Object.fromEntries(given) };
}

function checkUrl(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw refuse(name, text, 'Give a URL such as http://localhost:4003.');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function refuse(name: string, value: unknown, hint: string): KitError {
  return new KitError('BAD_OPTION', `${name} of what is to be adopted is ${show(value)}`, {
    hint,
    details: { [name]: value },
  });
}
