import assert from 'node:assert/strict';
import {test} from 'node:test';
import {originOf, readReport} from '../../source/kit/build/report.js';

/** As pip 23.0 wrote it, shortened. */
const report = {
	version: '1',
	install: [
		{
			download_info: {url: 'https://user:geheim@files.example.org/mod_wsgi-5.0.2.tar.gz'},
			metadata: {
				name: 'mod-wsgi',
				version: '5.0.2',
				classifier: ['License :: OSI Approved :: Apache Software License'],
			},
		},
		{
			download_info: {url: 'https://files.example.org/Django-4.2.16-py3-none-any.whl'},
			metadata: {name: 'Django', version: '4.2.16', license: 'BSD-3-Clause'},
		},
		{
			download_info: {url: 'https://files.example.org/x-1-py3-none-any.whl'},
			metadata: {name: 'x', version: '1', license: 'A whole text\nof many lines', license_expression: 'MIT'},
		},
	],
};

test('a report of pip says what was chosen, from where and under which licence, without a password', () => {
	assert.deepEqual(readReport(JSON.stringify(report)), [
		{
			name: 'Django',
			version: '4.2.16',
			url: 'https://files.example.org/Django-4.2.16-py3-none-any.whl',
			licence: 'BSD-3-Clause',
		},
		{
			name: 'mod-wsgi',
			version: '5.0.2',
			url: 'https://files.example.org/mod_wsgi-5.0.2.tar.gz',
			licence: 'Apache Software License',
		},
		{name: 'x', version: '1', url: 'https://files.example.org/x-1-py3-none-any.whl', licence: 'MIT'},
	]);
});

test('a report with what is no name or version is refused', () => {
	for (const metadata of [
		{name: 'a b', version: '1'},
		{name: '-r', version: '1; x'},
		{version: '1'},
		{name: 'x\n--index-url', version: '1'},
	]) {
		assert.throws(() => readReport(JSON.stringify({install: [{metadata}]})), /without name or version/);
	}

	assert.throws(() => readReport('{}'), /did not report/);
});

test('the origin of a file is its address, and else what it was made from or found beside', () => {
	const wheel = {url: 'https://files.example.org/b7/MarkupSafe-2.1.5-cp311-cp311-manylinux_2_17_x86_64.whl'};
	const source = {url: 'https://files.example.org/mod_wsgi-5.0.2.tar.gz'};
	const local = {url: 'https://files.example.org/x-1%2Blocal-py3-none-any.whl'};
	const [here, elsewhere] = [true, false].map(isNative => ({given: ['own-1-py3-none-any.whl'], isNative}));
	for (const [file, chosen, settings, origin] of [
		['MarkupSafe-2.1.5-cp311-cp311-manylinux_2_17_x86_64.whl', wheel, here, wheel.url],
		['MarkupSafe-2.1.5-cp311-cp311-manylinux_2_17_aarch64.whl', wheel, elsewhere, `offered beside ${wheel.url}`],
		['MarkupSafe-2.1.5.tar.gz', wheel, elsewhere, `offered beside ${wheel.url}`],
		['mod_wsgi-5.0.2.tar.gz', source, elsewhere, source.url],
		['mod_wsgi-5.0.2-cp311-cp311-linux_x86_64.whl', source, here, `built here from ${source.url}`],
		['x-1+local-py3-none-any.whl', local, here, local.url],
		['own-1-py3-none-any.whl', {url: 'file:///work/given/own-1-py3-none-any.whl'}, here, 'given with --wheels'],
	] as const) {
		assert.equal(originOf(file, chosen, settings ?? assert.fail()), origin);
	}
});
