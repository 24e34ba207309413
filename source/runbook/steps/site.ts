import {mkdir, readdir, readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {milestones} from '../../engine/stage.js';
import type {Answer, AskedQuestion} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {findWsgi, type ProposedFile, proposeEdits, testDraft} from '../../host/apache.js';
import {writeDurably} from '../../host/files.js';
import {moduleLocation} from '../../host/venv.js';
import {mark, t} from '../../locales/index.js';
import {
	type Facts,
	installationBefore,
	needsOf,
	paths,
	type RecordedSite,
	recorded,
	type StepContext,
} from '../facts.js';

type LinesQuestion = Extract<AskedQuestion, {kind: 'lines'}>;
type LinesAnswer = Extract<Answer, {kind: 'lines'}>;

/** Proposes the new wsgi_module and the paths that go with it, lets them be edited, and tries them on a draft. */
export const site: Step<Facts> = {
	id: 'site',
	title: mark('Apache site'),
	phase: 'prepare',
	documented: '7',
	wanted: context => installationBefore(context).apache !== undefined,
	async look(context) {
		// With the window open the draft is settled, and the switch looks at what it replaces.
		const isSettled = context.recall(milestones.windowOpened) || (await areInPlace(context, 'before'));
		return context.recall(recorded.site) && isSettled ? 'done' : 'todo';
	},
	async do(context) {
		const {root} = installationBefore(context).apache ?? {};
		const ends = {staging: paths.staging(context.facts), final: paths.environment(context.facts)};
		const module = await moduleLocation(context, ends);
		const proposed = proposeEdits(await findWsgi(root, context.facts.base), {
			environment: ends.final,
			module,
			python: needsOf(context).python,
		});
		// With the same minor version of Python as before every line already fits; Apache is asked all the same.
		const question = questionFor(proposed, module, await modulesHere(ends, module));
		const given: LinesAnswer = {kind: 'lines', files: question.files};
		const answer =
			proposed.length === 0
				? given
				: await context.ask(question, given, async lines => refusal(context, proposed, lines));
		const problem = proposed.length === 0 ? await refusal(context, proposed, answer) : undefined;
		if (problem) {
			throw new StepError(problem, t('Put the Apache configuration in order and try again.'));
		}

		const files = await writeDrafts(context, proposed, answer);
		await context.record(recorded.site, {files, module} satisfies RecordedSite);
	},
	async verify(context) {
		const recordedSite = context.recall<RecordedSite>(recorded.site);
		const files = await Promise.all(
			(recordedSite?.files ?? []).map(async ({path, before, draft}) => ({
				path,
				before: textLines(await readFile(before)),
				after: textLines(await readFile(draft)),
			})),
		);
		context.show({kind: 'diff', files, facts: [[t('Module'), recordedSite?.module ?? '']]});
		const sentence =
			files.length === 0
				? t('Every line of the Apache configuration already fits the new environment.')
				: t('Apache accepts the draft together with the new environment.');
		return [{severity: 'info', id: 'site', sentence}];
	},
};

/** Builds of mod_wsgi on this host, as they will be called: those of the new environment, and those of the system. */
async function modulesHere({final, staging}: {staging: string; final: string}, module: string): Promise<string[]> {
	const own = dirname(module);
	const folders = [
		[own.startsWith(`${final}/`) ? join(staging, own.slice(final.length)) : own, own],
		[systemModules, systemModules],
	] as const;
	const found = await Promise.all(
		folders.map(async ([folder, shown]) => {
			const names = await readdir(folder).catch(() => []);
			return names.filter(name => /^mod_wsgi.*\.so/.test(name)).map(name => join(shown, name));
		}),
	);
	return found.flat();
}

const systemModules = '/usr/lib/apache2/modules';

function questionFor(proposed: readonly ProposedFile[], module: string, modules: readonly string[]): LinesQuestion {
	return {
		id: 'site/lines',
		kind: 'lines',
		trial: t('Apache accepts this draft together with the new environment.'),
		prompt: t(
			'Apache will load the module from the new environment. Check the changed lines, edit them if you need to.',
		),
		files: proposed.map(({path, before, after, changed}) => {
			const old = textLines(before);
			return {
				path,
				lines: textLines(after),
				editable: changed.map(index => ({
					index,
					before: old[index] ?? '',
					completions: completionsOf(textLines(after)[index] ?? '', old[index] ?? '', module, modules),
				})),
			};
		}),
	};
}

/** What fits into a line, best first: what is proposed, the same with each other build there is, what stands there now. */
function completionsOf(proposed: string, old: string, module: string, modules: readonly string[]): string[] {
	const others = proposed.includes(module) ? modules.map(other => proposed.replace(module, () => other)) : [];
	return [...new Set([proposed, ...others, old])].filter(line => line !== '');
}

/** Why a draft is refused, in a sentence; undefined when Apache accepts it. */
async function refusal(
	context: StepContext,
	proposed: readonly ProposedFile[],
	answer: LinesAnswer,
): Promise<string | undefined> {
	if (proposed.some(({path}) => !answer.files.some(file => file.path === path))) {
		return t('A file is missing from the answer.');
	}

	// An answer kept from before somebody else changed the file would take that back.
	const outdated = proposed.find(({path, after, changed}) => {
		const [given, wanted] = [answer.files.find(file => file.path === path)?.lines ?? [], textLines(after)];
		return given.length !== wanted.length || wanted.some((line, i) => line !== given[i] && !changed.includes(i));
	});
	if (outdated) {
		return t('The answer does not fit {path} as it is now: other lines of it differ.', {path: outdated.path});
	}

	const drafts = await writeDrafts(context, proposed, answer);
	const result = await testDraft(context, {
		files: drafts.map(({path, draft}) => ({path, draft})),
		binds: [{from: paths.staging(context.facts), to: paths.environment(context.facts)}],
	});
	return result.ok
		? undefined
		: t('Apache refuses this: {reason}', {reason: result.output.trim().split('\n').slice(-2).join(' ')});
}

/** Writes pre-images and drafts of all files into the run's directory. */
async function writeDrafts(
	context: StepContext,
	proposed: readonly ProposedFile[],
	answer: LinesAnswer,
): Promise<RecordedSite['files']> {
	await mkdir(paths.drafts(context), {recursive: true, mode: 0o700});
	return Promise.all(
		proposed.map(async ({path, before, after}, index) => {
			const lines = answer.files.find(file => file.path === path)?.lines ?? textLines(after);
			const files = {
				path,
				before: join(paths.drafts(context), `${index}-before.conf`),
				draft: join(paths.drafts(context), `${index}-draft.conf`),
			};
			await writeDurably(files.before, before, {mode: 0o600});
			// Apache, tried on the draft, reads it as root.
			await writeDurably(files.draft, Buffer.from(lines.join('\n'), encodingOf(before)), {mode: 0o600});
			return files;
		}),
	);
}

/** UTF-8 where that keeps every byte, else latin1, which always does. */
function encodingOf(bytes: Buffer): 'utf8' | 'latin1' {
	return Buffer.from(bytes.toString('utf8')).equals(bytes) ? 'utf8' : 'latin1';
}

/** Lines of a file; a carriage return stays at the end of its line. */
function textLines(bytes: Buffer): string[] {
	return bytes.toString(encodingOf(bytes)).split('\n');
}

/** Whether every file of the site is what it was before, or is its draft. */
export async function areInPlace(context: StepContext, which: 'before' | 'draft'): Promise<boolean> {
	const same = await Promise.all(
		sitesOf(context).map(async file => {
			const [now, wanted] = await Promise.all([readFile(file.path).catch(() => undefined), readFile(file[which])]);
			return now?.equals(wanted) ?? false;
		}),
	);
	return same.every(Boolean);
}

export function sitesOf(context: StepContext): RecordedSite['files'] {
	return context.recall<RecordedSite>(recorded.site)?.files ?? [];
}
