import {chmod, chown, copyFile, mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Pane} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {type BuildRoot, environmentInside, homeOf, inside, inWork} from '../../host/build-root.js';
import {isThere, removeTree} from '../../host/files.js';
import {collect, install, normalizeName, type PipProgress, resolve} from '../../host/pip.js';
import {PipFailure} from '../../host/pip-errors.js';
import {nobody} from '../../host/unpack.js';
import {parseSourceName, parseWheelName, unfit} from '../../host/wheel.js';
import {mark, t} from '../../locales/index.js';
import {buildConstraints} from '../../omflow/requirement-rules.js';
import {architectureOf} from '../ask.js';
import {kitFiles} from '../manifest.js';
import {linesOf} from '../text.js';
import {type BuildContext, type BuildFacts, buildPaths, built, requestOf} from './facts.js';
import {collectForeign} from './foreign.js';
import {keep, plainFile} from './keep.js';
import {type Resolved, readReport} from './report.js';
import {rootOf} from './root.js';

/** In every kit, so that the server can build what it has to, and pip can be asked before its Python is installed. */
const always = ['pip', 'setuptools', 'wheel'];

/** Lets the server's own Python choose the packages, and fetches or builds a wheel of each. */
export const pythonPackages: Step<BuildFacts> = {
	id: 'python-packages',
	title: mark('Python packages'),
	phase: 'kit',
	async look(context) {
		return (await isThere(join(buildPaths.kit(context), kitFiles.lock))) ? 'done' : 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const root = await rootOf(context);
		await furnish(context, root);
		try {
			// Packages of the old kind are built with these, which an empty environment lacks.
			await giveText(root, 'tools.txt', 'setuptools\nwheel\n');
			await install(context, {...pipInside(context, root, 'tools.txt'), cache: '/work/home/.cache/pip'});
			const lock = await choose(context, root, asked.python);
			const isNative = asked.platform.architecture === (await architectureOf(context));
			const folder = isNative
				? await collectNative(context, root, lock)
				: await collectForeign(context, root, lock, asked);
			await keep(context, folder, lock, isNative);
		} catch (error) {
			throw inRequest(error);
		} finally {
			await removeSecrets(root);
		}
	},
	async verify(context) {
		const {python, platform} = await requestOf(context);
		const names = await readdir(join(buildPaths.kit(context), 'wheels'));
		const lock = await linesOf(join(buildPaths.kit(context), kitFiles.lock));
		const misfits = names.flatMap(name => {
			const wheel = parseWheelName(name);
			const why = wheel && unfit(wheel, {python, architecture: platform.architecture, glibc: platform.glibc});
			return why ? [`${name} ${why}`] : [];
		});
		const toBuild = context.recall<readonly string[]>(built.toBuild) ?? [];
		const there = new Set(names.map(name => keyOf(parseWheelName(name) ?? parseSourceName(name))));
		const lacking = lock.filter(line => !there.has(keyOf(splitLock(line))));
		return [
			...(misfits.length > 0
				? [
						{
							severity: 'blocker',
							id: 'wheels',
							sentence: t('The server could not use {misfits}.', {misfits: misfits[0]}),
						} as const,
					]
				: []),
			...(lacking.length > 0
				? [
						{
							severity: 'blocker',
							id: 'wheels',
							sentence: t('pip chose {lacking} and left no such file.', {lacking: lacking.join(', ')}),
						} as const,
					]
				: [
						{
							severity: 'info',
							id: 'wheels',
							sentence: t('{names} Python packages, all that the list leads to.', {names: names.length}),
						} as const,
					]),
			...(toBuild.length > 0
				? [
						{
							severity: 'warning',
							id: 'to-build',
							sentence: t(
								'{toBuild} cannot be built here, and will be built on the server, with what is in the kit for that.',
								{toBuild: toBuild.join(', ')},
							),
						} as const,
					]
				: []),
		];
	},
};

function splitLock(line: string): {readonly name: string; readonly version: string} {
	const [name = '', version = ''] = line.split('==');
	return {name, version};
}

/** A local version's build is spelled in two ways. */
function keyOf(file: {readonly name: string; readonly version: string} | undefined): string {
	return file ? `${normalizeName(file.name)}==${file.version.replaceAll('_', '+')}` : '';
}

/** What pip lacks is not to be installed on this machine, but asked for. */
function inRequest(error: unknown): unknown {
	const lacks = error instanceof PipFailure ? error.lacks : undefined;
	return lacks === undefined
		? error
		: new StepError(
				`${lacks.what} ${t('Add {packages} to “aptPackages” in the request, and build again.', {packages: lacks.packages})}`,
			);
}

const environment = '/work/home/venv';

/** An empty environment of the server's Python inside, and what pip is to know. */
async function furnish(context: BuildContext, root: BuildRoot): Promise<void> {
	const {credentials, wheels} = context.facts;
	const {python} = await requestOf(context);
	await removeSecrets(root);
	for (const name of ['home/venv', 'home/wheels', 'given']) {
		await removeTree(join(root.work, name));
	}

	await giveText(
		root,
		'requirements.txt',
		`${(await linesOf(buildPaths.requirements(context))).join('\n')}\n${always.join('\n')}\n`,
	);
	await giveText(root, 'constraints.txt', `${buildConstraints.join('\n')}\n`);
	await mkdir(join(root.work, 'given'), {mode: 0o755});
	for (const name of wheels ? await readdir(wheels) : []) {
		if (parseWheelName(name) ?? parseSourceName(name)) {
			await copyFile(join(wheels ?? '', name), join(root.work, 'given', name));
			await chmod(join(root.work, 'given', name), 0o644);
		}
	}

	if (credentials) {
		await copyFile(credentials, join(root.work, 'netrc'));
		await chown(join(root.work, 'netrc'), 0, nobody);
		await chmod(join(root.work, 'netrc'), 0o640);
	}

	await takeConfiguration(context, root);
	const argv = [`/usr/bin/python${python}`, '-m', 'venv', environment];
	await context.run(inside(root)(argv), {
		env: environmentInside,
		cuttable: true,
		shownAs: t('{argv} (build root)', {argv: argv.join(' ')}),
	});
}

/** pip's settings for this machine hold inside as well: proxies, an index of one's own. */
async function takeConfiguration({facts}: BuildContext, root: BuildRoot): Promise<void> {
	for (const [target, sources] of [
		[inWork.pip, ['/etc/pip.conf']],
		['pip.conf', facts.pipConfigurations],
	] as const) {
		const found = await Promise.all(sources.map(async path => ((await isThere(path)) ? path : undefined)));
		const [source] = found.filter(path => path !== undefined);
		if (source) {
			await copyFile(source, join(root.work, target));
			await chmod(join(root.work, target), 0o644);
		}
	}
}

/** What may hold passwords, also when a build was killed that had it. */
async function removeSecrets({work}: BuildRoot): Promise<void> {
	await Promise.all(['netrc', 'pip.conf', inWork.pip].map(name => rm(join(work, name), {force: true})));
}

/** A file of ours that is read inside. */
export async function giveText(root: BuildRoot, name: string, text: string): Promise<string> {
	const path = join(root.work, name);
	await rm(path, {force: true, recursive: true});
	await writeFile(path, text, {mode: 0o644});
	return path;
}

/** Settings of pip inside, the same for all of its calls. */
export function pipInside(context: BuildContext, root: BuildRoot, requirements: string) {
	const {index} = context.facts;
	const trusted = `/work/${inWork.trusted}`;
	return {
		environment,
		requirementsFile: join(root.work, requirements),
		seenAs: `/work/${requirements}`,
		log: context.log,
		wrap: inside(root),
		where: t('build root'),
		settings: {
			...environmentInside,
			PIP_CERT: trusted,
			SSL_CERT_FILE: trusted,
			REQUESTS_CA_BUNDLE: trusted,
			PIP_CONSTRAINT: '/work/constraints.txt',
			PIP_FIND_LINKS: '/work/given',
			// Of whoever builds; with an index of one's own no other counts, nor what is configured for others.
			PIP_CONFIG_FILE: index ? '/dev/null' : '/work/pip.conf',
			NETRC: '/work/netrc',
			...(index ? {PIP_INDEX_URL: index, PIP_EXTRA_INDEX_URL: ''} : {}),
		},
	} as const;
}

async function choose(context: BuildContext, root: BuildRoot, python: string): Promise<readonly Resolved[]> {
	await resolve(context, {
		...pipInside(context, root, 'requirements.txt'),
		report: '/work/home/report.json',
		onProgress: progress => context.show(tableOf(progress, t("Python {python} of the server's release", {python}))),
	});
	return readReport(await readFile(await plainFile(homeOf(root), 'report.json'), 'utf8'));
}

async function collectNative(context: BuildContext, root: BuildRoot, lock: readonly Resolved[]): Promise<string> {
	await giveText(root, 'lock.txt', lock.map(({name, version}) => `${name}==${version}\n`).join(''));
	await collect(context, {
		...pipInside(context, root, 'lock.txt'),
		folder: '/work/home/wheels',
		arguments: ['--no-deps'],
		onProgress: progress => context.show(tableOf(progress, t('fetched or built'))),
	});
	return join(homeOf(root), 'wheels');
}

function tableOf({packages}: PipProgress, what: string): Pane {
	const rows = Object.values(packages).map(({name, state, version}) => ({
		cells: [name, version ?? '', state],
		mood:
			state === 'installed' || state === 'ready'
				? ('good' as const)
				: state === 'wanted'
					? ('dull' as const)
					: ('busy' as const),
	}));
	return {
		kind: 'table',
		columns: [t('Package'), t('Version'), t('State')],
		rows,
		facts: [[t('Python packages'), `${rows.length}, ${what}`]],
	};
}
