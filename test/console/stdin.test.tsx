import assert from 'node:assert/strict';
import {PassThrough} from 'node:stream';
import test from 'node:test';
import {ESC, KeyStream, takeKey} from '../../source/console/stdin.js';

function allKeys(text: string): string[] {
	const keys: string[] = [];
	let rest = text;
	for (;;) {
		const taken = takeKey(rest);
		if (taken === undefined) {
			return rest === '' ? keys : [...keys, `(${rest})`];
		}

		keys.push(taken.key);
		rest = taken.rest;
	}
}

const cases: ReadonlyArray<readonly [what: string, chunk: string, keys: readonly string[]]> = [
	['letters', 'jjk', ['j', 'j', 'k']],
	['arrows', '\u001B[B\u001B[B\u001BOA', ['\u001B[B', '\u001B[B', '\u001B[A']],
	['keys with a number', '\u001B[5~\u001B[1;5A', ['\u001B[5~', '\u001B[A']],
	['no key of this program', '\u001B[[Aj', ['', 'j']],
	['Esc and a letter', '\u001Bq', [ESC, 'q']],
	['Esc and an arrow', '\u001B\u001B[A', [ESC, '\u001B[A']],
	['a paste is one', '\u001B[200~a\u001B[Bq\u001B[201~x', ['\u001B[200~a\u001B[Bq\u001B[201~', 'x']],
	['a cut sequence waits', 'j\u001B[1;', ['j', '(\u001B[1;)']],
	['a cut paste waits', '\u001B[200~abc', ['(\u001B[200~abc)']],
	['beyond the basic plane', '𠮷a', ['𠮷', 'a']],
];

for (const [what, chunk, keys] of cases) {
	test(`keys of a chunk: ${what}`, () => {
		assert.deepEqual(allKeys(chunk), keys);
	});
}

/** Reads as Ink does, until so many keys came. */
async function collect(stream: KeyStream, count: number): Promise<string[]> {
	const keys: string[] = [];
	return new Promise(resolve => {
		stream.on('readable', () => {
			let key = stream.read();
			let inTurn = 0;
			while (key !== null) {
				inTurn++;
				assert.equal(inTurn, 1, 'one key in a turn of the event loop');
				keys.push(key);
				key = stream.read();
			}

			if (keys.length === count) {
				resolve(keys);
			}
		});
	});
}

test('one key in each turn, in order, and sequences cut anywhere are whole', async () => {
	const source = new PassThrough();
	const stream = new KeyStream(source);
	stream.setRawMode(true);
	const keys = collect(stream, 6);
	source.write('jj\u001B');
	source.write('[');
	source.write('B\u001B[6');
	source.write('~x\u001B[A');
	assert.deepEqual(await keys, ['j', 'j', '\u001B[B', '\u001B[6~', 'x', '\u001B[A']);
	stream.setRawMode(false);
});

test('Esc alone is a key after a moment', async () => {
	const source = new PassThrough();
	const stream = new KeyStream(source);
	stream.setRawMode(true);
	const keys = collect(stream, 1);
	source.write('\u001B');
	assert.deepEqual(await keys, [ESC]);
	stream.setRawMode(false);
});

test('outside raw mode the terminal is not read', async () => {
	const source = new PassThrough();
	const stream = new KeyStream(source);
	stream.setRawMode(true);
	stream.setRawMode(false);
	assert.equal(source.listenerCount('data'), 0);
	assert.equal(source.isPaused(), true);
});

test('a paste that is too long stays a paste to its end', () => {
	const begin = '\u001B[200~';
	let rest = begin;
	const names: string[] = [];
	// Its end comes in two pieces as well.
	for (const chunk of ['r'.repeat(1_000_001), 'y\r'.repeat(10), '\u001B[20', '1~q']) {
		rest += chunk;
		for (let taken = takeKey(rest); taken; taken = takeKey(rest)) {
			rest = taken.rest;
			names.push(taken.key);
		}
	}

	assert.ok(!names.some(name => name === 'r' || name === 'y' || name === '\r'), names.join('|').slice(0, 100));
	assert.equal(names.at(-1), 'q');
});
