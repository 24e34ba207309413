import assert from 'node:assert/strict';
import {test} from 'node:test';
import {type KitManifest, readManifest} from '../../source/kit/manifest.js';
import {head} from './kit-folder.js';

const sha256 = 'a'.repeat(64);
const file = (path: string) => ({path, bytes: 1, sha256, origin: 'here'});
const manifest: KitManifest = {
	schema: 1,
	kind: 'omflow-kit',
	...head,
	files: ['debs/Packages', 'requirements.txt', 'lock.txt', 'debs/gcc_4%3a12.2.0-3_amd64.deb'].map(file),
};

test('a manifest comes back as it was written', () => {
	assert.deepEqual(readManifest(JSON.stringify(manifest)), manifest);
});

for (const [what, change, pattern] of [
	['is that of something else', {kind: 'x'}, /not that of a kit/],
	['is of a newer program', {schema: 2}, /newer omflow-tui/],
	['leads nowhere', {to: 'x'}, /lacks something/],
	['asks apt for an option', {aptPackages: ['--allow-downgrades']}, /lacks something/],
	['asks apt to remove', {aptPackages: ['bash-']}, /lacks something/],
	['has a strange platform', {platform: {...head.platform, architecture: 'a b'}}, /lacks something/],
	[
		'names a path that leaves the kit',
		{files: [...manifest.files, file('debs/../../x')]},
		/"debs\/\.\.\/\.\.\/x", which no kit has/,
	],
	['names an absolute path', {files: [...manifest.files, file('/etc/passwd')]}, /which no kit has/],
	['names a hidden file', {files: [...manifest.files, file('wheels/.x')]}, /which no kit has/],
	['names another folder', {files: [...manifest.files, file('etc/x')]}, /which no kit has/],
	['names itself', {files: [...manifest.files, file('manifest.json')]}, /which no kit has/],
	['names a file twice', {files: [...manifest.files, file('lock.txt')]}, /lock\.txt twice/],
	[
		'has no digest',
		{files: [...manifest.files, {...file('wheels/x.whl'), sha256: undefined}]},
		/no SHA-256 of wheels\/x\.whl/,
	],
	[
		'has half a size',
		{files: [...manifest.files, {...file('wheels/x.whl'), bytes: 0.5}]},
		/no size or no origin of wheels\/x\.whl/,
	],
	['lacks the lock', {files: manifest.files.filter(({path}) => path !== 'lock.txt')}, /lacks lock\.txt/],
	['is a list', [], /not that of a kit/],
] as const) {
	test(`a manifest that ${what} is refused`, () => {
		const text = JSON.stringify(Array.isArray(change) ? change : {...manifest, ...change});
		assert.throws(() => readManifest(text), pattern);
	});
}

test('a manifest that is no JSON is refused', () => {
	assert.throws(() => readManifest('{"kind":'), /no JSON/);
});
