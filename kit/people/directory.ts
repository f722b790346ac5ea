/**
 * Who is who in a network: names of processes and wallets, and what is meant by one. A name that two
 * have is nobody's: a test that hits the wrong one would be worse than an error.
 */
import type { ActorNetwork } from '../../actors/network.js';
import { isId } from '../../arlocal/encoding.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { KitError, show } from '../errors.js';
import { type Impersonated, isImpersonated, type Ref, type Sender } from './refs.js';

export interface Directory {
  /** id -> name, processes and wallets. */
  readonly names: ReadonlyMap<string, string>;
  /** @throws {UNKNOWN_NAME, AMBIGUOUS_NAME} */
  idOf(ref: Ref): string;
  /** The wallet of this name; from now on it can be written to by it. */
  wallet(name: string): Wallet;
  /** @throws {BAD_SENDER} */
  senderOf(sender: Sender): Wallet | Impersonated;
  /** A wallet that can sign here. */
  walletAt(address: string): Wallet | undefined;
  /** To be told of every new process. */
  note(process: string, name: string | undefined): void;
  /** Wallets by address, with their names. */
  wallets(): Iterable<[address: string, name: string]>;
  /**
   * Another network is the current one: forgets the processes, and the wallets that it does not know.
   * @param wallets those that it knows, by address
   * @param other whose keys are used for them, besides its own
   */
  learnAgain(wallets: ReadonlyMap<string, string>, other?: Directory): void;
}

const UNITS = ['scheduler-unit', 'messenger-unit'];
const NAMES_SHOWN = 10;

/** @param current the network of this moment */
export function createDirectory(current: () => ActorNetwork): Directory {
  const names = new Map<string, string>();
  const holders = new Map<string, Set<string>>(); // name -> ids
  const wallets = new Map<string, Wallet>(); // address -> wallet
  const keyless = new Set<string>(); // wallets from elsewhere that cannot sign in this program
  const note = (id: string, name: string) => {
    names.set(id, name);
    holders.set(name, (holders.get(name) ?? new Set()).add(id));
  };
  const addWallet = (wallet: Wallet) => {
    if (wallets.has(wallet.address)) return;
    wallets.set(wallet.address, wallet);
    note(wallet.address, wallet.name);
  };
  let isLearned = false; // there may be thousands, and nobody who asks for a name
  const learn = () => {
    if (isLearned) return;
    isLearned = true;
    for (const unit of UNITS) addWallet(current().wallet(unit));
    const { scheduler } = current().units;
    for (const id of scheduler.processes()) noteProcess(id, scheduler.process(id)?.name);
  };
  const noteProcess = (id: string, name: string | undefined) => {
    if (name !== undefined && name !== '') note(id, name);
  };
  const byName = (name: string): string => {
    learn();
    const [id, other] = holders.get(name) ?? [];
    if (id === undefined) throw unknownName(name, holders.keys());
    if (other !== undefined) throw ambiguous(name, [...(holders.get(name) ?? [])]);
    return id;
  };
  const wallet = (name: string) => {
    const made = current().wallet(name);
    addWallet(made);
    return made;
  };
  const directory: Directory = {
    get names() {
      learn();
      return names;
    },
    wallet,
    walletAt: (address) => wallets.get(address),
    idOf(ref) {
      const id = readRef(ref);
      if (typeof ref === 'object' && 'address' in ref) current().addWallet(ref.address);
      return isId(id) ? id : byName(id);
    },
    senderOf(sender) {
      if (typeof sender === 'string' && sender !== '' && !isId(sender)) return wallet(sender);
      if (typeof sender !== 'object' || sender === null) throw badSender(sender);
      if (isImpersonated(sender)) return sender;
      if (typeof sender.sign !== 'function') throw badSender(sender);
      addWallet(sender);
      return sender;
    },
    note: noteProcess,
    wallets: () => [...names].filter(([id]) => wallets.has(id) || keyless.has(id)),
    learnAgain(known, other = directory) {
      const keys = new Map([...known].map(([address]) => [address, other.walletAt(address)]));
      isLearned = false;
      for (const all of [names, holders, wallets, keyless]) all.clear();
      for (const [address, name] of known) {
        const derived = () => current().wallet(name);
        const wallet = keys.get(address) ?? (derived().address === address ? derived() : undefined);
        if (wallet) addWallet(wallet);
        else {
          keyless.add(address);
          note(address, name);
        }
      }
    },
  };
  return directory;
}

function readRef(ref: Ref): string {
  const text: unknown =
    typeof ref === 'object' && ref !== null ? ('id' in ref ? ref.id : ref.address) : ref;
  if (typeof text === 'string' && text !== '') return text;
  throw new KitError('UNKNOWN_NAME', `${show(ref)} is neither a process nor a wallet`, {
    hint: 'Give an id, a name, a process that was spawned, or a wallet.',
    details: { ref },
  });
}

function badSender(sender: unknown): KitError {
  const isText = typeof sender === 'string' && sender !== '';
  return new KitError('BAD_SENDER', `${show(sender)} cannot sign a message`, {
    hint: isText
      ? `A message from an id whose key nobody here has: from: network.impersonate('${sender}').`
      : "Give a wallet (network.wallet('alice')), its name, or network.impersonate(...).",
    details: { sender },
  });
}

function unknownName(name: string, known: Iterable<string>): KitError {
  const all = [...known].filter((other) => !UNITS.includes(other));
  const near = all.filter((other) => other.toLowerCase() === name.toLowerCase());
  const shown = (near.length > 0 ? near : all.sort()).slice(0, NAMES_SHOWN).map(show).join(', ');
  return new KitError('UNKNOWN_NAME', `nobody is called ${show(name)} here`, {
    hint:
      shown === ''
        ? 'Spawn a process of that name first, or make the wallet: network.wallet(name).'
        : `Known: ${shown}. A wallet is known once network.wallet(name) made it.`,
    details: { name },
  });
}

function ambiguous(name: string, ids: readonly string[]): KitError {
  return new KitError('AMBIGUOUS_NAME', `${ids.length} are called ${show(name)}`, {
    hint: `Give the process or the wallet itself, or its id: ${ids.slice(0, NAMES_SHOWN).join(', ')}.`,
    details: { name, ids },
  });
}
