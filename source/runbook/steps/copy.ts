import {access, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {copyTree} from '../../host/backup.js';
import {sizeOf, writeDurably} from '../../host/files.js';
import {type Facts, installationBefore, paths, type StepContext} from '../facts.js';

/** Left out of every copy: what this program itself keeps there, and the environment where it is not wanted. */
export const ownFolder = '.omflow-tui';

/** Not in the final backup: the old environment itself is kept until the new state is. Neither is put back. */
export const exclude = [ownFolder, 'python'];

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
		await copyTree(context, apache.root, copyOf(context, 'apache'), {});
		await writeDurably(join(paths.backup(context), 'first-copy'), `${new Date().toISOString()}\n`, {mode: 0o600});
	},
	async verify() {
		return [];
	},
};

export function copyOf(context: StepContext, what: 'omflow' | 'apache'): string {
	return join(paths.backup(context), what);
}
