/** A process with an owner, for tests: evaluates Lua, takes messages, gives the whole reply. */
import type { LuaMachine } from '../../../actors/lua/machine.js';
import type { Json, KernelResult } from './compare.js';
import { createKernelMachines } from './subject.js';

export interface Reply {
  ok: boolean;
  response: KernelResult;
  handler?: string;
  prints?: string[];
  trace?: { handler?: string; line?: number; message?: string; stack?: string; log?: string[] };
}

export interface TestProcess {
  /** The reply to an Eval by the owner. */
  eval(code: string): Reply;
  /** Output.data of an Eval by the owner; throws the Error of a failed one. */
  evaluate(code: string): string;
  /** The reply to a message from somebody. */
  send(tags: Readonly<Record<string, string>>, data?: string): Reply;
  readonly machine: LuaMachine;
}

const OWNER = 'OWNER';
const PROCESS = 'PROCESS';
const ENV = JSON.stringify({
  Process: {
    Id: PROCESS,
    Owner: OWNER,
    Tags: [
      { name: 'Name', value: 'test' },
      { name: 'Module', value: 'MODULE' },
    ],
  },
  Module: { Id: 'MODULE', Owner: OWNER, Tags: [] },
});

export function createTestProcess(create = createKernelMachines()): TestProcess {
  const machine = create();
  let nonce = 0;
  const deliver = (from: string, tags: Readonly<Record<string, string>>, data: Json): Reply => {
    const id = nonce === 0 ? PROCESS : `MESSAGE-${nonce}`;
    const message = {
      Id: id,
      Owner: from,
      From: from,
      Target: PROCESS,
      Data: data,
      Tags: Object.entries(tags).map(([name, value]) => ({ name, value })),
      Timestamp: 1_700_000_000_000 + nonce,
      'Block-Height': 1_500_000 + nonce,
      Nonce: nonce,
    };
    nonce += 1;
    return JSON.parse(machine.evaluate(JSON.stringify(message), ENV));
  };
  deliver(OWNER, { Type: 'Process', Module: 'MODULE' }, '');
  return {
    machine,
    eval: (code) => deliver(OWNER, { Action: 'Eval' }, code),
    evaluate(code) {
      const { response } = deliver(OWNER, { Action: 'Eval' }, code);
      if (response.Error !== undefined) throw new Error(String(response.Error));
      return String(response.Output?.data);
    },
    send: (tags, data = '') => deliver('ALICE', tags, data),
  };
}
