import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readReport} from '../../source/kit/build/report.js';

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
