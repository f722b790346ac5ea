/** A network that does everything by asking the core of the moment. */
import type { ActorNetwork } from '../actors/network.js';

/** What the kit does not change. */
export type Delegated = Omit<
  ActorNetwork,
  | 'clock'
  | 'faults'
  | 'events'
  | 'wallet'
  | 'spawn'
  | 'send'
  | 'submit'
  | 'assign'
  | 'dryRun'
  | 'result'
  | 'results'
  | 'crons'
  | 'monitor'
  | 'unmonitor'
  | 'replay'
  | 'stateHash'
  | 'deliveries'
  | 'close'
>;

export function delegateTo(core: () => ActorNetwork): Delegated {
  return {
    get seed() {
      return core().seed;
    },
    get gateway() {
      return core().gateway;
    },
    get limits() {
      return core().limits;
    },
    get addresses() {
      return core().addresses;
    },
    get units() {
      return core().units;
    },
    get shared() {
      return core().shared;
    },
    get crank() {
      return core().crank;
    },
    get resumed() {
      return core().resumed;
    },
    tell: (event) => core().tell(event),
    addWallet: (address) => core().addWallet(address),
    publishModule: (module, tags, id) => core().publishModule(module, tags, id),
    accept: (bytes) => core().accept(bytes),
    receive: (bytes) => core().receive(bytes),
    capture: () => core().capture(),
    trace: (message) => core().trace(message),
    step: () => core().step(),
    pendingDeliveries: () => core().pendingDeliveries(),
  };
}

/** One object of both, getters and all; what both have is the second's. */
export function join<A extends object, B extends object>(a: A, b: B): A & B {
  const parts = { ...Object.getOwnPropertyDescriptors(a), ...Object.getOwnPropertyDescriptors(b) };
  return Object.defineProperties({}, parts) as A & B;
}
