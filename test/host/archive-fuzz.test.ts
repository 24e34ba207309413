import {test} from 'node:test';
import fc from 'fast-check';
import {archive} from '../../fuzz/archive.js';

test('an arbitrary archive is refused, or unpacks to what was listed and nothing outside', () =>
	fc.assert(archive, {numRuns: 60}));
