import { startMemory } from './gateway/arms.js';
import { describeOnTop } from './on-top/suite.js';

describeOnTop("Corral on top of another Corral's gateway", startMemory);
