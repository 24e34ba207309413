import {mkdir, rename, rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {type Archive, type TakenArchive, takeArchive, unpackArchive} from '../../host/archive.js';
import {checkSha256, expectedSha256} from '../../host/checksum.js';
import {isDiskFull, isThere} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {type Facts, paths, type StepContext} from '../facts.js';

/** Takes a copy of the vendor's archive, looks into it, and unpacks it where nobody else can reach it. */
export const patch: Step<Facts> = {
	id: 'patch',
	title: mark('Unpack the patch'),
	phase: 'prepare',
	documented: '8a',
	async look(context) {
		return (await isThere(paths.patch(context))) ? 'done' : 'todo';
	},
	async do(context) {
		// Complete only under its final name, so that a look can tell.
		const unfinished = `${paths.patch(context)}.unfinished`;
		await rm(unfinished, {recursive: true, force: true});
		await mkdir(unfinished, {mode: 0o700});
		const {inside, taken} = await unpack(context, unfinished).catch(error => {
			throw isDiskFull(error) ? error : StepError.blocked('archive', (error as Error).message);
		});
		context.show({
			kind: 'facts',
			facts: [
				[t('Archive'), context.facts.patch],
				['SHA-256', taken.sha256],
				[t('Folder inside'), inside.folder],
				[t('Script'), inside.script],
				[t('Files'), String(inside.members.length)],
				[t('Unpacked'), `${Math.ceil(inside.expandedBytes / 1024)} KiB`],
			],
		});
		await context.record('patch-script', inside.script);
		await rename(unfinished, paths.patch(context));
		await rm(taken.file, {force: true});
		await context.say(
			t('{patch} is unpacked; its script is {script}.', {patch: basename(context.facts.patch), script: inside.script}),
		);
	},
	async verify(context) {
		const script = join(paths.patch(context), context.recall<string>('patch-script') ?? '');
		return (await isThere(script))
			? []
			: [
					{
						severity: 'blocker',
						id: 'patch-script',
						sentence: t('{script} is missing.', {script}),
						remedy: t('Start the upgrade anew: the archive is unpacked again.'),
					},
				];
	},
};

/** Looks at a copy and unpacks that: the archive may lie where others can exchange it meanwhile. */
async function unpack(context: StepContext, directory: string): Promise<{inside: Archive; taken: TakenArchive}> {
	const {patch, sha256} = context.facts;
	const expected = await expectedSha256(patch, sha256);
	const taken = await takeArchive(patch, context.directory);
	checkSha256(patch, taken.sha256, expected);
	return {inside: await unpackArchive(context, taken.file, directory), taken};
}
