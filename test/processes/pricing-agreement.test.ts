/**
 * The Lua programs and pricing/ state the same rules twice; here they are held against each other on
 * random cases, many in one evaluation.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calculateFee } from '../../pricing/fee.js';
import { judgeOffer } from '../../pricing/offer.js';
import { type Bid, enqueue } from '../../pricing/queue.js';
import { type Prices, type QuoteOptions, quoteOffer } from '../../pricing/quote.js';
import { bootKernel, bundleProgram, Neighbourhood } from './harness.js';

const SEED = 20241;
const network = new Neighbourhood(bootKernel());
network.spawn('CLIENT', bundleProgram('client/llama-herder.lua'));
network.spawn('HERDER', bundleProgram('herder.lua'));

/** Evaluates `body` for each case (a Lua local `case`) and gathers what it returns as texts. */
function evaluateAll(id: string, cases: readonly unknown[], body: string): string[] {
  const answers: string[] = [];
  for (let first = 0; first < cases.length; first += 1000) {
    const batch = JSON.stringify(cases.slice(first, first + 1000));
    const json = network.eval(
      id,
      `local json, results = require('json'), {}
      for i, case in ipairs(json.decode([=====[${batch}]=====])) do
        results[i] = tostring((function() ${body} end)())
      end
      return json.encode(results)`,
    );
    answers.push(...(JSON.parse(json) as string[]));
  }
  return answers;
}

const words = fc.constantFrom(
  'hay',
  "don't",
  'naïve',
  '42',
  '日本',
  '<|user|>',
  '_',
  '...',
  'Llama',
);
const prompt = fc.array(words, { minLength: 1, maxLength: 12 }).map((all) => all.join(' '));
const term = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10 ** 11 }));

test('the client offers in Lua what pricing computes, in 10,000 random cases', () => {
  const cases = fc.sample(
    fc.record(
      {
        feeBase: fc.oneof(fc.constant(0), term),
        feeToken: term,
        lastMultiplier: fc.double({ min: 1, max: 50, noNaN: true }),
        maxMultiplier: fc.constantFrom(1, 10, 12.5, 100),
        queueLength: fc.integer({ min: 0, max: 3 }),
        prompt,
        tokens: fc.integer({ min: 1, max: 32768 }),
        Fee: fc.option(fc.integer({ min: 1, max: 10 ** 15 }), { nil: undefined }),
        Multiplier: fc.option(fc.double({ min: 0.5, max: 20, noNaN: true }), { nil: undefined }),
      },
      { noNullPrototype: true },
    ),
    { numRuns: 10_000, seed: SEED },
  );
  const wire = cases.map((one) => ({ ...one, lastMultiplier: String(one.lastMultiplier) }));
  const body = `
    Llama.feeBase, Llama.feeToken, Llama.pricesKnown = case.feeBase, case.feeToken, true
    Llama.lastMultiplier, Llama.queueLength = tonumber(case.lastMultiplier), case.queueLength
    Llama.maxMultiplier = case.maxMultiplier
    local options = { Fee = case.Fee, Multiplier = case.Multiplier }
    local fee = Llama.calculateFee(case.prompt, case.tokens)
    local ok, quote = pcall(Llama.quote, case.prompt, case.tokens, options)
    return fee .. ' ' .. (ok and quote or 'too large')`;
  const expected = cases.map((one) => {
    const { feeBase, feeToken, lastMultiplier, maxMultiplier, queueLength, Fee, Multiplier } = one;
    const terms = { feeBase: BigInt(feeBase), feeToken: BigInt(feeToken) };
    const prices: Prices = { ...terms, lastMultiplier, maxMultiplier, queueLength };
    const options: QuoteOptions = {
      ...(Fee !== undefined && { fee: BigInt(Fee) }),
      ...(Multiplier !== undefined && { multiplier: Multiplier }),
    };
    return `${calculateFee(terms, one.prompt, one.tokens)} ${tryQuote(prices, one, options)}`;
  });
  expect(evaluateAll('CLIENT', wire, body)).toEqual(expected);
  expect(expected.filter((text) => text.endsWith('too large')).length).toBeGreaterThan(10);
});

function tryQuote(
  prices: Prices,
  request: { prompt: string; tokens: number },
  options: QuoteOptions,
): string {
  try {
    return String(quoteOffer(prices, request.prompt, request.tokens, options));
  } catch (error) {
    expect(error).toMatchObject({ code: 'FEE_TOO_LARGE' });
    return 'too large';
  }
}

test('the herder judges offers in Lua as pricing does, in 5,000 random cases', () => {
  const terms = { feeBase: 3n, feeToken: 2n, maxTokens: 50, maxPromptBytes: 40 };
  const oddTokens = fc.constantFrom('', '0', '-1', '1.5', '1e1', ' 7', '٣', '9'.repeat(20), '0x5');
  const cases = fc.sample(
    fc.record(
      {
        Quantity: fc.oneof(fc.bigInt(0n, 200n).map(String), fc.bigInt(1n, 10n ** 61n).map(String)),
        'X-Prompt': fc.option(prompt, { nil: undefined, freq: 20 }),
        'X-Tokens': fc.oneof(fc.integer({ min: 1, max: 60 }).map(String), oddTokens),
        'X-Termination': fc.constantFrom('', 'STOP', 'x'.repeat(257)),
      },
      { noNullPrototype: true },
    ),
    { numRuns: 5000, seed: SEED },
  );
  network.eval('HERDER', 'Herder.feeBase, Herder.feeToken = 3, 2');
  network.eval('HERDER', 'Herder.maxTokens, Herder.maxPromptBytes = 50, 40');
  const body = `
    local request, reason, needed = require('herder.pricing').judgeOffer(case)
    if not request then return reason .. (needed and ' ' .. needed or '') end
    return string.format('%d %d %.17g', request.fee, request.length, request.multiplier)`;
  const expected = cases.map((one) => {
    const judged = judgeOffer(terms, {
      quantity: one.Quantity,
      prompt: one['X-Prompt'],
      tokens: one['X-Tokens'],
      termination: one['X-Termination'],
    });
    if (!judged.accepted) return judged.reason + (judged.needed ? ` ${judged.needed}` : '');
    return `${judged.fee} ${judged.length} ${judged.multiplier}`;
  });
  const answers = evaluateAll('HERDER', cases, body).map((text) =>
    text.replace(/(?<=^\d+ \d+ ).*/, (multiplier) => String(Number(multiplier))),
  );
  expect(answers).toEqual(expected);
});

test('the herder orders its queue in Lua as pricing does', () => {
  const bid = fc.record({
    paid: fc.oneof(fc.bigInt(1n, 40n), fc.bigInt(10n ** 59n, 10n ** 60n - 1n)),
    fee: fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(2n ** 52n, 2n ** 53n - 1n)),
  });
  const queues = fc.sample(fc.array(bid, { maxLength: 12 }), { numRuns: 500, seed: SEED });
  const cases = queues.map((bids) => bids.map(({ paid, fee }) => [String(paid), String(fee)]));
  const body = `
    Herder.queue = {}
    for id, bid in ipairs(case) do
      require('herder.pricing').enqueue({ id = id, paid = bid[1], fee = math.tointeger(tonumber(bid[2])) })
    end
    local ids = {}
    for i, request in ipairs(Herder.queue) do ids[i] = request.id end
    return table.concat(ids, ' ')`;
  const expected = queues.map((bids) => {
    const numbered = bids.map((one, index) => ({ ...one, id: index + 1 }));
    const queue = numbered.reduce<readonly Bid[]>((all, one) => enqueue(all, one), []);
    return queue.map(({ id }) => id).join(' ');
  });
  expect(evaluateAll('HERDER', cases, body)).toEqual(expected);
});
