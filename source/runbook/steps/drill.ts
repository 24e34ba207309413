import {mkdir, rmdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {Fact, Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {restoreTree} from '../../host/backup.js';
import {freeBytes, removeTree, sizeOf} from '../../host/files.js';
import {below, isFile, readListing, shown, unlike} from '../../host/listing.js';
import {listTree} from '../../host/walk.js';
import {mark, t} from '../../locales/index.js';
import {drillDumps, dropDrilled, type Told} from '../backup/drill-databases.js';
import {copyOf, manifestFile, parts} from '../backup/record.js';
import {type Facts, paths, type StepContext} from '../facts.js';
import {wholeCopyTakes} from '../takes.js';

const drilled = 'drilled';

/** Puts the first copy back beside what is in service, to see that it can be and how long it takes. Nothing of it stays. */
export const drill: Step<Facts> = {
	id: 'drill',
	title: mark('Restore drill'),
	phase: 'prepare',
	wanted: context => context.facts.drill === true,
	expects: context => wholeCopyTakes(context),
	async look(context) {
		return context.recall(drilled) ? 'done' : 'todo';
	},
	async do(context) {
		await cleanUp(context);
		const findings: Finding[] = [];
		const facts: Fact[] = [];
		let milliseconds = 0;
		const told: Told = (finding, label, took) => {
			findings.push(finding);
			milliseconds += took ?? 0;
			facts.push([label, took === undefined ? t('not drilled') : t('put back in {took}', {took: inSeconds(took)})]);
			context.show({kind: 'facts', facts});
		};
		try {
			await drillFiles(context, told);
			await drillDumps(context, told);
		} finally {
			await cleanUp(context);
		}

		findings.push({
			severity: 'info',
			id: 'drill',
			sentence: t('Putting back what was drilled took {milliseconds}.', {milliseconds: inSeconds(milliseconds)}),
		});
		await context.record(drilled, findings);
	},
	async verify(context) {
		return context.recall<Finding[]>(drilled) ?? [];
	},
	async undo(context) {
		await cleanUp(context);
	},
	undoes: () => t('Remove what a drill that was cut has left.'),
};

/** On the filesystem of the installation, as a real one. */
async function drillFiles(context: StepContext, told: Told): Promise<void> {
	const {base} = context.facts;
	const copy = copyOf(context, 'installation');
	const place = placeOf(context);
	const [free, wanted] = await Promise.all([freeBytes(base), sizeOf(copy)]);
	if (free < wanted * margin) {
		const sentence = t('Putting the files back was not drilled: {base} has no room for them a second time.', {base});
		told(
			{severity: 'warning', id: 'drill-files', sentence, remedy: t('Make room there if it is to be drilled.')},
			t('Files'),
		);
		return;
	}

	await mkdir(dirname(place), {recursive: true, mode: 0o700});
	const began = performance.now();
	await restoreTree(context, copy, place);
	const milliseconds = performance.now() - began;
	const different: string[] = [];
	let files = 0;
	const held = below(readListing(manifestFile(paths.backup(context))), parts.installation);
	for await (const [now, before] of unlike(
		listTree(place),
		counting(held, () => files++),
	)) {
		different.push(shown((before ?? now)?.path ?? ''));
	}

	if (different.length > 0) {
		throw new StepError(
			t('What was put back in the drill is not what was copied: {different}.', {
				different: different.slice(0, 3).join(', '),
			}),
			t('Look for errors of the disk, then start anew.'),
		);
	}

	const sentence = t('{files} files were put back in {milliseconds} in a drill, and are what was copied.', {
		files,
		milliseconds: inSeconds(milliseconds),
	});
	told({severity: 'info', id: 'drill-files', sentence}, t('Files'), milliseconds);
}

const margin = 1.05;

async function* counting(entries: ReturnType<typeof below>, count: () => void): ReturnType<typeof below> {
	for await (const entry of entries) {
		if (isFile(entry)) {
			count();
		}

		yield entry;
	}
}

async function cleanUp(context: StepContext): Promise<void> {
	await dropDrilled(context);
	const place = placeOf(context);
	await removeTree(place);
	for (const folder of [dirname(place), paths.aside(context.facts)]) {
		// Others may have something there.
		await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
			if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') {
				throw error;
			}
		});
	}
}

function placeOf({facts}: StepContext): string {
	return join(dirname(paths.staging(facts)), 'drill');
}

function inSeconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
