/** The blueprints `chatroom` and `chat`: a room, and two processes that talk in it. */
import { describe, expect } from 'vitest';
import { bundleLua, createNetwork } from '../../../index.js';
import { corralTest } from '../../../kit/vitest/vitest.js';

const test = corralTest(async () => {
  const network = await createNetwork();
  const file = 'processes/blueprints/chat.lua';
  const room = await network.spawn({ file: 'processes/blueprints/chatroom.lua', name: 'barn' });
  const router = network.wallet('router').address;
  const ada = await network.spawn({ file, name: 'ada' });
  for (const [key, value] of Object.entries({ Router: router, Rooms: { Barn: room.id } })) {
    await ada.setState(['DevChat', key], value);
  }
  await ada.eval("Join('Barn', 'Ada')");
  return { network, room, ada };
});

describe('a room', () => {
  test('has members that come once and go once', async ({ room, ada }) => {
    expect(await room.read('Members')).toEqual([ada.id]);
    const say = (action: string) => room.send({ from: 'ben', action });
    expect(await say('Register')).toHaveMessage({ to: 'ben', data: 'Registered.' });
    expect(await say('Register')).toHaveMessage({ to: 'ben', data: 'Already registered.' });
    expect(await say('Unregister')).toHaveMessage({ to: 'ben', data: 'Unregistered' });
    expect(await say('Unregister')).toHaveMessage({ to: 'ben', data: 'Not registered' });
  });

  test('tells every member what anybody says', async ({ room, ada }) => {
    await room.send({ from: 'ben', action: 'Register' });
    const receipt = await ada.eval("Say('Hello!')");
    for (const member of ['ben', ada]) {
      expect(receipt).toHaveMessage({ to: member, action: 'Broadcast-Notice', data: 'Hello!' });
    }
    expect(receipt).toHaveMessage({ from: room, to: ada, data: 'Broadcasted.' });
  });
});

describe('a member', () => {
  test('is told that it joins and leaves', async ({ room, ada }) => {
    expect((await ada.eval("return Join('Barn')")).result?.output).toMatchObject({
      data: 'Registering with Barn',
    });
    expect((await ada.eval("return Leave('Barn')")).result?.output).toMatchObject({
      data: 'Leaving Barn',
    });
    expect(await room.read('Members')).toEqual([]);
  });

  test('asks the router for rooms, and adds one', async ({ ada }) => {
    expect(await ada.eval('List()')).toHaveMessage({ to: 'router', action: 'Get-List' });
    const added = await ada.eval("DevChat.add('Yard', 'some-id')");
    expect(added).toHaveMessage({ to: 'router', tags: { Name: 'Yard', Address: 'some-id' } });
  });

  test('learns of rooms', async ({ network, ada }) => {
    const router = network.wallet('router').address;
    await ada.eval(`DevChat.Router = '${router}'`);
    const list = { from: 'router', action: 'Room-List', tags: { 'Room-Yard': 'some-id' } };
    await ada.send(list);
    expect(await ada.read('DevChat.Rooms')).not.toMatchObject({ Yard: 'some-id' }); // asked another
    const file = 'processes/blueprints/chat.lua';
    const source = `DevChat = { Router = '${router}' }`;
    const ben = await network.spawn({ source, name: 'ben' });
    await ben.eval(bundleLua(file, '.'));
    await ben.send(list);
    expect(await ben.read('DevChat.Rooms')).toMatchObject({ Yard: 'some-id' });
  });

  test('sees what is said, and where', async ({ network, room, ada }) => {
    const said = (from: string, tags: Record<string, string>) =>
      ada.send({ from: network.impersonate(from), action: 'Broadcasted', tags, data: 'Hi' });
    const here = await said(room.id, { Broadcaster: 'benben', Nickname: 'Ben' });
    expect(here.result?.prints).toMatchObject([{ text: '[Ben#ben@Barn]> Hi' }]);
    const there = await said(ada.id, { Broadcaster: 'benben' });
    expect(there.result?.prints).toMatchObject([{ text: `[#ben@${ada.id}]> Hi` }]);
  });

  test('asks for what was said, and tips who said it', async ({ room, ada }) => {
    expect(await ada.eval('Replay()')).toHaveMessage({ to: room, tags: { Depth: 3 } });
    const tip = await ada.eval("Tip('ben', 'Barn', 5)");
    expect(tip).toHaveMessage({ to: room, tags: { Recipient: 'ben', Quantity: 5 } });
  });
});
