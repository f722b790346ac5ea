/**
 * Who got which wAR: what everyone has before the game and after it, in deposits and in balances, and
 * the difference. Nothing here is computed from the rules; it is what the books say.
 */
import type { ActorNetwork } from '../../actors/network.js';
import type { Party, PaymentRecord } from './dispute-record.js';
import type { Stage } from './dispute-stage.js';

export interface Books {
  /** What has changed since the books were opened. */
  close(): Promise<PaymentRecord[]>;
}

/** winston of wAR that an account of the token holds */
export async function warBalance(
  network: ActorNetwork,
  war: string,
  account: string,
): Promise<bigint> {
  const Tags = [
    { name: 'Action', value: 'Balance' },
    { name: 'Recipient', value: account },
  ];
  const { messages } = await network.dryRun(war, { Tags });
  return BigInt(String(messages[0]?.Data ?? '0'));
}

export async function openBooks(stage: Stage): Promise<Books> {
  const { corral, arbiter, challenger, worker } = stage;
  const { network, info } = corral;
  const { burn } = await arbiter.info();
  const deposit = async ({ id }: Party) => {
    const { free, locked } = await arbiter.account(id);
    return BigInt(free) + BigInt(locked);
  };
  const read = async () => ({
    challenger: await deposit(challenger),
    worker: await deposit(worker),
    burnt: await warBalance(network, info.processes.war, burn),
  });
  const before = await read();
  return {
    async close() {
      const after = await read();
      const rows = [
        { party: challenger, winston: after.challenger - before.challenger },
        { party: worker, winston: after.worker - before.worker },
        { party: { name: 'burnt', id: burn }, winston: after.burnt - before.burnt },
      ];
      return rows.map(({ party, winston }) => ({ party, winston: `${winston}` }));
    },
  };
}
