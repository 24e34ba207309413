import {mkdir, readFile, writeFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {type AptProgress, updateLists} from '../../host/apt.js';
import {setAside, withoutLocal} from '../../host/apt-aside.js';
import type {AptSetup} from '../../host/apt-setup.js';
import {mark, t} from '../../locales/index.js';
import {architectureOf} from '../ask.js';
import type {KitRequest} from '../request.js';
import {type BuildContext, type BuildFacts, buildPaths, built, requestOf} from './facts.js';

/** Fetches the package lists of the server's sources, into places of their own. */
export const lists: Step<BuildFacts> = {
	id: 'lists',
	title: mark('Package lists'),
	phase: 'kit',
	async look(context) {
		// A mirror drops what it has replaced.
		const fetched = context.recall<number>(built.lists) ?? 0;
		return Date.now() - fetched < freshFor ? 'done' : 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const own = await architectureOf(context);
		for (const architecture of new Set([asked.platform.architecture, own])) {
			const configuration = await configurationFor(context, asked, architecture);
			await updateLists(context, show(context, architecture), {configuration, log: context.log, cuttable: true});
		}

		await context.record(built.lists, Date.now());
	},
	async verify() {
		return [];
	},
};

const freshFor = 3 * 3_600_000;

function show(context: BuildContext, architecture: string) {
	return ({stage: _, ...progress}: AptProgress) =>
		context.show({
			kind: 'progress',
			stage: t('Reading the package lists'),
			...progress,
			facts: [[t('For'), architecture]],
		});
}

/** apt as the server would use it; or, with `isEmpty`, a system of the same release on which nothing is installed. */
export async function configurationFor(
	context: BuildContext,
	asked: KitRequest,
	architecture: string,
	isEmpty = false,
): Promise<string> {
	const {ca, credentials, sources, trusted} = context.facts;
	const setup: AptSetup = sources
		? {...asked.apt, sources: [await readSources(sources)]}
		: {...asked.apt, ...withoutLocal(asked.apt.sources)};
	if (setup.sources.length === 0) {
		throw StepError.blocked(
			'sources',
			t(
				'The server has no package source that can be read from here. Name a file with sources that fit it: --sources FILE.',
			),
		);
	}

	await mkdir(buildPaths.nothing(context), {recursive: true});
	const status = buildPaths.status(context);
	const empty = `${status}-empty`;
	await writeFile(status, asked.status.map(line => `${line}\n`).join(''));
	await writeFile(empty, '');
	const isServers = architecture === asked.platform.architecture;
	return setAside({
		directory: buildPaths.apt(context, isEmpty ? `${architecture}-root` : architecture),
		lists: buildPaths.apt(context, `${architecture}/lists`),
		setup,
		status: isServers && !isEmpty ? status : empty,
		architectures: [architecture, ...(isServers && !isEmpty ? asked.platform.foreign : [])],
		archives: buildPaths.archives(context),
		credentials,
		authorities: ca && (await together(trusted, buildPaths.trusted(context))),
	});
}

/** apt takes one file of certificates, instead of those of the machine. */
async function together(files: readonly string[], path: string): Promise<string> {
	const texts = await Promise.all(files.map(file => readFile(file, 'utf8')));
	await writeFile(path, texts.join('\n'));
	return path;
}

/** A file of sources as apt takes them; its ending tells which of the two forms it has. */
async function readSources(path: string) {
	const lines = (await readFile(path, 'utf8')).split('\n').map(line => line.trimEnd());
	const isStanzas = lines.some(line => /^Types:/i.test(line));
	const name = basename(path)
		.replace(/\.(?:list|sources)$/, '')
		.replaceAll(/[^\w-]/g, '_');
	return {name: `${name}.${isStanzas ? 'sources' : 'list'}`, lines};
}
