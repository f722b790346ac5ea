import { describe, test } from 'vitest';
import { missingPeer, peerFolder } from '../peers.js';
import { startArlocal } from './gateway/arms.js';
import { describeOnTop } from './on-top/suite.js';

const name = 'Corral on top of ArLocal 1.1.66';
const peer = peerFolder('arlocal');

if (peer) describeOnTop(name, () => startArlocal(peer));
else describe(name, () => test.skip(missingPeer('arlocal')));
