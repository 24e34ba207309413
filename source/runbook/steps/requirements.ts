import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../../engine/step.js';
import {writeDurably} from '../../host/files.js';
import {freeze} from '../../host/pip.js';
import {kitFiles} from '../../kit/manifest.js';
import {mark, t} from '../../locales/index.js';
import {refuseOptions, rewriteRequirements} from '../../omflow/requirements.js';
import {type Facts, installationBefore, linesOf, needsOf, paths} from '../facts.js';
import {kitHere} from '../supply.js';

/** Takes the list of the old environment's packages and rewrites it for the new Python and Django. */
export const requirements: Step<Facts> = {
	id: 'requirements',
	title: mark('Requirements'),
	phase: 'prepare',
	documented: '6',
	async look(context) {
		try {
			await readFile(paths.requirements(context));
			return 'done';
		} catch {
			return 'todo';
		}
	},
	async do(context) {
		const frozen = await freeze(context, paths.environment(context.facts));
		const {database} = installationBefore(context);
		const kit = await kitHere(context);
		const rewritten = rewriteRequirements(frozen, needsOf(context), database.kind);
		// What a kit brings was decided when it was asked for and built.
		const lines = kit ? await linesOf(join(kit.directory, kitFiles.requirements)) : rewritten.lines;
		const text = `${lines.join('\n')}\n`;
		const answer = await context.ask(
			{
				id: 'requirements/list',
				kind: 'text',
				prompt: kit
					? t('These Python packages of the kit will be installed into the new environment. Others it does not have.')
					: t('These Python packages will be installed into the new environment. Change the list if you need to.'),
				name: 'requirements.txt',
				text,
				remarks: kit ? [] : rewritten.remarks,
			},
			{kind: 'text', text},
			async ({text}) => refuseOptions(text),
		);
		await writeDurably(paths.packagesBefore(context), `${frozen.join('\n')}\n`, {mode: 0o600});
		await writeDurably(paths.requirements(context), answer.text, {mode: 0o600});
		context.show({
			kind: 'diff',
			files: [{path: 'requirements.txt', before: frozen, after: answer.text.trimEnd().split('\n')}],
			facts: [
				[t('Before'), `${frozen.length} packages`],
				[t('Dropped'), String(lines.filter(line => line.startsWith('# dropped:')).length)],
				...(kit ? ([[t('From'), t('the kit')]] as const) : []),
			],
		});
	},
	async verify(context) {
		const lines = await linesOf(paths.requirements(context));
		return lines
			.filter(line => line.startsWith('# dropped:'))
			.map(line => ({severity: 'info', id: 'dropped', sentence: line.slice(2)}) as const);
	},
};
