import assert from 'node:assert/strict';
import test from 'node:test';
import type {Connection} from '../../source/console/connection.js';
import {Store} from '../../source/console/store.js';
import {createTheme} from '../../source/console/theme.js';
import type {ToWorker} from '../../source/engine/protocol.js';
import {asking} from './fixtures/states.js';

function open(columns: number, rows: number) {
	const sent: ToWorker[] = [];
	const connection: Connection = {
		state: () => asking('choice'),
		driving: () => true,
		send: message => sent.push(message),
		subscribe: () => () => {},
	};
	const {glyphs} = createTheme({ascii: false, color: true});
	return {sent, store: new Store(connection, glyphs, {columns, rows}, {isTicking: false})};
}

test('nobody answers what a terminal is too small to show', t => {
	const {sent, store} = open(80, 15);
	t.after(() => store.close());
	for (const key of ['enter', 'down', 'enter', 'r', 'y']) {
		store.press(key);
	}

	store.paste('y\n');
	assert.equal(sent.length, 0);
	store.resize(80, 24);
	store.press('enter');
	assert.deepEqual(
		sent.map(({type}) => type),
		['answer'],
	);
});
