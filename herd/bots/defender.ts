/**
 * The defender: stands up for the claims of the workers that made it their delegate. It recomputes what
 * is denied and shows it; a claim that it finds false itself it leaves alone, and says so.
 */
import { type Bot, type BotOptions, createBot, createPlayer } from './bot.js';

export function createDefender(options: BotOptions): Bot {
  const { address } = options.port;
  const owns = (game: { defender: string; delegate?: string }) =>
    game.defender === address || game.delegate === address;
  const player = createPlayer(options, 'defender', owns);
  return createBot('defender', [() => player.attempt('the open games', player.playAll)]);
}
