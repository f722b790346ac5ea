/** What people see when their tests fail: vitest's whole output, as it is printed. */
import { describe, expect, test } from 'vitest';
import { runVitest, SAMPLES } from './child.js';

const run = await runVitest(SAMPLES);

/** Without the lines of code that vitest shows. */
const shownFor = (name: string) => run.about(name).split(' ❯ ')[0]?.trimEnd();

test('every sample fails, but for one', () => {
  expect(run.output).toMatch(/Tests {2}14 failed \| 1 passed \(15\)/);
  expect(run.code).toBe(1);
});

describe('a matcher that fails shows', () => {
  test('the nearest miss in the tree of messages, and the line of the test', () => {
    expect(shownFor('a message that differs')).toBe(`\
failing.sample.ts > a message that differs
Error: no message matches { to: alice, action: "Credit-Notice", tags: { Quantity: "4" }, \
data: { bob: (coins) => coins > 3 } }

The nearest of 2 messages, ledger -> alice  Credit-Notice, differs in 1 of 4 fields:
  tags.Quantity  expected "4"
                 got      "3"

alice -> ledger  Transfer
│ prints "moved 3"
├─ ledger -> owner  Debit-Notice
└─ ledger -> alice  Credit-Notice  <- nearest`);
    expect(run.about('a message that differs')).toMatch(
      /❯ failing\.sample\.ts:\d+:\d+\n[\s\S]*\| {3}expect\(receipt\)\.toHaveMessage\(\{/,
    );
  });

  test('what was not to be', () => {
    expect(shownFor('a message that was not to be')).toContain(`
Error: a message matches { action: /Error$/ }

alice -> ledger  Transfer
└─ ledger -> alice  Transfer-Error  <- matches`);
  });

  test('what came too early', () => {
    expect(shownFor('messages in another order')).toContain(`
Error: the 2nd of 2 messages is missing, after the 1st: { action: "Debit-Notice" }
It came before: ledger -> owner  Debit-Notice.
`);
  });

  test('what went wrong instead', () => {
    expect(shownFor('a failure of another kind')).toContain(`
Error: the receipt failed, but not with { handler: "transfer", line: 12, text: "no quantity" }

What went wrong differs:
  line  expected 12
        got      6

alice -> ledger  Transfer
  error in handler "transfer", line 6: no quantity`);
    expect(shownFor('no failure at all')).toContain(
      'Error: the receipt did not fail with "no quantity": nothing went wrong\n\nalice -> ledger',
    );
  });

  test('who lost money', () => {
    expect(shownFor('money that is lost')).toContain(`
Error: the money is not conserved: 10 before, 3 after, -7

  alice  10 -> 3  -7`);
  });

  test('how a golden trace differs', () => {
    expect(shownFor('another trace')).toContain(`
- Expected
+ Received

  alice -> ledger  Transfer
- │ > moved 4
+ │ > moved 3
  ├─ ledger -> owner  Debit-Notice`);
  });

  test('what to do about an argument that is wrong', () => {
    expect(shownFor('a name that nobody has')).toContain(`
KitError: to is "allice", and nobody is called so
  Known: alice, ledger, owner. Or give the process, the wallet or its id.`);
    expect(shownFor('a promise that was not awaited')).toContain(`
KitError: what is looked into is a promise
  Await it first: expect(await network.send(...)).`);
    expect(shownFor('a golden trace that is none')).toContain(`
KitError: the golden trace is 7
  Give the trace as text, '' to have it filled in`);
  });
});

describe('a world', () => {
  test('that is changed fails the test that did it', () => {
    const shown = run.about('by a function that closes over it');
    expect(shown).toContain('KitError: a test changed the world itself (scheduled)');
    expect(shown).toContain('Use the network and the processes that the test is given.');
    expect(run.about('fails that test alone')).toBe('');
  });

  test('without a network, or with a field that vitest has, is refused', () => {
    expect(run.about('> is refused')).toContain('which has no network\n  Return the network');
    expect(run.about('is refused too')).toContain('the world has a field task');
  });

  test('that cannot be built says why', () => {
    expect(run.about('says why')).toMatch(/KitError: counter does not start: .*no hay/);
  });
});
