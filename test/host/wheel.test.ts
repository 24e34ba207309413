import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseSourceName, parseWheelName, platformTags, unfit} from '../../source/host/wheel.js';

const bookworm = {python: '3.11', architecture: 'amd64', glibc: '2.36'};

test('the name of a wheel says package, version and for whom it is', () => {
	assert.deepEqual(parseWheelName('mod_wsgi-5.0.2-cp311-cp311-linux_x86_64.whl'), {
		name: 'mod-wsgi',
		version: '5.0.2',
		python: ['cp311'],
		abi: ['cp311'],
		platform: ['linux_x86_64'],
	});
	assert.equal(parseWheelName('x-1-2build-py3-none-any.whl')?.build, '2build');
	for (const name of [
		'x.whl',
		'x-1-py3-none.whl',
		'../x-1-py3-none-any.whl',
		'x-1-py3-none-any.whl.sig',
		'x-1.tar.gz',
	]) {
		assert.equal(parseWheelName(name), undefined, name);
	}
});

test('the name of a source says package and version', () => {
	assert.deepEqual(parseSourceName('mod_wsgi-5.0.2.tar.gz'), {name: 'mod-wsgi', version: '5.0.2'});
	assert.deepEqual(parseSourceName('python-dateutil-2.9.0.post0.tar.gz'), {
		name: 'python-dateutil',
		version: '2.9.0.post0',
	});
	assert.equal(parseSourceName('notes.tar.gz'), undefined);
});

for (const [tags, host, why] of [
	['py3-none-any', {}, undefined],
	['py2.py3-none-any', {}, undefined],
	['py311-none-any', {}, undefined],
	['py312-none-any', {}, 'is for Python 3.12, not Python 3.11'],
	['py2-none-any', {}, 'is for Python 2, not Python 3.11'],
	['cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64', {}, undefined],
	['cp310-cp310-manylinux_2_17_x86_64', {}, 'is for Python 3.10, not Python 3.11'],
	['cp38-abi3-manylinux_2_28_x86_64', {}, undefined],
	['cp312-abi3-manylinux_2_28_x86_64', {}, 'is for Python 3.12, not Python 3.11'],
	['cp311-none-linux_x86_64', {}, undefined],
	['cp310-none-linux_x86_64', {}, 'is for Python 3.10, not Python 3.11'],
	['pp311-pypy311_pp73-manylinux_2_28_x86_64', {}, 'is for PyPy 3.11, not Python 3.11'],
	['cp311-cp311-manylinux_2_39_x86_64', {}, 'needs glibc 2.39, and the host has 2.36'],
	['cp311-cp311-manylinux_2_39_x86_64.manylinux_2_17_x86_64', {}, undefined],
	['cp311-cp311-manylinux1_x86_64', {}, undefined],
	['cp311-cp311-manylinux2014_x86_64', {glibc: '2.5'}, 'needs glibc 2.17, and the host has 2.5'],
	['cp311-cp311-manylinux_2_17_aarch64', {}, 'is for aarch64, not x86_64'],
	['cp311-cp311-manylinux_2_17_aarch64', {architecture: 'arm64'}, undefined],
	['cp311-cp311-musllinux_1_2_x86_64', {}, 'is for systems with musl'],
	['cp311-cp311-win_amd64', {}, 'is for win_amd64'],
	['cp311-cp311-macosx_11_0_arm64', {}, 'is for macosx_11_0_arm64'],
	['cp311-cp311-linux_i686', {}, 'is for i686, not x86_64'],
] as const) {
	test(`a wheel ${tags} ${why ?? 'fits'}${Object.keys(host).length > 0 ? ` on ${JSON.stringify(host)}` : ''}`, () => {
		const wheel = parseWheelName(`name-1.0-${tags}.whl`);
		assert.ok(wheel);
		assert.equal(unfit(wheel, {...bookworm, ...host}), why);
	});
}

test('every tag that pip is asked for is one that fits', () => {
	const tags = platformTags({...bookworm, architecture: 'arm64'});
	assert.equal(tags[0], 'manylinux_2_36_aarch64');
	assert.ok(tags.includes('manylinux2014_aarch64'));
	for (const tag of tags) {
		const wheel = parseWheelName(`name-1.0-cp311-cp311-${tag}.whl`);
		assert.equal(wheel && unfit(wheel, {...bookworm, architecture: 'arm64'}), undefined, tag);
	}
});
