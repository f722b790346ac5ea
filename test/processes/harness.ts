/**
 * A few processes and the messages between them: the real Lua machine and the real kernel, with a
 * message loop of a page. Time stands still but for one millisecond a message and `advance`.
 * Processes and wallets are called by short names that stand for ids.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Device, DeviceShape } from '../../actors/lua/device.js';
import { compileLua } from '../../actors/lua/engine.js';
import { createImage, type MemoryImage } from '../../actors/lua/image.js';
import { createMachine, type LuaMachine } from '../../actors/lua/machine.js';
import { bundleLua } from '../../herd/bundle.js';
import { collectorOfRun } from '../../kit/collect/run.js';

export type Tags = Readonly<Record<string, string>>;

/** A message on its way, or delivered. */
export interface Post {
  readonly from: string;
  readonly to: string;
  readonly tags: Tags;
  readonly data: string;
  /** Default: a new one. */
  readonly id?: string;
}

export interface Outgoing {
  readonly from: string;
  readonly to: string;
  readonly action?: string;
  readonly tags?: Tags;
  readonly data?: string;
  readonly id?: string;
}

interface Evaluation {
  readonly Error?: unknown;
  readonly Output?: { readonly data: string };
  readonly Messages?: readonly OutboxMessage[];
}

interface OutboxMessage {
  readonly Target: string;
  readonly Data?: string;
  readonly Tags: readonly { readonly name: string; readonly value: string }[];
}

/** What a process was told and said, as JSON texts: enough to have another machine say it, too. */
export interface Recording {
  readonly env: string;
  readonly deliveries: readonly Delivery[];
}

interface Delivery {
  readonly message: string;
  readonly reply: string;
  /** Lua instructions that it took. */
  readonly instructions: number;
}

interface Member {
  readonly machine: LuaMachine;
  readonly env: string;
  readonly deliveries: Delivery[] | undefined;
  nonce: number;
  crashed: boolean;
}

const MESSENGER = 'MESSENGER';
/** More that one message sets off is an endless conversation. */
const MOST_DELIVERIES = 10_000;
export const OWNER = 'OWNER';

const root = new URL('../../processes/', import.meta.url);

/** Text of a file in processes/. */
export function readProgram(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** A program in processes/ with the modules that it is made of, as a network boots it. */
export function bundleProgram(path: string): string {
  return bundleLua(fileURLToPath(new URL(path, root)), fileURLToPath(root));
}

/** Counts lines when coverage is asked for. */
const watch = collectorOfRun()?.lines?.hook;

/** Boots the kernel once; every process of a test file starts from the same image. */
export function bootKernel(devices: readonly DeviceShape[] = []): MemoryImage {
  const manifest = JSON.parse(readProgram('kernel/manifest.json')) as {
    entry: string;
    modules: { name: string; file: string }[];
  };
  const files = manifest.modules.map(({ name, file }) => ({
    name,
    source: readProgram(`kernel/${file}`),
  }));
  return createImage(compileLua(), { files, entry: manifest.entry, devices, watch });
}

export class Neighbourhood {
  /** Every message delivered, in order. */
  readonly posts: Post[] = [];
  /** What each process printed, colours removed. */
  readonly printed = new Map<string, string>();
  /** Failed messages: "process: error". */
  readonly errors: string[] = [];
  nowMs = 1_700_000_000_000;

  readonly #image: MemoryImage;
  readonly #members = new Map<string, Member>();
  #sent = 0;

  readonly #records: boolean;

  /** @param records keeps what every process was told and said */
  constructor(image: MemoryImage, records = false) {
    this.#image = image;
    this.#records = records;
  }

  /** Starts a process whose program is evaluated at boot. Owned by OWNER. */
  spawn(id: string, program: string, tags: Tags = {}, devices: readonly Device[] = []): void {
    const machine = createMachine(this.#image, { devices, watch });
    const all = {
      'Data-Protocol': 'ao',
      Variant: 'ao.TN.1',
      Type: 'Process',
      Module: 'MODULE',
      Authority: MESSENGER,
      'On-Boot': 'Data',
      ...tags,
    };
    const module = { Id: 'MODULE', Owner: OWNER, Tags: [] };
    const env = JSON.stringify({
      Process: { Id: id, Owner: OWNER, Tags: toList(all) },
      Module: module,
    });
    const deliveries = this.#records ? [] : undefined;
    this.#members.set(id, { machine, env, deliveries, nonce: 0, crashed: false });
    this.#crank([{ from: OWNER, to: id, tags: all, data: program }]);
  }

  /** Sends a message of a wallet (or, to test forgery, of any id) and all that follows from it. */
  send(message: Outgoing): Post[] {
    const { from, to, action, tags, data = '', id } = message;
    const first = this.posts.length;
    const all = { ...(action && { Action: action }), ...tags };
    this.#crank([{ from, to, tags: all, data, ...(id !== undefined && { id }) }]);
    return this.posts.slice(first + 1);
  }

  /** Evaluates code in a process as its owner. Returns what it shows, colours removed. */
  eval(id: string, code: string): string {
    const failed = this.errors.length;
    const shown = this.#crank([{ from: OWNER, to: id, tags: { Action: 'Eval' }, data: code }]);
    if (this.errors.length > failed) throw new Error(this.errors[failed]);
    return shown;
  }

  advance(ms: number): void {
    this.nowMs += ms;
  }

  /** @throws if nothing was recorded */
  recording(id: string): Recording {
    const { env, deliveries } = this.#member(id);
    if (!deliveries) throw new Error(`${id} was not recorded`);
    return { env, deliveries };
  }

  /** From now on messages to this process are lost, as if its machine had died. */
  crash(id: string): void {
    this.#member(id).crashed = true;
  }

  restart(id: string): void {
    this.#member(id).crashed = false;
  }

  dispose(): void {
    for (const { machine } of this.#members.values()) machine.dispose();
  }

  #member(id: string): Member {
    const member = this.#members.get(id);
    if (!member) throw new Error(`no process ${id}`);
    return member;
  }

  /** Delivers until nothing is left. Returns what the first message made its process print. */
  #crank(queue: Post[]): string {
    let first: string | undefined;
    let deliveries = 0;
    for (let post = queue.shift(); post; post = queue.shift()) {
      deliveries += 1;
      if (deliveries > MOST_DELIVERIES) {
        const { from, to, tags } = post;
        throw new Error(`no end of messages: ${tags.Action} from ${from} to ${to} is one too many`);
      }
      this.posts.push(post);
      const member = this.#members.get(post.to);
      if (!member || member.crashed) continue;
      const { shown, sent } = this.#deliver(post, member);
      first ??= shown;
      this.printed.set(post.to, `${this.printed.get(post.to) ?? ''}${shown ? `${shown}\n` : ''}`);
      queue.push(...sent);
    }
    return first ?? '';
  }

  #deliver(post: Post, member: Member): { shown: string; sent: Post[] } {
    const isProcess = this.#members.has(post.from);
    this.#sent += 1;
    this.nowMs += 1;
    const isBoot = member.nonce === 0;
    const message = {
      Id: isBoot ? post.to : (post.id ?? `MESSAGE-${this.#sent}`),
      Target: post.to,
      Owner: isProcess ? MESSENGER : post.from,
      From: post.from,
      Data: post.data,
      Tags: toList(isProcess ? { ...post.tags, 'From-Process': post.from } : post.tags),
      Timestamp: this.nowMs,
      'Block-Height': 1_500_000,
      Nonce: member.nonce,
      Epoch: 0,
      Cron: false,
      'Read-Only': false,
    };
    member.nonce += 1;
    const before = member.machine.checkpoint();
    const sent = JSON.stringify(message);
    const text = member.machine.evaluate(sent, member.env);
    const { instructionsUsed: instructions } = member.machine;
    member.deliveries?.push({ message: sent, reply: text, instructions });
    const reply = JSON.parse(text) as { ok: boolean; response: Evaluation | string };
    const result = typeof reply.response === 'string' ? { Error: reply.response } : reply.response;
    if (result.Error) {
      this.errors.push(`${post.to}: ${plain(String(result.Error))}`);
      member.machine.restore(before);
      return { shown: '', sent: [] };
    }
    return {
      shown: plain(result.Output?.data ?? ''),
      sent: (result.Messages ?? []).map((message) => toPost(post.to, message)),
    };
  }
}

function toPost(from: string, message: OutboxMessage): Post {
  const tags: Record<string, string> = {};
  for (const { name, value } of message.Tags) tags[name] ??= value;
  return { from, to: message.Target, tags, data: message.Data ?? '' };
}

function toList(tags: Tags): { name: string; value: string }[] {
  return Object.entries(tags).map(([name, value]) => ({ name, value }));
}

/** Text without terminal colours. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with an escape character
  return text.replaceAll(/\u001b\[\d+m/g, '');
}
