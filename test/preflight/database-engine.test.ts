import assert from 'node:assert/strict';
import {test} from 'node:test';
import {databaseEngine} from '../../source/preflight/database-engine.js';
import {partOf, subjectOf, toBugfix, toNewPython} from './installation-of.js';

const old = {engine: 'sql_server.pyodbc', kind: 'mssql', reach: 'remote'} as const;

for (const [name, parts, hop, expected] of [
	['the old one', {database: old}, toNewPython, ["ENGINE is 'sql_server.pyodbc'"]],
	['another old one', {database: {...old, engine: 'sqlserver_ado'}}, toNewPython, ["ENGINE is 'sqlserver_ado'"]],
	['the collector’s', {beside: [partOf({database: old})]}, toNewPython, ["ENGINE is 'sql_server.pyodbc'"]],
	['the old one, and the environment stays', {database: old}, toBugfix, []],
	['the new one', {database: {...old, engine: 'mssql'}}, toNewPython, []],
	['another database', {}, toNewPython, []],
] as const) {
	test(`database engine: ${name}`, async t => {
		const findings = await databaseEngine(await subjectOf(t, parts, [hop]));
		assert.deepEqual(
			findings.map(({evidence}) => evidence?.replace(/^.*settings\.py: /, '')),
			expected,
		);
		assert.ok(findings.every(({severity, id}) => severity === 'warning' && id === 'mssql-engine'));
	});
}
