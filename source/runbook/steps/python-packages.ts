import {readFile} from 'node:fs/promises';
import {type Step, StepError, StopRequest} from '../../engine/step.js';
import {writeDurably} from '../../host/files.js';
import {check, type InstalledPackage, install, list, normalizeName, type PipProgress} from '../../host/pip.js';
import {at, verify as verifyEnvironment} from '../../host/venv.js';
import {mark, t} from '../../locales/index.js';
import {buildConstraints, partOfEnvironment} from '../../omflow/requirement-rules.js';
import {missingFrom, nameOfDropped, nameOfLine, refuseOptions} from '../../omflow/requirements.js';
import {type Facts, installationBefore, linesOf, needsOf, paths, recorded, type StepContext} from '../facts.js';
import {kitHere, pipSource} from '../supply.js';
import {placeOf, recreate} from './environment.js';
import {blamed, packageRemarks, packageTable} from './package-table.js';

/** Installs the requirements into the new environment and compares it with the old one. */
export const pythonPackages: Step<Facts> = {
	id: 'python-packages',
	title: mark('Python packages'),
	phase: 'prepare',
	documented: '6',
	async look(context) {
		const place = await placeOf(context);
		if (place === paths.environment(context.facts)) {
			return 'done';
		}

		if (place === undefined || !context.recall(recorded.pipBegun)) {
			return 'todo';
		}

		return context.recall(recorded.pipDone) ? 'done' : 'partial';
	},
	async do(context) {
		await changeAfterFailure(context);
		if ((await this.look(context)) === 'partial') {
			await context.say(t('An earlier installation is not complete or not sound: the environment is made anew.'));
			await recreate(context);
		}

		await context.record(recorded.pipBegun, true);
		await context.record(recorded.pipDone, false);
		try {
			await installAll(context);
			await untilNothingIsMissing(context);
		} catch (error) {
			// Who stopped here, or cut pip, has nothing to change in the list.
			if (!(error instanceof StopRequest) && !context.signal.aborted) {
				await context.record(failure, (error as Error).message);
			}

			throw error;
		}

		await context.record(recorded.pipDone, true);
	},
	async verify(context) {
		const final = paths.environment(context.facts);
		if ((await placeOf(context)) === final) {
			return [];
		}

		const module = installationBefore(context).apache !== undefined;
		const imports = ['django', ...(module ? ['mod_wsgi'] : [])];
		const expected = {python: needsOf(context).python, imports, module};
		const findings = await verifyEnvironment(context, ends(context), expected);
		const blocker = findings.find(({severity}) => severity === 'blocker');
		if (blocker) {
			// Else the next attempt would find it done and install nothing.
			await context.record(recorded.pipDone, false);
			await context.record(failure, blocker.sentence);
			return findings;
		}

		const broken = await check(context, final, {wrap: at(ends(context))});
		return [
			...findings,
			...broken.map(
				line =>
					({
						severity: 'warning',
						id: 'pip-check',
						sentence: line,
						remedy: t(
							'If OMFLOW or your own code needs this package, roll back, start anew and put a fitting line into the list.',
						),
					}) as const,
			),
		];
	},
};

/** Why the last attempt failed; false once the list was looked at again. */
const failure = 'pip-failure';

/** The list that failed may be changed before it is tried again. */
async function changeAfterFailure(context: StepContext): Promise<void> {
	const why = context.recall<string | false>(failure);
	if (!why) {
		return;
	}

	const text = await readFile(paths.requirements(context), 'utf8');
	const answer = await context.ask(
		{
			id: 'python-packages/again',
			always: true,
			kind: 'text',
			prompt: t('Last time this failed: {why} Change the list if that helps; all of it is installed anew.', {why}),
			name: 'requirements.txt',
			text,
			remarks: blamed(text.split('\n'), why),
		},
		{kind: 'text', text},
		async ({text}) => refuseOptions(text),
	);
	await writeDurably(paths.requirements(context), answer.text, {mode: 0o600});
	await context.record(failure, false);
}

function ends(context: StepContext) {
	return {staging: paths.staging(context.facts), final: paths.environment(context.facts)};
}

async function installAll(context: StepContext): Promise<void> {
	const before = await beforeList(context);
	await writeDurably(paths.constraints(context), `${buildConstraints.join('\n')}\n`, {mode: 0o600});
	const source = await pipSource(context);
	const options = {
		environment: paths.environment(context.facts),
		cache: paths.pipCache(context),
		log: context.log,
		wrap: at(ends(context)),
		// Holds for what pip builds in its own isolated environments as well.
		settings: {...source.settings, PIP_CONSTRAINT: paths.constraints(context)},
		onProgress: ({packages}: PipProgress) => context.show(packageTable(before, packages, () => 'not yet')),
		arguments: source.arguments,
		offline: source.offline,
	};
	if ((await kitHere(context))?.manifest.toBuild.length) {
		// pip fetches nothing to build with, and an empty environment has none of it.
		await writeDurably(paths.buildRequirements(context), 'setuptools\nwheel\n', {mode: 0o600});
		await install(context, {...options, requirementsFile: paths.buildRequirements(context)});
	}

	await install(context, {...options, requirementsFile: paths.requirements(context)});
}

/** The vendor's Windows updater compares both lists until nothing is missing; so does this. */
async function untilNothingIsMissing(context: StepContext): Promise<void> {
	const before = await beforeList(context);
	for (let round = 1; ; round++) {
		const now = await list(context, paths.environment(context.facts), {wrap: at(ends(context))});
		const wanted = await linesOf(paths.requirements(context));
		const missing = missingFrom(before.map(asLine), now.map(asLine), wanted);
		const installed = Object.fromEntries(
			now.map(({name, version}) => [normalizeName(name), {name, version, state: 'installed' as const}]),
		);
		const dropped = new Set(wanted.map(nameOfDropped));
		context.show(packageTable(before, installed, name => (dropped.has(name) ? 'dropped' : 'missing')));
		if (missing.length === 0) {
			return;
		}

		if (round > rounds) {
			throw new StepError(
				t('{missing} could not be installed in {rounds} rounds.', {missing: missing.join(', '), rounds}),
				t('Try again and drop their lines from the list, or add a source that has these packages.'),
			);
		}

		// What is missing comes first, and once.
		const rest = wanted.filter(line => !missing.includes(nameOfLine(line) ?? ''));
		const lines = [...missing.map(name => wanted.find(line => nameOfLine(line) === name) ?? name), ...rest];
		const text = `${lines.join('\n')}\n`;
		const answer = await context.ask(
			{
				id: `python-packages/missing-${round}`,
				// The list it was about may be another one by now.
				always: true,
				kind: 'text',
				prompt: t(
					'{missing} missing, {installed} installed. Keep a line to try that package again, change it, or drop it; then accept.',
					{missing: missing.length, installed: now.length},
				),
				name: 'requirements.txt',
				text,
				remarks: packageRemarks(lines, before, now),
			},
			{kind: 'text', text},
			async ({text}) => refuseOptions(text),
		);
		await writeDurably(paths.requirements(context), answer.text, {mode: 0o600});
		await installAll(context);
	}
}

const rounds = 5;

/** What the old environment had, without what every environment brings itself. */
async function beforeList(context: StepContext): Promise<InstalledPackage[]> {
	const packages = (await linesOf(paths.packagesBefore(context))).map(line => {
		const [name = '', version = ''] = line.split(/={2,3}/);
		return {name, version};
	});
	return packages.filter(({name}) => !partOfEnvironment.has(normalizeName(name)));
}

function asLine({name, version}: InstalledPackage): string {
	return `${name}==${version}`;
}
