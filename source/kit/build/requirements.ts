import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Step} from '../../engine/step.js';
import {isThere, writeDurably} from '../../host/files.js';
import {mark, t} from '../../locales/index.js';
import {refuseOptions} from '../../omflow/requirements.js';
import {type BuildFacts, buildPaths, requestOf} from './facts.js';

/** Shows the Python packages that the server asks for, to be changed by whoever builds the kit. */
export const requirements: Step<BuildFacts> = {
	id: 'requirements',
	title: mark('Requirements'),
	phase: 'kit',
	async look(context) {
		return (await isThere(buildPaths.requirements(context))) ? 'done' : 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const text = `${asked.requirements.map(({line}) => line).join('\n')}\n`;
		const answer = await context.ask(
			{
				id: 'requirements/list',
				kind: 'text',
				prompt: t('These Python packages will be in the kit for {host}. Change the list if you need to.', {
					host: asked.host,
				}),
				name: 'requirements.txt',
				text,
				remarks: asked.requirements.flatMap(({remark}, index) => (remark ? [{index, remark}] : [])),
			},
			{kind: 'text', text},
			async ({text}) => refuseOptions(text),
		);
		const file = buildPaths.requirements(context);
		await mkdir(dirname(file), {recursive: true, mode: 0o700});
		await writeDurably(file, answer.text);
	},
	async verify() {
		return [];
	},
};
