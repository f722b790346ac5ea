/**
 * The real ArLocal as an arm: what it does otherwise is listed row by row.
 */
import { describe, test } from 'vitest';
import { missingPeer, peerFolder } from '../peers.js';
import { startArlocal } from './gateway/arms.js';
import { DIFFERENCES } from './gateway/differences.js';
import { CLIENT, describeGateway } from './gateway/suite.js';

const name = `${CLIENT} on ArLocal 1.1.66`;
const peer = peerFolder('arlocal');

if (peer) describeGateway(name, () => startArlocal(peer), DIFFERENCES);
else describe(name, () => test.skip(missingPeer('arlocal')));
