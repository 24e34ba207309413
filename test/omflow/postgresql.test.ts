import assert from 'node:assert/strict';
import {test} from 'node:test';
import {entriesToLoad, tablesIn} from '../../source/omflow/postgresql.js';

/** As `pg_restore --list` prints it. */
const list = `;
; Archive created at 2026-01-01 00:00:00 UTC
;     TOC Entries: 46
;
6; 2615 2200 SCHEMA - public pg_database_owner
3550; 0 0 COMMENT - SCHEMA public pg_database_owner
3551; 0 0 ACL - SCHEMA public pg_database_owner
8; 2615 17578 SCHEMA - other one omflow
3552; 0 0 ACL - SCHEMA other one omflow
9; 2615 17666 SCHEMA - tools(1) omflow
2; 3079 17585 EXTENSION - pg_trgm 
3554; 0 0 COMMENT - EXTENSION pg_trgm 
219; 1259 17537 TABLE public flow omflow
220; 1259 17538 TABLE public DATA omflow
3555; 0 0 COMMENT public TABLE flow omflow
3383; 0 0 TABLE ATTACH public parted_1 omflow
3539; 0 17537 TABLE DATA public flow omflow
3545; 2613 4711 BLOB - 4711 omflow
3546; 0 0 BLOBS - BLOBS 
3560; 6104 17600 PUBLICATION - everything postgres
3561; 3466 17601 EVENT TRIGGER - watch postgres
3562; 0 0 COMMENT - EVENT TRIGGER watch postgres
3563; 826 17602 DEFAULT ACL - DEFAULT PRIVILEGES FOR TABLES omflow`;

test('what an administrator of the database owns is not loaded', () => {
	const loaded = entriesToLoad(list, ['public', 'tools(1)']).split('\n');
	const left = list.split('\n').filter(line => !loaded.includes(line));
	assert.deepEqual(
		left.map(line => /^\d+/.exec(line)?.[0]),
		['6', '3550', '3551', '9', '3554', '3560', '3561', '3562'],
	);
	assert.ok(entriesToLoad(list, ['public', 'tools']).includes('SCHEMA - tools(1)'));
});

test('tables are counted once', () => {
	assert.equal(tablesIn(list), 2);
	assert.equal(tablesIn(''), 0);
});
