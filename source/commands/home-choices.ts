import type {HomeChoice} from '../console/home.js';
import type {TerminalOptions} from '../console/session.js';
import {t} from '../locales/index.js';
import type {KitChoice} from './kit-choices.js';
import {rehearse} from './rehearse.js';
import {upgrade} from './upgrade.js';
import type {Arguments} from './usage.js';
import type {Way} from './way.js';
import {askedFor} from './ways.js';

/** What needs the terminal for itself. */
export type Act = () => Promise<number>;

/** A choice of the first screen: what it does, or the screens it shows before that leads back. */
export type Choice = HomeChoice &
	(
		| {readonly act: Act; readonly show?: undefined}
		| {readonly act?: undefined; show(terminal: TerminalOptions): Promise<'back' | 'quit' | Act>}
	);

/** All that can be done here, in the order of what a person most probably wants. */
export function choicesOf(
	given: Arguments,
	{kits, ways}: {readonly kits: readonly KitChoice[]; readonly ways: ReadonlyArray<Pick<Way, 'hops'>>},
): readonly Choice[] {
	return [
		...ways.flatMap((way, index) => choicesOfWay(given, way, index)),
		...(kits.length === 0 ? [] : [kitsChoice(kits)]),
		{
			value: 'sample',
			label: t('Rehearse with a sample server'),
			explanation: t('Builds a small OMFLOW in a view of this host and upgrades it. The host stays as it is.'),
			act: async () => rehearse({...given, sample: true}),
		},
		...(ways.length === 0 ? [findingsChoice(given, 'check', t('Check this host'), true)] : []),
		{
			value: 'backups',
			label: t('Backups'),
			explanation: t('What earlier runs have kept: see, check, put back, remove. Each is asked about first.'),
			command: 'backups',
			async show(terminal) {
				const {showBackups} = await import('./backup-screen.js');
				const left = await showBackups(given, terminal);
				return typeof left === 'string' ? left : async () => restored(given, left.restore);
			},
		},
		{
			value: 'evidence',
			label: t('Earlier runs'),
			explanation: t('How each went, step by step, with times and logs.'),
			command: 'evidence',
			async show(terminal) {
				const [{runEvidence}, {earlierRuns}] = await Promise.all([
					import('../console/main.js'),
					import('./evidence.js'),
				]);
				return runEvidence({...terminal, load: () => earlierRuns(given.state)});
			},
		},
		{value: 'quit', label: t('Quit'), explanation: t('Nothing is under way.'), act: async () => 0},
	];
}

function choicesOfWay(given: Arguments, way: Pick<Way, 'hops'>, index: number): Choice[] {
	const {hops} = way;
	const asked = {...given, ...askedFor(way)};
	const versions = hops.map(({to}) => to);
	const to = versions.at(-1) ?? '';
	const by = versions.slice(0, -1).join(', ');
	const archives = hops.map(({archive}) => archive ?? '').join(', ');
	return [
		{
			value: `upgrade ${index}`,
			label: by === '' ? t('Upgrade to {to}', {to}) : t('Upgrade to {to} by {by}', {to, by}),
			explanation: t('With {archives}. Nothing is changed before you have seen the plan.', {archives}),
			act: async () => upgrade(asked),
		},
		{
			value: `rehearse ${index}`,
			label: by === '' ? t('Rehearse {to}', {to}) : t('Rehearse {to} by {by}', {to, by}),
			explanation: t('With {archives}, in a copy-on-write view of this host, which stays as it is.', {archives}),
			act: async () => rehearse(asked),
		},
		findingsChoice(
			asked,
			`check ${index}`,
			by === '' ? t('Check the way to {to}', {to}) : t('Check the way to {to} by {by}', {to, by}),
			index === 0,
		),
	];
}

/** `isFirst`: the one that a key leads to. */
function findingsChoice(given: Arguments, value: string, label: string, isFirst: boolean): Choice {
	return {
		value,
		label,
		explanation: t('What would stand in the way. Changes nothing.'),
		...(isFirst ? {command: 'findings' as const} : {}),
		async show(terminal) {
			const [{runFindings}, {findingsOn}] = await Promise.all([import('../console/main.js'), import('./check.js')]);
			return runFindings({...terminal, title: label, check: findingsOn(given)});
		},
	};
}

/** What can be done about kits is a list of its own. */
function kitsChoice(kits: readonly KitChoice[]): Choice {
	const label = t('Offline kits');
	return {
		value: 'kits',
		label,
		explanation: t('All packages for a server without a network: asking for them, building, checking, using them.'),
		command: 'kits',
		async show(terminal) {
			const {runHome} = await import('../console/main.js');
			const back = {value: 'back', label: t('Back'), explanation: t('To the first screen.')};
			const chosen = await runHome({
				...terminal,
				title: label,
				facts: [],
				choices: [
					...kits.map(({explanation, label: name}, index) => ({value: String(index), label: name, explanation})),
					back,
				],
			});
			const kit = kits[Number(chosen)];
			return kit ? () => kit.act() : 'back';
		},
	};
}

async function restored(given: Arguments, backup: string): Promise<number> {
	return (await import('./restore.js')).restore({...given, command: 'restore', positionals: [backup]});
}
