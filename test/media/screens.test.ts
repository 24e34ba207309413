import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, suite, test} from 'node:test';
import {play, type Stage, serverStage} from '../../media/player.js';
import {screens, textFile} from '../../media/scripts.js';
import {noView} from '../commands/server.js';

// The same scripts as for the pictures. Those with a rehearsal are compared by `npm run media -- --check`.
suite('the screens that need no run are as they are kept', {skip: await noView()}, () => {
	let stage: Stage;
	before(async () => {
		stage = await serverStage();
	});
	after(() => stage?.close());

	for (const script of screens) {
		test(script.name, async () => {
			for (const {name, text} of (await play(script, stage)).shots) {
				assert.equal(text, await readFile(textFile(name), 'utf8'), 'If it is meant so: npm run media -- screens');
			}
		});
	}
});
