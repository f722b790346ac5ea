/**
 * What the arbiter tells, typed: the reads of docs/PROTOCOL.md, and the data of the messages that they
 * name. Every call reads anew, so a bot never plays on what it remembers.
 */
import type { ClaimView, Dispute, GameView, OperatorsData, Role } from '../../opml/game.js';
import { splitHashes } from '../../opml/hex.js';
import type { BotPort } from './port.js';

/** A claim, as far as a bot needs it. */
export interface ArbiterClaim extends ClaimView {
  readonly job: string;
  readonly worker: string;
  readonly bond: string;
  readonly answer: string;
  readonly tokens: number;
  readonly promptTokens: number;
  /** A number of llama's STOP_REASON. */
  readonly stopReason: number;
  /** Id of the model's data item. */
  readonly model: string;
  /** Message whose data holds the leaves. */
  readonly claimMessage: string;
  readonly until: number;
  /** winston that the next challenge binds: more, the more games about the claim are open. */
  readonly challengeBond: string;
  /** Ids of its games. */
  readonly games: readonly string[];
}

export interface ArbiterGame extends GameView {
  readonly challenger: string;
  /** The worker whose claim it is about, and who may play for it. */
  readonly defender: string;
  readonly delegate?: string;
  readonly bond: string;
  /** Operators of the transition, by the defender's word. */
  readonly operators?: number;
  /** Message whose data holds the operator leaves, from the defender's first move on. */
  readonly operatorsMessage?: string;
  /** Milliseconds that each side has left; the side on turn's since `since`. */
  readonly clocks: Readonly<Record<Role, number>>;
  readonly since: number;
  /** Accepted moves. */
  readonly moves: number;
  readonly openedAt: number;
  /** Without a side if the claim fell in another game. */
  readonly verdict?: { readonly side?: Role; readonly reason: string };
}

export interface Account {
  /** winston that the account can bind or withdraw, and that is bound in bonds. */
  readonly free: string;
  readonly locked: string;
}

export interface ArbiterInfo {
  /** Milliseconds since 1970, by the scheduler's clock. */
  readonly now: number;
  readonly burn: string;
}

export interface ArbiterReader {
  readonly id: string;
  info(): Promise<ArbiterInfo>;
  account(id: string): Promise<Account>;
  openClaims(): Promise<readonly string[]>;
  openGames(): Promise<readonly string[]>;
  claim(id: string): Promise<ArbiterClaim>;
  game(id: string): Promise<ArbiterGame>;
  /** All that a party has to know to choose its move. */
  dispute(claim: ArbiterClaim, game?: ArbiterGame): Promise<Dispute>;
}

export function createArbiterReader(port: BotPort, arbiter: string): ArbiterReader {
  const read = async <T>(action: string, tags: Record<string, string> = {}) =>
    (await port.read(arbiter, { Action: action, ...tags })) as T;
  const json = async <T>(id: string) =>
    JSON.parse(new TextDecoder().decode(await port.data(id))) as T;
  return {
    id: arbiter,
    info: () => read('Info'),
    account: (Account) => read('Account', { Account }),
    openClaims: () => read('Open-Claims'),
    openGames: () => read('Open-Games'),
    claim: (Claim) => read('Claim-Info', { Claim }),
    game: (Game) => read('Game-Info', { Game }),
    async dispute(claim, game) {
      const { leaves } = await json<{ leaves: string }>(claim.claimMessage);
      const message = game?.operatorsMessage;
      return {
        claim,
        leaves: splitHashes(leaves),
        ...(game ? { game } : {}),
        ...(message ? { operators: await json<OperatorsData>(message) } : {}),
      };
    },
  };
}
