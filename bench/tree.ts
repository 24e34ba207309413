import {randomFillSync} from 'node:crypto';
import {closeSync, mkdirSync, openSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';

/** Bytes of small files, as the packages of an environment have them: many of a few KB, some of a hundred. */
const sizes = [120, 700, 1_800, 3_500, 6_000, 9_500, 14_000, 22_000, 42_000, 100_000];
const small = 15_000;
const inFolder = 25;
const inPackage = 10;

/** What else lies in an installation: its database, its logs, uploads. */
const large: ReadonlyArray<readonly [path: string, megabytes: number]> = [
	['server/db.omflow', 40],
	['server/logs/omflow.log', 60],
	['server/uploads/first', 50],
	['server/uploads/second', 50],
];

/** Makes an installation of a real size: 15,000 files, 500 MB that no program can make smaller. */
export function makeTree(base: string): void {
	const bytes = randomFillSync(Buffer.alloc(2_000_000));
	for (let index = 0; index < small; index++) {
		const folder = Math.floor(index / inFolder);
		const inside = join(base, 'python/lib', `package${Math.floor(folder / inPackage)}`, `folder${folder}`);
		if (index % inFolder === 0) {
			mkdirSync(inside, {recursive: true});
		}

		const size = sizes[index % sizes.length] ?? 0;
		writeFileSync(join(inside, `module${index}.py`), bytes.subarray(index, index + size));
	}

	for (const [path, megabytes] of large) {
		const file = join(base, path);
		mkdirSync(join(file, '..'), {recursive: true});
		const output = openSync(file, 'w');
		for (let written = 0; written < megabytes; written++) {
			writeSync(output, bytes, written, 1_000_000);
		}

		closeSync(output);
	}
}
