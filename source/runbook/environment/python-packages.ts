import type {Mood, Pane} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {writeDurably} from '../../host/files.js';
import {check, install, list, type PipPackage} from '../../host/pip.js';
import {stagedArgv, verify as verifyEnvironment} from '../../host/venv.js';
import {missingFrom} from '../../omflow/requirements.js';
import {placeOf, recreate} from './environment.js';
import {type Facts, linesOf, paths, recorded, type StepContext} from './facts.js';

/** Installs the requirements into the new environment and compares it with the old one. */
export const pythonPackages: Step<Facts> = {
	id: 'python-packages',
	title: 'Python packages',
	phase: 'prepare',
	documented: '6',
	ifMachineStops: 'The half-filled environment is made anew when you start omflow-tui again; OMFLOW is not touched.',
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
		if ((await this.look(context)) === 'partial') {
			await context.say('pip was cut here before: the environment is made anew.');
			await recreate(context);
		}

		await context.record(recorded.pipBegun, true);
		await context.record(recorded.pipDone, false);
		await installAll(context);
		await untilNothingIsMissing(context);
		await context.record(recorded.pipDone, true);
	},
	async verify(context) {
		const {staging, final} = ends(context);
		if ((await placeOf(context)) === final) {
			return [];
		}

		const findings = await verifyEnvironment(context, {staging, final, python: context.facts.release.python});
		const broken = await check(context, final, argv => stagedArgv({staging, final}, argv));
		return [
			...findings,
			...broken.map(
				line =>
					({
						severity: 'warning',
						id: 'pip-check',
						sentence: line,
						remedy: 'Change the requirements if OMFLOW or your own code needs this package.',
					}) as const,
			),
		];
	},
};

function ends(context: StepContext) {
	return {staging: paths.staging(context.facts), final: paths.environment(context.facts)};
}

async function installAll(context: StepContext): Promise<void> {
	const {staging, final} = ends(context);
	const before = await beforeList(context);
	const states = new Map<string, PipPackage>();
	await install(context, {
		environment: final,
		requirementsFile: paths.requirements(context),
		cache: `${context.directory}/pip-cache`,
		log: context.log,
		wrap: argv => stagedArgv({staging, final}, argv),
		onProgress(packages) {
			for (const [name, state] of packages) {
				states.set(name, state);
			}

			context.show(tableOf(before, states));
		},
	});
}

/** The vendor's Windows updater compares both lists until nothing is missing; so does this. */
async function untilNothingIsMissing(context: StepContext): Promise<void> {
	const {staging, final} = ends(context);
	for (let round = 1; ; round++) {
		const before = await linesOf(paths.packagesBefore(context));
		const now = await list(context, final, argv => stagedArgv({staging, final}, argv));
		const wanted = await linesOf(paths.requirements(context));
		const missing = missingFrom(
			before,
			now.map(({name, version}) => `${name}==${version}`),
			wanted,
		);
		const installed = new Map(now.map(({name, version}) => [name, {state: 'installed' as const, version}]));
		context.show(tableOf(await beforeList(context), installed));
		if (missing.length === 0) {
			return;
		}

		const text = `${wanted.join('\n')}\n${missing.join('\n')}\n`;
		const answer = await context.ask(
			{
				id: `python-packages/missing-${round}`,
				kind: 'text',
				prompt: `The old environment had ${missing.join(', ')}; the new one has not. Add or drop them.`,
				name: 'requirements.txt',
				text,
				remarks: missing.map((_, index) => ({index: wanted.length + index, remark: 'only in the old environment'})),
			},
			{kind: 'text', text},
		);
		if (round === 5) {
			throw new StepError(
				`${missing.join(', ')} could not be installed in five rounds.`,
				'Drop the lines from the requirements or add a source that has these packages.',
			);
		}

		await writeDurably(paths.requirements(context), answer.text, {mode: 0o600});
		await installAll(context);
	}
}

async function beforeList(context: StepContext): Promise<Array<{name: string; version: string}>> {
	return (await linesOf(paths.packagesBefore(context))).map(line => {
		const [name = '', version = ''] = line.split('==');
		return {name, version};
	});
}

const moods: Record<PipPackage['state'], Mood> = {
	wanted: 'dull',
	fetching: 'busy',
	building: 'busy',
	installed: 'good',
};
const order: ReadonlyArray<PipPackage['state'] | 'missing'> = [
	'missing',
	'wanted',
	'building',
	'fetching',
	'installed',
];

/** Name, old version, new version, state; what still lacks comes first. */
function tableOf(before: ReadonlyArray<{name: string; version: string}>, now: ReadonlyMap<string, PipPackage>): Pane {
	const same = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
	const states = new Map([...now].map(([name, state]) => [same(name), {...state, name}]));
	const names = new Map([
		...before.map(({name}) => [same(name), name] as const),
		...[...states].map(([key, {name}]) => [key, name] as const),
	]);
	const old = new Map(before.map(({name, version}) => [same(name), version]));
	const rows = [...names].map(([key, name]) => {
		const state = states.get(key);
		return {
			state: state?.state ?? ('missing' as const),
			cells: [name, old.get(key) ?? '', state?.version ?? '', state?.state ?? 'not yet'],
			mood: state ? moods[state.state] : ('dull' as const),
		};
	});
	rows.sort(
		(a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.cells[0] ?? '').localeCompare(b.cells[0] ?? ''),
	);
	return {
		kind: 'table',
		columns: ['Package', 'Old', 'New', 'State'],
		rows: rows.map(({cells, mood}) => ({cells, mood})),
		facts: [['Installed', `${rows.filter(({state}) => state === 'installed').length} of ${rows.length}`]],
	};
}
