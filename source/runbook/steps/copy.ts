import {access} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {sizeOf, writeDurably} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {partsOf} from '../../omflow/installation.js';
import {dumpDatabases, seeItCanGoBack} from '../backup/databases.js';
import {databaseFacts} from '../backup/dump-pane.js';
import {makeFirstCopy} from '../backup/make.js';
import {type Facts, installationWanted, paths, recorded, type StepContext} from '../facts.js';

/** Copies the installation while it runs, so that the copy made when it is down has little left to do. */
export const copy: Step<Facts> = {
	id: 'copy',
	title: mark('First backup copy'),
	phase: 'prepare',
	documented: 'backup',
	async look(context) {
		try {
			await access(markFile(context));
			return 'done';
		} catch {
			return 'todo';
		}
	},
	async do(context) {
		const {base} = context.facts;
		const shown = [
			[t('From'), base],
			[t('To'), paths.backup(context)],
			...partsOf(installationWanted(context)).flatMap(databaseFacts),
		] as const;
		context.show({kind: 'facts', facts: [...shown, [t('Size'), megabytes(await sizeOf(base))]]});
		await seeItCanGoBack(context);
		const began = performance.now();
		const {behind, bytes, files} = await makeFirstCopy(context);
		const took = performance.now() - began;
		const seconds = (took / 1000).toFixed(1);
		await context.record(recorded.firstCopy, Math.round(took));
		// A first dump proves that it can be made, and shows how long the window has to wait for the last one.
		const dumps = await dumpDatabases(context, paths.backup(context));
		await context.record(recorded.firstDumps, dumps);
		context.show({
			kind: 'facts',
			facts: [
				...shown,
				[
					t('Copied and read back'),
					t('{files} files, {bytes}, in {seconds} s', {files, bytes: megabytes(bytes), seconds}),
				],
				[
					t('Changed meanwhile'),
					behind === 0 ? t('nothing') : t('{behind} paths; the last copy brings them', {behind}),
				],
				...dumps.map(({bytes: size, milliseconds, role}) => {
					return [
						t('Database of the {role}', {role}),
						t('dumped in {seconds} s, {size}', {seconds: (milliseconds / 1000).toFixed(1), size: megabytes(size)}),
					] as const;
				}),
			],
		});
		await writeDurably(markFile(context), `${new Date().toISOString()}\n`, {mode: 0o600});
	},
	async verify() {
		return [];
	},
};

function markFile(context: StepContext): string {
	return join(paths.backup(context), 'first-copy');
}

function megabytes(bytes: number): string {
	return `${Math.round(bytes / 1e6)} MB`;
}
