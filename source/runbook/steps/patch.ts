import {mkdir, rename, rm, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {inspectArchive, unpackArchive} from '../../host/archive.js';
import {type Facts, paths} from '../facts.js';

/** Looks into the vendor's archive and unpacks it where nobody else can reach it. */
export const patch: Step<Facts> = {
	id: 'patch',
	title: 'Unpack the patch',
	phase: 'prepare',
	documented: '8a',
	async look(context) {
		return (await isThere(paths.patch(context))) ? 'done' : 'todo';
	},
	async do(context) {
		const inside = await inspectArchive(context, context.facts.patch).catch((error: Error) => {
			throw StepError.blocked('archive', error.message);
		});
		context.show({
			kind: 'facts',
			facts: [
				['Archive', context.facts.patch],
				['Folder inside', inside.folder],
				['Script', inside.script],
				['Files', String(inside.members.length)],
				['Unpacked', `${Math.ceil(inside.expandedBytes / 1024)} KiB`],
			],
		});
		// Complete only under its final name, so that a look can tell.
		const unfinished = `${paths.patch(context)}.unfinished`;
		await rm(unfinished, {recursive: true, force: true});
		await mkdir(unfinished, {mode: 0o700});
		await unpackArchive(context, context.facts.patch, unfinished);
		await context.record('patch-script', inside.script);
		await rename(unfinished, paths.patch(context));
		await context.say(`${basename(context.facts.patch)} is unpacked; its script is ${inside.script}.`);
	},
	async verify(context) {
		const script = join(paths.patch(context), context.recall<string>('patch-script') ?? '');
		return (await isThere(script))
			? []
			: [
					{
						severity: 'blocker',
						id: 'patch-script',
						sentence: `${script} is missing.`,
						remedy: 'Start the upgrade anew: the archive is unpacked again.',
					},
				];
	},
};

async function isThere(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch {
		return false;
	}
}
