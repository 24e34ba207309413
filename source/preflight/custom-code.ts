import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {Finding} from '../engine/state.js';
import type {Runner} from '../host/process.js';
import {list, t} from '../locales/index.js';
import {reasonInWords} from '../omflow/reader-reasons.js';
import {goneFromRequests, goneNames, newSince, refusedFields} from './gone-names.js';
import {importReader} from './import-reader.js';
import {loadedAtStart} from './loaded-at-start.js';
import {firstOf, shownPath} from './show.js';
import type {Subject} from './subject.js';

/** A file of the customer's. */
type Source = {
	readonly file: string;
	/** Directory of the part in whose `omcustom` it is; absent for a flow, which is loaded when it is begun. */
	readonly root?: string;
};

type Answer =
	| {
			readonly places: ReadonlyArray<readonly [line: number, name: string, text: string, loaded: boolean]>;
			readonly imports: readonly string[];
	  }
	| {readonly syntax: number}
	| {readonly unread: string};

const mostFiles = 5000;
const deepest = 20;

/**
The customer's own code that will not load, or will fail when it runs, under Django 4.2 and Python 3.11. The vendor's
pages name `omcustom/urls.py` with `django.conf.urls.url` as the usual one. What a start loads blocks; what lies there and
nobody loads then does not. Looks into `omcustom` and into the `main.py`
of published flows: other files below the part's directory may be the customer's too, but which of them the patch
brings anew is not known here. Files are parsed by the environment's own Python and neither imported nor run.
*/
export async function customCode({runner, installation, hops}: Subject): Promise<readonly Finding[]> {
	if (!hops.some(({needs}) => needs)) {
		return [];
	}

	const roots = [installation, ...installation.beside].map(({directory}) => directory);
	const found = await Promise.all(roots.map(sourcesOf));
	const sources = found.flatMap(each => each.sources);
	const {environment} = installation;
	const python = environment.runs ? join(environment.path, 'bin', 'python') : '/usr/bin/python3';
	const answers = await ask(runner, python, roots, sources.slice(0, mostFiles));
	if (answers === undefined) {
		return [
			{
				severity: 'warning',
				id: 'custom-code-unread',
				sentence: t(
					"Whether the customer's own code works with Django 4.2 cannot be told: {python} could not read it.",
					{python},
				),
				remedy: t('Look into {roots} yourself for “django.conf.urls import url” and “ugettext”.', {
					roots: list(roots.map(root => join(root, 'omcustom'))),
				}),
			},
		];
	}

	const unread = [
		...found.flatMap(each => each.unread).map(({path, reason}) => `${shownPath(path)}: ${reason}`),
		...answers.flatMap((answer, index) =>
			'unread' in answer ? [`${shownPath(sources[index]?.file ?? '')}: ${reasonInWords(answer.unread)}`] : [],
		),
		...sources.slice(mostFiles).map(({file}) => t('{file}: too many files', {file: shownPath(file)})),
	];
	return [...nameFindings(sources, answers), ...syntaxFindings(sources, answers), ...unreadFindings(unread)];
}

async function ask(
	runner: Runner,
	python: string,
	roots: readonly string[],
	sources: readonly Source[],
): Promise<readonly Answer[] | undefined> {
	if (sources.length === 0) {
		return [];
	}

	const table = {
		roots,
		gone: Object.keys(goneNames),
		refused: Object.keys(refusedFields),
		methods: Object.keys(goneFromRequests),
	};
	try {
		const {stdout} = await runner.capture([python, '-I', '-S', '-c', importReader], {
			input: [table, ...sources.map(({file}) => file)].map(item => `${JSON.stringify(item)}\n`).join(''),
			shownAs: t('read {sources} files of the customer’s own code', {sources: sources.length}),
		});
		const answers = stdout.split('\n').filter(Boolean);
		return answers.length === sources.length ? answers.map(line => JSON.parse(line) as Answer) : undefined;
	} catch {
		return undefined;
	}
}

function nameFindings(sources: readonly Source[], answers: readonly Answer[]): Finding[] {
	const read = answers.flatMap((answer, index) => {
		const source = sources[index];
		return source && 'places' in answer ? [{...source, ...answer}] : [];
	});
	const atStart = loadedAtStart(read.flatMap(({root, ...each}) => (root === undefined ? [] : [{...each, root}])));
	const places = read.flatMap(each =>
		each.places.map(([line, name, text, loaded]) => ({
			file: each.file,
			line,
			name,
			text,
			blocks: loaded && atStart.has(each.file),
		})),
	);
	const finding = (blocks: boolean, when: string, end: string): Finding[] => {
		const some = places.filter(place => place.blocks === blocks);
		const files = new Set(some.map(({file}) => file)).size;
		const lines = some.map(({file, line, name, text}) => `${shownPath(file)}:${line}: ${text} → ${insteadOf(name)}`);
		return some.length === 0
			? []
			: [
					{
						severity: blocks ? 'blocker' : 'warning',
						id: 'custom-code',
						sentence:
							files === 1
								? t(
										'A file of the customer’s own code{when} uses names that Django 4.2 or Python 3.11 no longer has{end}.',
										{when, end},
									)
								: t(
										'{files} files of the customer’s own code{when} use names that Django 4.2 or Python 3.11 no longer has{end}.',
										{files, when, end},
									),
						evidence: firstOf(lines),
						remedy: remedyFor(some.map(({name}) => name)),
					},
				];
	};
	return [
		...finding(true, t(', loaded at OMFLOW’s start,'), ''),
		...finding(false, '', t(', which fails when that code runs')),
	];
}

function insteadOf(name: string): string {
	const instead = goneNames[name] ?? refusedFields[name] ?? goneFromRequests[name] ?? '';
	const since = sinceOf(name);
	return since === undefined ? instead : t('{instead} (since Django {since})', {instead, since});
}

/** The first Django that has what to write instead, when that is not the installed one. */
function sinceOf(name: string): string | undefined {
	return newSince[goneNames[name] ?? refusedFields[name] ?? ''];
}

function remedyFor(names: readonly string[]): string {
	const later = names.filter(name => sinceOf(name) !== undefined).length;
	const today = t('works with Django 2.2 as well: change it now, restart OMFLOW and see that it still runs');
	const both = t(
		'import it inside try, with the old name in “except ImportError”, and it works with both versions of Django',
	);
	return later === 0
		? t('Write what stands behind the arrow; it {today}.', {today})
		: later === names.length
			? t('What stands behind the arrow is not in Django 2.2: {both}.', {both})
			: t('Write what stands behind the arrow. It {today}; but where “since” stands, {both}.', {today, both});
}

function syntaxFindings(sources: readonly Source[], answers: readonly Answer[]): Finding[] {
	const lines = answers.flatMap((answer, index) =>
		'syntax' in answer ? [`${shownPath(sources[index]?.file ?? '')}:${answer.syntax}`] : [],
	);
	return lines.length === 0
		? []
		: [
				{
					severity: 'warning',
					id: 'custom-code-syntax',
					sentence:
						lines.length === 1
							? t('A file of the customer’s own code cannot be parsed, so it does not load today either.')
							: t('{lines} files of the customer’s own code cannot be parsed, so they do not load today either.', {
									lines: lines.length,
								}),
					evidence: firstOf(lines),
					remedy: t('Correct the line, or remove the file if nobody uses it.'),
				},
			];
}

function unreadFindings(lines: readonly string[]): Finding[] {
	return lines.length === 0
		? []
		: [
				{
					severity: 'info',
					id: 'custom-code-unread',
					sentence:
						lines.length === 1
							? t('A place of the customer’s own code could not be looked into.')
							: t('{lines} places of the customer’s own code could not be looked into.', {lines: lines.length}),
					evidence: firstOf(lines),
					remedy: t('See yourself that Django 4.2 and Python 3.11 have what it imports.'),
				},
			];
}

type Found = {
	readonly sources: readonly Source[];
	readonly unread: ReadonlyArray<{readonly path: string; readonly reason: string}>;
};

/** The customer's files of a part of OMFLOW; links in there are not followed. */
async function sourcesOf(root: string): Promise<Found> {
	const sources: Source[] = [];
	const unread: Array<{path: string; reason: string}> = [];
	const visit = async (directory: string, depth: number, take: (name: string) => boolean, own: {root?: string}) => {
		for (const entry of await entriesOf(directory)) {
			const path = join(directory, entry.name);
			if (entry.isDirectory()) {
				await visit(path, depth + 1, take, own);
			} else if (entry.isSymbolicLink() && (take(entry.name) || !entry.name.includes('.'))) {
				// Without a dot it may be a package.
				unread.push({path, reason: t('it is a link')});
			} else if (take(entry.name) && entry.isFile()) {
				sources.push({file: path, ...own});
			}
		}

		async function entriesOf(path: string) {
			if (depth > deepest) {
				unread.push({path, reason: t('it lies too deep')});
				return [];
			}

			const entries = await readdir(path, {withFileTypes: true}).catch(({code}: NodeJS.ErrnoException) => {
				// Most parts have no flows; and a flow may be taken back meanwhile.
				unread.push(
					...(code === 'ENOENT' || code === 'ENOTDIR' ? [] : [{path, reason: t('it cannot be read ({code})', {code})}]),
				);
				return [];
			});
			return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
		}
	};
	await visit(join(root, 'omcustom'), 0, name => name.endsWith('.py'), {root});
	await visit(join(root, 'omformflow/production'), 0, name => name === 'main.py', {});
	return {sources, unread};
}
