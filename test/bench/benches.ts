/** Every benchmark, in the order in which they run. */
import { answers } from './answers.js';
import { clients } from './clients.js';
import { engine } from './engine.js';
import { firstAnswer } from './first-answer.js';
import { fixture } from './fixture.js';
import { http } from './http.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { messages } from './messages.js';
import { million } from './million.js';
import { mnist } from './mnist.js';
import { packageSize } from './package-size.js';
import { proofs } from './proofs.js';
import { restart } from './restart.js';
import type { Bench } from './row.js';
import { scale } from './scale.js';
import { sleep } from './sleep.js';
import { state } from './state.js';
import { wasm } from './wasm.js';

export const benches: readonly Bench[] = [
  messages,
  million,
  http,
  clients,
  latency,
  fixture,
  memory,
  sleep,
  restart,
  state,
  wasm,
  engine,
  mnist,
  proofs,
  scale,
  answers,
  firstAnswer,
  packageSize,
];
