import assert from 'node:assert/strict';
import {test} from 'node:test';
import {releases} from '../../source/omflow/releases.js';
import {missingFrom, rewriteRequirements} from '../../source/omflow/requirements.js';

const release = releases.find(({needs}) => needs)?.needs;
assert.ok(release);

/** Only the lines that come from the old list; the release's own packages are appended. */
const rewriteOne = (line: string) => rewriteRequirements([line], release, 'unknown');

for (const [old, expected] of [
	['Django==2.2.28', 'Django>=4.2,<4.3'],
	['requests==2.25.1', 'requests>=2.25.1'],
	['numpy==1.19.5', 'numpy>=1.19.5,<2'],
	['numpy==2.0.1', 'numpy>=2.0.1'],
	['psycopg2-binary==2.8.6', 'psycopg2-binary>=2.9.5'],
	['psycopg2-binary==2.9.9', 'psycopg2-binary>=2.9.9'],
	['mysqlclient==1.3.14', 'mysqlclient>=1.4.3'],
	['PyMySQL==0.9.3', 'PyMySQL>=1.1.0'],
	['mssql-django==1.0', 'mssql-django>=1.3,<2'],
	['mod-wsgi==4.7.1', 'mod-wsgi>=4.9.4'],
	['ldap3==2.9', 'ldap3>=2.9,<3'],
	['openpyxl==3.0.7', 'openpyxl>=3.0.7,<4'],
	['pytz==2021.1', 'pytz>=2021.1'],
	['uvicorn[standard]==0.13.4', 'uvicorn[standard]>=0.13.4'],
	['PyYAML==5.4.1+ubuntu1', 'PyYAML>=5.4.1'],
	['flow-lib @ git+https://git.example/flow.git@v1', 'flow-lib @ git+https://git.example/flow.git@v1'],
	['chardet>=3,<5', 'chardet>=3,<5'],
	['tomli==1.2; python_version < "3.11"', 'tomli==1.2; python_version < "3.11"'],
] as const) {
	test(`${old} becomes ${expected}`, () => {
		const {lines, dropped} = rewriteOne(old);
		assert.equal(lines[0], expected);
		assert.deepEqual(dropped, []);
	});
}

for (const [old, reason] of [
	['pkg-resources==0.0.0', /brings its own/],
	['pip==21.1', /brings its own/],
	['backports.zoneinfo==0.2.1', /part of Python 3\.11/],
	['dataclasses==0.6', /part of Python 3\.11/],
	['importlib_metadata==4.0', /part of Python 3\.11/],
	['zipp==3.4.1', /part of Python 3\.11/],
	['django-mssql==1.8', /mssql-django takes its place/],
	['django-pytds==2.2', /mssql-django takes its place/],
	['-e git+https://git.example/x.git@abc#egg=x', /working copy/],
	['local @ file:///tmp/local-1.0-cp38.whl', /installed from a file/],
	['/srv/wheels/local.whl', /not a package name/],
] as const) {
	test(`${old} is dropped in the open`, () => {
		const {lines, dropped, remarks} = rewriteOne(old);
		assert.equal(dropped[0]?.line, old);
		assert.match(dropped[0]?.reason ?? '', reason);
		assert.equal(lines[0], `# dropped: ${old} - ${dropped[0]?.reason}`);
		assert.equal(remarks[0]?.index, 0);
	});
}

test('adds what the release needs, once, whatever the spelling', () => {
	const {lines} = rewriteRequirements(['Mod.WSGI==4.7.1', 'LDAP3==2.9'], release, 'sqlite');
	assert.deepEqual(lines, ['Mod.WSGI>=4.9.4', 'LDAP3>=2.9,<3', 'wheel', 'django>=4.2,<4.3', 'openpyxl']);
});

test('remarks point at their lines', () => {
	const {lines, remarks} = rewriteRequirements(
		['# a comment', '', 'cx_Oracle==7.3.0', 'six==1.16.0'],
		release,
		'oracle',
	);
	assert.deepEqual(lines.slice(0, 2), ['cx_Oracle>=7.3.0', 'six>=1.16.0']);
	assert.match(remarks.find(({index}) => index === 0)?.remark ?? '', /^was 7\.3\.0; has no build for Python 3\.11/);
	assert.equal(remarks.find(({index}) => index === 1)?.remark, 'was 1.16.0');
});

for (const [kind, old, expected] of [
	['postgresql', 'six==1.16.0', 'psycopg2-binary>=2.9.5'],
	['postgresql', 'psycopg2==2.8.6', undefined],
	['mysql', 'six==1.16.0', 'mysqlclient>=1.4.3'],
	['mysql', 'PyMySQL==1.0.2', undefined],
	['oracle', 'six==1.16.0', 'cx_Oracle>=7.0'],
	['mssql', 'django-mssql==1.8', 'mssql-django>=1.3,<2'],
	['sqlite', 'six==1.16.0', undefined],
] as const) {
	test(`${kind} with ${old}: ${expected ? `adds ${expected}` : 'adds no driver'}`, () => {
		const {lines} = rewriteRequirements([old, 'wheel', 'django', 'ldap3', 'mod_wsgi', 'openpyxl'], release, kind);
		assert.equal(lines[6], expected);
	});
}

test('nothing is missing when names differ only in spelling', () => {
	assert.deepEqual(missingFrom(['Foo_Bar==1'], ['foo.bar==2', 'pip==24'], ['foo-bar>=1']), []);
});

test('finds what is missing, and does not miss what was dropped', () => {
	const old = [
		'Django==2.2',
		'xlrd==1.2.0',
		'zipp==3.4.1',
		'pip==20.0',
		'pkg-resources==0.0.0',
		'flow @ file:///f.whl',
	];
	const {lines} = rewriteRequirements(old, release, 'sqlite');
	const missing = missingFrom(old, ['Django==4.2.20', 'wheel==1', 'ldap3==2', 'mod-wsgi==5', 'pip==24'], lines);
	assert.deepEqual(missing, ['openpyxl', 'xlrd']);
});

test('a line that was only deleted is still missed', () => {
	assert.deepEqual(missingFrom(['six==1.16.0'], [], []), ['six']);
	assert.deepEqual(missingFrom(['six==1.16.0'], [], ['# dropped: six==1.16.0 - not wanted any more']), []);
});
