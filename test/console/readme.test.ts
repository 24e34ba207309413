import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {test} from 'node:test';
import {withKeys} from '../../scripts/keys-table.js';

test('the readme has the keys the program has', async () => {
	const readme = await readFile(new URL('../../readme.md', import.meta.url), 'utf8');
	assert.ok(readme.includes('| `q` |'));
	assert.equal(readme, withKeys(readme), 'run: node --import tsx scripts/keys-table.ts');
});
