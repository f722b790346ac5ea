/**
 * Story: a worker gets one instruction of billions wrong. A challenger computes the answer again, both
 * halve the disagreement until one instruction is left, and the arbiter computes that one itself.
 */
import { type DisputeEvent, playDispute } from '../index.js';

const short = (hash: string) => hash.slice(0, 8);
const count = (number: number) => number.toLocaleString('en-US');

function tell(event: DisputeEvent): void {
  if (event.type === 'answered') {
    const { question, answer, fault } = event.opening;
    console.log(`${question.payer.name}: ${question.prompt}`);
    console.log(`${answer.worker.name}: ${answer.text.trim()}\n(${fault.text})\n`);
  }
  if (event.type === 'challenged') {
    const { challenger, defender, leaf, claimed, own } = event.challenge;
    console.log(`${challenger.name}: after ${leaf + 1} tokens you have ${short(claimed)},`);
    console.log(`  ${defender.name}, but ${short(own)} is right`);
  }
  if (event.type === 'moved') {
    const { by, kind, after, agree } = event.round;
    const says = agree === undefined ? kind.toLowerCase() : agree ? 'agrees' : 'denies';
    const left = `${count(after.lo)} to ${count(after.hi)}`;
    console.log(`${by.padEnd(10)}  ${says.padEnd(9)}  ${left}`);
  }
  if (event.type === 'over') {
    const { instruction, verdict, payments, refund } = event.record;
    if (instruction) {
      const { opcode, operatorName, values } = instruction;
      console.log(`\n${opcode} in ${operatorName}: ${values.defender} or ${values.challenger}?`);
      console.log(`the arbiter computes ${values.arbiter}`);
    }
    console.log(`the ${verdict.winner} wins: ${verdict.reason}`);
    for (const { party, winston } of payments) console.log(`${party.name}: ${winston} winston`);
    if (refund) console.log(`${refund.payer.name} gets back ${refund.winston} winston`);
  }
}

await playDispute({
  fault: { kind: 'instruction' },
  prompt: 'What is the meaning of life?',
  tokens: 20,
  tell,
});
