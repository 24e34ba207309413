import {rm, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import type {Fact} from '../engine/state.js';
import type {Context, Step} from '../engine/step.js';
import {install} from '../host/pip.js';
import {t} from '../locales/index.js';
import {databaseServers, type Requirement} from './sample-database.js';
import {
	exists,
	insideViewOnly,
	isMarked,
	place,
	refuseRealInstallation,
	type SampleOptions,
	setMark,
} from './sample-place.js';
import {findOldPython, openPath} from './sample-python.js';
import {databaseServerOf, rolesOf, type SampleShape} from './sample-shape.js';

const djangoVersion = '2.2.28';

/** As on a server of some years: what OMFLOW needs, and what somebody's flows wanted one day. */
const always: readonly Requirement[] = [
	[`django==${djangoVersion}`, 'django'],
	['ldap3', 'ldap3'],
	['openpyxl', 'openpyxl'],
	['PyMySQL', 'pymysql'],
	['python-dateutil', 'dateutil'],
	['requests<2.32', 'requests'],
	['xlrd', 'xlrd'],
];

function requirementsOf(shape: SampleShape): Requirement[] {
	const databaseServer = databaseServerOf(shape);
	return [
		...always,
		...(rolesOf(shape).includes('server') ? [['mod_wsgi', 'mod_wsgi'] as const] : []),
		...(databaseServer ? databaseServers[databaseServer].requirements : []),
	];
}

export function sampleEnvironment<Facts>({shape = 'B'}: SampleOptions): Step<Facts> {
	const wanted = requirementsOf(shape);
	const names = wanted.map(([name]) => name);
	return {
		id: 'sample-environment',
		title: t('Sample: old Python environment'),
		phase: 'sample',
		async look(context) {
			await insideViewOnly();
			if ((await isMarked('complete')) || (await versions(context, wanted))?.django === djangoVersion) {
				return 'done';
			}

			return (await exists(place.environment)) ? 'partial' : 'todo';
		},
		async do(context) {
			await insideViewOnly();
			await refuseRealInstallation();
			await setMark('begun');
			const old = await findOldPython(context);
			await context.say(
				old.minor === '3.11'
					? t(
							'No Python 3.7 to 3.10 was found; the old environment is made with {path}, on which Django 2.2 runs as well.',
							{path: old.path},
						)
					: t('The old environment is made with {path}.', {path: old.path}),
			);
			const opened = await openPath(context, old.path);
			if (opened.length > 0) {
				await context.say(t("Opened for Apache's user, inside this view only: {opened}", {opened: opened.join(' ')}));
			}

			const facts: Fact[] = [
				['Python', old.path],
				[t('Packages'), names.join(' ')],
			];
			context.show({kind: 'progress', stage: t('Making the environment'), percent: 0, facts});
			await rm(place.environment, {recursive: true, force: true});
			await context.run([old.path, '-m', 'venv', place.environment], {cuttable: true});
			// mod_wsgi is built by the old way, which asks for wheel beforehand.
			await installPackages(context, ['wheel'], facts);
			await installPackages(context, names, facts);
		},
		async verify(context) {
			if (await isMarked('complete')) {
				return [];
			}

			const found = await versions(context, wanted);
			return found?.django === djangoVersion
				? [
						{
							severity: 'info',
							id: 'sample-environment',
							sentence: t('The sample runs on Python {python} and Django {django}.', {
								python: found.python,
								django: found.django,
							}),
						},
					]
				: [
						{
							severity: 'blocker',
							id: 'sample-environment-incomplete',
							sentence: t(
								'{environment} does not have Django {djangoVersion} and everything else that was to be installed.',
								{environment: place.environment, djangoVersion},
							),
							remedy: t('Look into the log of this step, then retry; it starts afresh.'),
						},
					];
		},
	};
}

async function installPackages<Facts>(
	context: Context<Facts>,
	names: readonly string[],
	facts: readonly Fact[],
): Promise<void> {
	const requirementsFile = `${place.marks}/requirements.txt`;
	await writeFile(requirementsFile, `${names.join('\n')}\n`);
	await install(context, {
		environment: place.environment,
		requirementsFile,
		// Where pip keeps it anyway: what root of this host has fetched before need not come again.
		cache: join(homedir(), '.cache/pip'),
		log: context.log,
		onProgress({percent, current}) {
			const at = current === undefined ? {} : {current};
			context.show({kind: 'progress', stage: t('Installing Python packages'), percent, ...at, facts});
		},
	});
}

/** Undefined unless every one of them is there, the last one that pip installs as well. */
async function versions<Facts>(
	context: Context<Facts>,
	wanted: readonly Requirement[],
): Promise<{python: string; django: string} | undefined> {
	if (!(await exists(place.python))) {
		return undefined;
	}

	const modules = ['platform', ...wanted.map(([, module]) => module)].join(', ');
	const script = `import ${modules}; print(platform.python_version(), django.__version__)`;
	const {exitCode, stdout} = await context.capture([place.python, '-c', script], {accept: [0, 1]});
	const [python = '', django = ''] = stdout.trim().split(' ');
	return exitCode === 0 ? {python, django} : undefined;
}
