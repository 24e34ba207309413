import {readFile} from 'node:fs/promises';
import type {Step} from '../../engine/step.js';
import {writeDurably} from '../../host/files.js';
import {freeze} from '../../host/pip.js';
import {rewriteRequirements} from '../../omflow/requirements.js';
import {type Facts, installationBefore, linesOf, needsOf, paths} from '../facts.js';

/** Takes the list of the old environment's packages and rewrites it for the new Python and Django. */
export const requirements: Step<Facts> = {
	id: 'requirements',
	title: 'Requirements',
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
		const proposed = rewriteRequirements(frozen, needsOf(context), database.kind);
		const text = `${proposed.lines.join('\n')}\n`;
		const answer = await context.ask(
			{
				id: 'requirements/list',
				kind: 'text',
				prompt: 'These Python packages will be installed into the new environment. Change the list if you need to.',
				name: 'requirements.txt',
				text,
				remarks: proposed.remarks,
			},
			{kind: 'text', text},
			async ({text}) => refuseUnsafe(text),
		);
		await writeDurably(paths.packagesBefore(context), `${frozen.join('\n')}\n`, {mode: 0o600});
		await writeDurably(paths.requirements(context), answer.text, {mode: 0o600});
		context.show({
			kind: 'diff',
			files: [{path: 'requirements.txt', before: frozen, after: answer.text.trimEnd().split('\n')}],
			facts: [
				['Before', `${frozen.length} packages`],
				['Dropped', String(proposed.dropped.length)],
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

/** pip reads options from a requirements file; those that lead elsewhere than the configured index are refused. */
export async function refuseUnsafe(text: string): Promise<string | undefined> {
	const bad = text.split('\n').find(line => /^\s*-/.test(line) && !/^\s*(-e|--editable)\b/.test(line));
	return bad ? `“${bad.trim()}” is an option of pip, not a package. Set it in pip's configuration instead.` : undefined;
}
