/**
 * The kit's matchers for vitest. What they decide and say is decided and said in kit/match, where
 * tests in Lua find the same.
 */
import type { MatcherState } from 'vitest';
import * as vitest from 'vitest';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError, show } from '../errors.js';
import { checkConserved, type Quantity, readQuantity } from '../match/conserve.js';
import { checkFailure, checkThrown, type Failing } from '../match/failing.js';
import { checkMessage, type MessageOptions } from '../match/message.js';
import { checkMessages, type MessagesOptions } from '../match/messages.js';
import type { MessagePattern } from '../match/pattern.js';
import { checkReplay } from '../match/replaying.js';
import { namesOf, subjectOf } from '../match/subject.js';
import type { Verdict } from '../match/verdict.js';
import { matchTrace } from './match-trace.js';
import type { TraceOptions } from './matcher-types.js';

type Names = ReadonlyMap<string, string>;

export const matchers = {
  toHaveMessage(
    this: MatcherState,
    received: unknown,
    pattern?: MessagePattern,
    options?: MessageOptions,
  ): Verdict {
    return checkMessage(subjectOf(received, namesAround(this)), pattern, options);
  },
  toHaveMessages(
    this: MatcherState,
    received: unknown,
    patterns: readonly MessagePattern[],
    options?: MessagesOptions,
  ): Verdict {
    return checkMessages(subjectOf(received, namesAround(this)), patterns, options);
  },
  toFailWith(this: MatcherState, received: unknown, failing?: Failing): Verdict {
    if (received instanceof Error) return checkThrown(received, failing);
    return checkFailure(subjectOf(received, namesAround(this)), failing);
  },
  async toConserve(
    this: MatcherState,
    received: unknown,
    quantity: Quantity,
    during?: () => unknown,
  ): Promise<Verdict> {
    const act = actOf(received, during);
    checkQuantity(quantity);
    const before = await readQuantity(quantity);
    await act();
    const after = await readQuantity(quantity);
    return checkConserved(quantity.name, before, after, quantity.names ?? namesAround(this));
  },
  toMatchTrace(
    this: MatcherState,
    received: unknown,
    golden?: string | TraceOptions,
    options?: TraceOptions,
  ) {
    return matchTrace(this, subjectOf(received, namesAround(this)), golden, options);
  },
  async toReplay(this: MatcherState, received: unknown): Promise<Verdict> {
    const { network, processes } = replayedOf(received);
    return checkReplay(network, processes, namesOf(network) ?? namesAround(this));
  },
};

/** Names of the network that the test at hand was given by the fixture, if it was given one. */
function namesAround(state: MatcherState): Names {
  const assertion = state.assertion as object | undefined;
  const test: unknown = assertion && vitest.chai.util.flag(assertion, 'vitest-test');
  const { context } = (test ?? {}) as { context?: { network?: object } };
  return (context?.network && namesOf(context.network)) ?? new Map();
}

function actOf(received: unknown, during: unknown): () => unknown {
  const act = typeof received === 'function' ? received : during;
  if (typeof act === 'function') return act as () => unknown;
  throw new KitError('BAD_MATCHER', `toConserve was given ${show(received)} and nothing to do`, {
    hint: 'Write await expect(() => network.send(...)).toConserve(war(network)).',
  });
}

function checkQuantity(quantity: unknown): asserts quantity is Quantity {
  const { name, read } = (quantity ?? {}) as Partial<Quantity>;
  if (typeof name === 'string' && typeof read === 'function') return;
  throw new KitError('BAD_MATCHER', `the quantity is ${show(quantity)}`, {
    hint: 'Give war(network), balancesOf(network, process), or { name, read } of your own.',
  });
}

/** A network with all its processes, or one process of it. */
function replayedOf(received: unknown): { network: ActorNetwork; processes?: readonly string[] } {
  const fields = (received ?? {}) as Partial<Record<'replay' | 'tree', unknown>> & {
    network?: ActorNetwork;
    id?: string;
  };
  if (typeof fields.replay === 'function') return { network: received as ActorNetwork };
  if (fields.network && typeof fields.id === 'string' && fields.tree === undefined) {
    return { network: fields.network, processes: [fields.id] };
  }
  throw new KitError('BAD_MATCHER', `toReplay was given ${show(received)}`, {
    hint: 'Expect a network, or a process that it answered: await expect(network).toReplay().',
  });
}
