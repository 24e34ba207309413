import {cp, mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
// @ts-expect-error plain JavaScript, as the build uses it
import {bundle} from '../scripts/bundle.js';
import {atEnd} from './ending.js';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A folder of the bench's own, with a copy of the built program: another build must not change it meanwhile. */
export type Place = {
	readonly folder: string;
	/** The built program. */
	readonly program: string;
	/** Bundles a program of the bench as the build does it, and returns where it is. */
	build(name: string): Promise<string>;
};

export async function makePlace(): Promise<Place> {
	const folder = await mkdtemp(join(tmpdir(), 'omflow-tui-bench-'));
	atEnd(() => rm(folder, {recursive: true, force: true, maxRetries: 10}));
	await cp(fromHere('../dist'), join(folder, 'dist'), {recursive: true});
	// The samples of a bundled program are looked for beside it.
	await cp(fromHere('../source/rehearsal/sample'), join(folder, 'sample'), {recursive: true});
	return {
		folder,
		program: join(folder, 'dist/omflow-tui.mjs'),
		async build(name) {
			const file = join(folder, `${name}.cjs`);
			await bundle(fromHere(`${name}.ts`), file);
			return file;
		},
	};
}
