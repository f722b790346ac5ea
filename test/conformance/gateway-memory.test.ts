import { startMemory } from './gateway/arms.js';
import { CLIENT, describeGateway } from './gateway/suite.js';

describeGateway(`${CLIENT} on Corral's gateway (memory)`, startMemory);
