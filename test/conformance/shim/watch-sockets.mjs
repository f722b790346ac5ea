/**
 * Preloaded before everything else: lets no connection leave the machine, and tells at the end, on
 * stderr, which hosts were tried.
 */
import net from 'node:net';

const tried = new Set();
const { connect } = net.Socket.prototype;

net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const host = options?.host ?? 'localhost';
  if (host !== '127.0.0.1') {
    tried.add(host);
    this.destroy(new Error(`stopped on its way to ${host}`));
    return this;
  }
  return connect.apply(this, args);
};
process.on('exit', () => console.error(JSON.stringify({ left: [...tried] })));
