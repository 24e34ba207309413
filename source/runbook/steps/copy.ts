import {access, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {copyTree} from '../../host/backup.js';
import {sizeOf, syncFilesystem, writeDurably} from '../../host/files.js';
import {ownFolder} from '../../preflight/scope.js';
import {type Facts, installationBefore, paths, type StepContext} from '../facts.js';

/** Copies the installation while it runs, so that the copy made when it is down has little left to do. */
export const copy: Step<Facts> = {
	id: 'copy',
	title: 'First backup copy',
	phase: 'prepare',
	documented: 'backup',
	async look(context) {
		try {
			await access(join(paths.backup(context), 'first-copy'));
			return 'done';
		} catch {
			return 'todo';
		}
	},
	async do(context) {
		const {base} = context.facts;
		context.show({
			kind: 'facts',
			facts: [
				['From', base],
				['To', paths.backup(context)],
				['Size', `${Math.round((await sizeOf(base)) / 1e6)} MB`],
			],
		});
		await mkdir(paths.backup(context), {recursive: true, mode: 0o700});
		await copyTree(context, base, copyOf(context, 'omflow'), {exclude: [ownFolder], live: true});
		const {apache} = installationBefore(context);
		if (apache) {
			await copyTree(context, apache.root, copyOf(context, 'apache'), {});
		}

		// Now, while OMFLOW runs: what waits to be written would have to be waited for in the window.
		await syncFilesystem(context, paths.backup(context));
		await writeDurably(join(paths.backup(context), 'first-copy'), `${new Date().toISOString()}\n`, {mode: 0o600});
	},
	async verify() {
		return [];
	},
};

export function copyOf(context: StepContext, what: 'omflow' | 'apache'): string {
	return join(paths.backup(context), what);
}
