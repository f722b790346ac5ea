import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bootKernel, Neighbourhood, OWNER, type Post, readProgram, type Tags } from './harness.js';

const kernel = bootKernel();
const war = readProgram('war.lua');
const herder = readProgram('herder.lua');

/** A worker that keeps its jobs until it is told to answer, to fail, or nothing at all. */
const PATIENT_WORKER = `
  Jobs = {}
  Handlers.add('job', 'Inference', function(msg) table.insert(Jobs, msg) end)
  function answer(text, tags)
    local job = table.remove(Jobs, 1)
    local reply = { Action = 'Inference-Response', ['Job-Id'] = job['Job-Id'], Tokens = job.Tokens,
      ['Stop-Reason'] = 'length', Data = text }
    for name, value in pairs(tags or {}) do reply[name] = value end
    Send({ Target = job.From, Action = reply.Action, ['Job-Id'] = reply['Job-Id'],
      Tokens = reply.Tokens, ['Stop-Reason'] = reply['Stop-Reason'], Error = reply.Error,
      Fault = reply.Fault, Data = reply.Data })
  end
`;

const LIFE = 'What is the meaning of life?';
let network: Neighbourhood;

beforeEach(() => {
  network = new Neighbourhood(kernel);
  network.spawn('WAR', war, {
    'Initial-Balances': JSON.stringify({ ALICE: '1000', BOB: '1000', CAROL: '1000' }),
  });
  network.spawn('HERDER', herder, { 'Payment-Token': 'WAR' });
});

afterEach(() => {
  expect(network.errors).toEqual([]);
  expect(balance('ALICE') + balance('BOB') + balance('CAROL') + balance('HERDER')).toBe(3000n);
  network.dispose();
});

const balance = (account: string): bigint =>
  BigInt(
    network.send({ from: account, to: 'WAR', action: 'Balance' }).find(({ to }) => to === account)
      ?.data ?? '',
  );

const hire = (...workers: string[]): void => {
  for (const worker of workers) {
    network.spawn(worker, PATIENT_WORKER);
    admit(worker);
  }
};
const admit = (worker: string): Post[] =>
  network.send({
    from: OWNER,
    to: 'HERDER',
    action: 'Register-Worker',
    tags: { Worker: worker, 'Worker-Name': worker.toLowerCase() },
  });

/** Pays the herder; without tags for a good request. */
const pay = (from: string, quantity: number | string, tags: Tags = {}): Post[] =>
  network.send({
    from,
    to: 'WAR',
    action: 'Transfer',
    tags: {
      Recipient: 'HERDER',
      Quantity: String(quantity),
      'X-Prompt': LIFE,
      'X-Tokens': '20',
      ...tags,
    },
  });
const answer = (worker: string, text: string, tags = '{}'): Post[] => {
  const first = network.posts.length;
  network.eval(worker, `answer(${JSON.stringify(text)}, ${tags})`);
  return network.posts.slice(first);
};

const to = (posts: Post[], id: string, action: string): Post[] =>
  posts.filter((post) => post.to === id && post.tags.Action === action);
const refunds = (posts: Post[]): Post[] =>
  posts.filter((post) => post.tags.Action === 'Credit-Notice' && post.tags.Sender === 'HERDER');
const info = (): Tags =>
  network.send({ from: 'ALICE', to: 'HERDER', action: 'Info' }).at(-1)?.tags ?? {};
const prompts = (worker: string): string =>
  network.eval(
    worker,
    "local t = {} for i, j in ipairs(Jobs) do t[i] = j.Data end return table.concat(t, ',')",
  );

describe('a paid request', () => {
  test('goes to an idle worker and its answer to the payer', () => {
    hire('LLAMA');
    const [job] = to(pay('ALICE', 27, { 'X-Reference': 'r-7' }), 'LLAMA', 'Inference');
    expect(job).toMatchObject({ data: LIFE, tags: { Tokens: '20' } });
    const [reply] = to(answer('LLAMA', 'To graze.'), 'ALICE', 'Inference-Response');
    expect(reply).toMatchObject({
      data: 'To graze.',
      tags: { 'X-Reference': 'r-7', Tokens: '20', 'Stop-Reason': 'length' },
    });
    expect(balance('ALICE')).toBe(973n);
  });

  test('without X-Reference is answered, too', () => {
    hire('LLAMA');
    pay('ALICE', 27);
    const [reply] = to(answer('LLAMA', 'Grass.'), 'ALICE', 'Inference-Response');
    expect(reply?.data).toBe('Grass.');
    expect(reply?.tags).not.toHaveProperty('X-Reference');
  });

  test('carries its stop text to the worker', () => {
    hire('LLAMA');
    const [job] = to(pay('ALICE', 27, { 'X-Termination': 'STOP' }), 'LLAMA', 'Inference');
    expect(job?.tags.Termination).toBe('STOP');
  });

  test('is logged from request to answer', () => {
    hire('LLAMA');
    pay('ALICE', 27, { 'X-Reference': 'r-7' });
    network.advance(3400);
    answer('LLAMA', 'To graze.');
    const log = network.printed.get('HERDER') ?? '';
    const line = (label: string) => log.split('\n').find((text) => text.includes(label));
    expect(line('REQ')).toMatch(
      /^\[00:00\.\d{3} REQ\] {6}Requested: 26 \| Fee: 1\.00x \| In queue: 1 \| Client: ALICE \| Ref: r-7$/,
    );
    expect(line('DISPATCH')).toMatch(/^\[00:00\.\d{3} DISPATCH\] .* \| Worker: llama$/);
    expect(line('RES')).toMatch(
      /^\[00:03\.\d{3} RES\] {6}20 tokens in 3\.4 s \(5\.9 tok\/s\) \| Client: ALICE \| Worker: llama$/,
    );
  });
});

describe('refunds who paid, with the reason:', () => {
  const TOKENS = 'X-Tokens must be a whole number from 1 to 1024';
  test.each<[string, number | string, Tags, string]>([
    ['less than the fee', 26, {}, 'Insufficient payment'],
    ['no prompt', 50, { 'X-Prompt': '' }, 'X-Prompt is missing'],
    ['a long prompt', 50, { 'X-Prompt': 'x'.repeat(4097) }, 'X-Prompt is longer than 4096 bytes'],
    ['no tokens', 50, { 'X-Tokens': '' }, TOKENS],
    ['negative tokens that would make the fee 0', 1, { 'X-Tokens': '-7' }, TOKENS],
    ['negative tokens that would make it 1', 1, { 'X-Tokens': '-6' }, TOKENS],
    ['zero tokens', 50, { 'X-Tokens': '0' }, TOKENS],
    ['half a token', 50, { 'X-Tokens': '0.5' }, TOKENS],
    ['tokens with an exponent', 50, { 'X-Tokens': '1e1' }, TOKENS],
    ['too many tokens', 50, { 'X-Tokens': '1025' }, TOKENS],
    ['huge tokens', 50, { 'X-Tokens': '9'.repeat(30) }, TOKENS],
    ['tokens that are no number', 50, { 'X-Tokens': 'many' }, TOKENS],
    [
      'a long stop text',
      50,
      { 'X-Termination': 'x'.repeat(257) },
      'X-Termination is longer than 256 bytes',
    ],
  ])('%s', (_, quantity, tags, reason) => {
    hire('LLAMA');
    const posts = pay('BOB', quantity, { 'X-Reference': 'ref', ...tags });
    expect(to(posts, 'LLAMA', 'Inference')).toEqual([]);
    expect(refunds(posts)).toMatchObject([
      { to: 'BOB', tags: { Quantity: String(quantity), 'X-Reason': reason, 'X-Reference': 'ref' } },
    ]);
    expect(balance('BOB')).toBe(1000n);
    expect(info()['Idle-Workers']).toBe('1');
  });

  test('says how much was needed', () => {
    expect(refunds(pay('BOB', 26))[0]?.tags['X-Needed']).toBe('27');
  });

  test('a full queue', () => {
    network.send({ from: OWNER, to: 'HERDER', action: 'Set-Terms', tags: { 'Max-Queue': '1' } });
    pay('ALICE', 27);
    expect(refunds(pay('BOB', 1000))[0]?.tags['X-Reason']).toBe('The queue is full');
  });

  test('a wait that is too long', () => {
    pay('ALICE', 27);
    network.advance(3_600_001);
    const posts = network.send({ from: 'CAROL', to: 'HERDER', action: 'Tick' });
    expect(refunds(posts)).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'No worker was free in time' } },
    ]);
  });

  test('but not its own refunds that come back, or two herders would play for ever', () => {
    network.spawn('OTHER', herder, { 'Payment-Token': 'WAR' });
    network.send({
      from: OWNER,
      to: 'WAR',
      action: 'Mint',
      tags: { Recipient: 'OTHER', Quantity: '9' },
    });
    network.eval(
      'OTHER',
      "Send({Target='WAR', Action='Transfer', Recipient='HERDER', Quantity='9'})",
    );
    expect(network.posts.length).toBeLessThan(40);
    expect(network.printed.get('OTHER')).toContain('9 winston kept');
  });

  test('and not money that it sends to itself', () => {
    pay('ALICE', 27);
    network.eval(
      'HERDER',
      "Send({Target='WAR', Action='Transfer', Recipient=ao.id, Quantity='9'})",
    );
    expect(network.posts.length).toBeLessThan(40);
  });
});

describe('the queue', () => {
  test('serves the highest multiplier first and equal ones by arrival', () => {
    pay('ALICE', 27, { 'X-Prompt': 'a b c d e f' });
    pay('BOB', 60, { 'X-Prompt': 'g h i j k l' });
    pay('CAROL', 54, { 'X-Prompt': 'm n o p q r' });
    pay('ALICE', 42, { 'X-Prompt': 's', 'X-Tokens': '19' });
    expect(info()['Queue-Length']).toBe('4');
    hire('LLAMA');
    const served = [prompts('LLAMA')];
    for (let i = 0; i < 3; i += 1) {
      answer('LLAMA', 'x');
      served.push(prompts('LLAMA'));
    }
    expect(served).toEqual(['g h i j k l', 'm n o p q r', 's', 'a b c d e f']);
  });

  test('shows prices, multiplier and length on Info', () => {
    hire('LLAMA');
    expect(info()).toMatchObject({
      Action: 'Info-Response',
      'Base-Fee': '1',
      'Token-Fee': '1',
      'Last-Multiplier': '1',
      'Queue-Length': '0',
    });
    pay('ALICE', 54);
    pay('BOB', 27);
    expect(info()).toMatchObject({ 'Last-Multiplier': '2.0', 'Queue-Length': '1' });
  });

  test('gives several idle workers one job each, longest idle first', () => {
    pay('ALICE', 27);
    hire('ONE', 'TWO');
    pay('BOB', 27);
    pay('CAROL', 27);
    expect([prompts('ONE'), prompts('TWO')]).toEqual([LIFE, LIFE]);
    expect(info()['Queue-Length']).toBe('1');
  });
});

describe('a worker', () => {
  test('that is silent is replaced and its request answered by another', () => {
    hire('DEAD', 'SPARE');
    network.crash('DEAD');
    pay('ALICE', 27);
    network.advance(600_001);
    const posts = network.send({ from: 'BOB', to: 'HERDER', action: 'Tick' });
    expect(to(posts, 'SPARE', 'Inference')).toHaveLength(1);
    const [reply] = to(answer('SPARE', 'Here.'), 'ALICE', 'Inference-Response');
    expect(reply?.data).toBe('Here.');
    expect(network.printed.get('HERDER')).toContain('Worker DEAD did not answer in time');
    expect(info()['Idle-Workers']).toBe('1');
  });

  test('that is silent is noticed by any message, not only by a Tick', () => {
    hire('DEAD', 'SPARE');
    network.crash('DEAD');
    pay('ALICE', 27);
    network.advance(600_001);
    expect(to(pay('BOB', 30), 'SPARE', 'Inference')).toHaveLength(1);
  });

  test('that is within its time keeps its job', () => {
    hire('SLOW', 'SPARE');
    pay('ALICE', 27);
    network.advance(599_000);
    const posts = network.send({ from: 'BOB', to: 'HERDER', action: 'Tick' });
    expect(to(posts, 'SPARE', 'Inference')).toEqual([]);
  });

  test('cannot be declared late by a stranger who writes a Timestamp tag', () => {
    hire('SLOW', 'SPARE');
    pay('ALICE', 27);
    const tags = { Timestamp: '99999999999999' };
    const posts = network.send({ from: 'BOB', to: 'HERDER', action: 'Tick', tags });
    expect(to(posts, 'SPARE', 'Inference')).toEqual([]);
  });

  test('that answers late is not heard, but may work again', () => {
    hire('SLOW', 'SPARE');
    pay('ALICE', 27);
    network.advance(600_001);
    network.send({ from: 'BOB', to: 'HERDER', action: 'Tick' });
    expect(to(answer('SLOW', 'late'), 'ALICE', 'Inference-Response')).toEqual([]);
    expect(to(answer('SPARE', 'in time'), 'ALICE', 'Inference-Response')).toHaveLength(1);
    expect(info()['Idle-Workers']).toBe('2');
  });

  test('that reports a fault of its own leaves, and its request goes on', () => {
    hire('BROKEN', 'SPARE');
    pay('ALICE', 27);
    const posts = answer('BROKEN', '', "{ Action = 'Inference-Error', Error = 'no model' }");
    expect(to(posts, 'SPARE', 'Inference')).toHaveLength(1);
    expect(info()['Idle-Workers']).toBe('0');
  });

  test('that reports a fault of the request stays, and the payer is refunded at once', () => {
    hire('LLAMA', 'SPARE');
    pay('ALICE', 27);
    const tags = "{ Action = 'Inference-Error', Error = 'prompt too long', Fault = 'Request' }";
    const posts = answer('LLAMA', '', tags);
    expect(refunds(posts)).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'prompt too long', Quantity: '27' } },
    ]);
    expect(info()['Idle-Workers']).toBe('2');
  });

  test('after three that fail, the payer is refunded', () => {
    hire('ONE', 'TWO', 'THREE', 'FOUR');
    pay('ALICE', 27);
    const fault = "{ Action = 'Inference-Error', Error = 'out of hay' }";
    expect(refunds(answer('ONE', '', fault))).toEqual([]);
    expect(refunds(answer('TWO', '', fault))).toEqual([]);
    expect(refunds(answer('THREE', '', fault))).toMatchObject([
      { to: 'ALICE', tags: { 'X-Reason': 'out of hay', Quantity: '27' } },
    ]);
    expect(prompts('FOUR')).toBe('');
    expect(balance('ALICE')).toBe(1000n);
  });

  test('must answer the job that it holds', () => {
    hire('LLAMA');
    pay('ALICE', 27);
    const posts = answer('LLAMA', 'for another job', "{ ['Job-Id'] = '99' }");
    expect(to(posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(info()['Idle-Workers']).toBe('0');
  });

  test('of the herd cannot answer for another', () => {
    hire('ONE', 'TWO');
    pay('ALICE', 27);
    network.eval(
      'TWO',
      "Send({Target='HERDER', Action='Inference-Response', ['Job-Id']='1', Data='no'})",
    );
    expect(to(network.posts, 'ALICE', 'Inference-Response')).toEqual([]);
    expect(to(answer('ONE', 'mine'), 'ALICE', 'Inference-Response')).toHaveLength(1);
  });

  test('leaves and comes back by itself once admitted', () => {
    hire('LLAMA');
    network.eval('LLAMA', "Send({Target='HERDER', Action='Unregister-Worker'})");
    expect(info()['Idle-Workers']).toBe('0');
    network.eval('LLAMA', "Send({Target='HERDER', Action='Register-Worker'})");
    network.eval('LLAMA', "Send({Target='HERDER', Action='Register-Worker'})");
    expect(info()['Idle-Workers']).toBe('1');
  });

  test('that leaves with a job hands it on', () => {
    hire('LLAMA', 'SPARE');
    pay('ALICE', 27);
    network.eval('LLAMA', "Send({Target='HERDER', Action='Unregister-Worker'})");
    expect(prompts('SPARE')).toBe(LIFE);
  });

  test('that the owner sent away cannot come back', () => {
    hire('LLAMA');
    const tags = { Worker: 'LLAMA' };
    network.send({ from: OWNER, to: 'HERDER', action: 'Unregister-Worker', tags });
    const posts = network.send({ from: 'LLAMA', to: 'HERDER', action: 'Register-Worker' });
    expect(to(posts, 'LLAMA', 'Worker-Refused')).toHaveLength(1);
    expect(info()['Idle-Workers']).toBe('0');
  });
});

describe('a stranger', () => {
  test('cannot join the herd, or admit a friend', () => {
    const tags = { Worker: 'FRIEND' };
    for (const given of [{}, tags]) {
      const posts = network.send({
        from: 'EVE',
        to: 'HERDER',
        action: 'Register-Worker',
        tags: given,
      });
      expect(to(posts, 'EVE', 'Worker-Refused')).toHaveLength(1);
    }
    expect(info()['Idle-Workers']).toBe('0');
  });

  test('cannot answer for a worker', () => {
    hire('LLAMA');
    pay('ALICE', 27);
    const posts = network.send({
      from: 'EVE',
      to: 'HERDER',
      action: 'Inference-Response',
      tags: { 'Job-Id': '1' },
      data: 'forged',
    });
    expect(posts).toEqual([]);
    expect(network.printed.get('HERDER')).toContain('Inference-Response from EVE: holds no job');
    expect(to(answer('LLAMA', 'real'), 'ALICE', 'Inference-Response')[0]?.data).toBe('real');
  });

  test('cannot pay with a Credit-Notice of its own', () => {
    hire('LLAMA');
    const posts = network.send({
      from: 'EVE',
      to: 'HERDER',
      action: 'Credit-Notice',
      tags: { Sender: 'EVE', Quantity: '999', 'X-Prompt': LIFE, 'X-Tokens': '20' },
    });
    expect(posts).toEqual([]);
    expect(network.printed.get('HERDER')).toContain('Credit-Notice from EVE: not the token');
  });

  test('cannot set terms', () => {
    const tags = { 'Base-Fee': '0' };
    const posts = network.send({ from: 'EVE', to: 'HERDER', action: 'Set-Terms', tags });
    expect(posts[0]?.tags).toMatchObject({ Action: 'Terms-Error' });
    expect(info()['Base-Fee']).toBe('1');
  });
});

describe('terms', () => {
  test('are set by the owner and hold from the next payment', () => {
    const tags = { 'Base-Fee': '100', 'Token-Fee': '5' };
    const posts = network.send({ from: OWNER, to: 'HERDER', action: 'Set-Terms', tags });
    expect(posts[0]?.tags.Action).toBe('Terms-Set');
    expect(refunds(pay('ALICE', 229))[0]?.tags['X-Needed']).toBe('230');
    expect(refunds(pay('ALICE', 230))).toEqual([]);
  });

  test.each([
    [{ 'Base-Fee': '-1' }, 'Base-Fee must be a whole number from 0 to 100000000000'],
    [
      { 'Base-Fee': '7', 'Token-Fee': '0' },
      'Token-Fee must be a whole number from 1 to 100000000000',
    ],
    [{ 'Max-Tokens': '1.5' }, 'Max-Tokens must be a whole number from 1 to 32768'],
  ])('%o are refused as a whole', (tags, error) => {
    const posts = network.send({ from: OWNER, to: 'HERDER', action: 'Set-Terms', tags });
    expect(posts[0]?.tags).toMatchObject({ Action: 'Terms-Error', Error: error });
    expect(info()).toMatchObject({ 'Base-Fee': '1', 'Token-Fee': '1' });
  });

  test('come from the process tags at boot', () => {
    network.spawn('DEAR', herder, { 'Base-Fee': '9', 'token-fee': '8', 'Max-Tokens': '7' });
    const tags = network.send({ from: 'ALICE', to: 'DEAR', action: 'Info' })[0]?.tags;
    expect(tags).toMatchObject({
      'Base-Fee': '9',
      'Token-Fee': '8',
      'Max-Tokens': '7',
      'Payment-Token': 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
    });
  });

  test('and the queue survive a reload of the program', () => {
    pay('ALICE', 27);
    network.send({ from: OWNER, to: 'HERDER', action: 'Set-Terms', tags: { 'Base-Fee': '3' } });
    network.eval('HERDER', herder);
    expect(info()).toMatchObject({ 'Base-Fee': '3', 'Queue-Length': '1', 'Payment-Token': 'WAR' });
  });
});
