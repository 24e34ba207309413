import {access} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {sizeOf, writeDurably} from '../../host/files.js';
import {dumpDatabases, seeItCanGoBack} from '../backup/databases.js';
import {makeFirstCopy} from '../backup/make.js';
import {type Facts, paths, recorded, type StepContext} from '../facts.js';

/** Copies the installation while it runs, so that the copy made when it is down has little left to do. */
export const copy: Step<Facts> = {
	id: 'copy',
	title: 'First backup copy',
	phase: 'prepare',
	documented: 'backup',
	async look(context) {
		try {
			await access(mark(context));
			return 'done';
		} catch {
			return 'todo';
		}
	},
	async do(context) {
		const {base} = context.facts;
		const shown = [
			['From', base],
			['To', paths.backup(context)],
		] as const;
		context.show({kind: 'facts', facts: [...shown, ['Size', megabytes(await sizeOf(base))]]});
		await seeItCanGoBack(context);
		const began = performance.now();
		const {behind, bytes, files} = await makeFirstCopy(context);
		const seconds = ((performance.now() - began) / 1000).toFixed(1);
		// A first dump proves that it can be made, and shows how long the window has to wait for the last one.
		const dumps = await dumpDatabases(context, paths.backup(context));
		await context.record(recorded.firstDumps, dumps);
		context.show({
			kind: 'facts',
			facts: [
				...shown,
				['Copied and read back', `${files} files, ${megabytes(bytes)}, in ${seconds} s`],
				['Changed meanwhile', behind === 0 ? 'nothing' : `${behind} paths; the last copy brings them`],
				...dumps.map(({bytes: size, milliseconds, role}) => {
					return [
						`Database of the ${role}`,
						`dumped in ${(milliseconds / 1000).toFixed(1)} s, ${megabytes(size)}`,
					] as const;
				}),
			],
		});
		await writeDurably(mark(context), `${new Date().toISOString()}\n`, {mode: 0o600});
	},
	async verify() {
		return [];
	},
};

function mark(context: StepContext): string {
	return join(paths.backup(context), 'first-copy');
}

function megabytes(bytes: number): string {
	return `${Math.round(bytes / 1e6)} MB`;
}
