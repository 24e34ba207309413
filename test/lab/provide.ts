import {everyProgram, lacks} from '../host/support.js';
import {prepareHost} from './host.js';

/** Installs on this machine all programs that tests need, before any of them looks at it. Run by scripts/test.js. */
await prepareHost();
await lacks(...everyProgram);
