import {hostname} from 'node:os';
import {Attached} from '../engine/attach.js';
import {rehearsalPlaces} from '../engine/places.js';
import {t} from '../locales/index.js';
import {findPatches} from '../omflow/patches.js';
import {findView} from '../rehearsal/view.js';
import {closeUnreadable} from './close.js';
import {kitChoices} from './kit-choices.js';
import {askLanguage} from './language.js';
import {readablePatch} from './patch.js';
import {Refusal, requireRoot} from './refusal.js';
import {rehearse} from './rehearse.js';
import {isUnfinished, knownRuns, readRuns, unfinishedRun} from './runs.js';
import {status} from './status.js';
import {adviceAboutTerminal, wantsConsole} from './terminal.js';
import {upgrade} from './upgrade.js';
import type {Arguments} from './usage.js';
import {findInstalled, findWay, type Way} from './way.js';

/** Without a command: goes on with what is not over, else asks what to do. */
export async function home(given: Arguments): Promise<number> {
	requireRoot();
	const [unreadable] = wantsConsole(given) ? (await readRuns(given.state)).unreadable : [];
	if (unreadable) {
		return closeUnreadable(unreadable, given);
	}

	if (await isUpgradeUnderWay(given.state)) {
		return upgrade(given);
	}

	if (await isRehearsalUnderWay(given.state)) {
		return rehearse(given);
	}

	if (!wantsConsole(given)) {
		throw new Refusal(
			[
				adviceAboutTerminal(given) ?? t('There is no terminal to ask on.'),
				t('Say what to do: see omflow-tui --help.'),
			].join(' '),
		);
	}

	await askLanguage(given);
	const {runHome} = await import('../console/main.js');
	const installed = await findInstalled(given).catch((error: Error) => error);
	const {problem, ways} = await waysOf(given);
	const owners = new Set([0, Number(process.env.SUDO_UID ?? 0)]);
	const isServer = !(installed instanceof Error);
	const kits = await kitChoices(given, {folders: usualFolders(), owners, isServer});
	const chosen = await runHome({
		title: 'omflow-tui',
		facts: [
			[t('Host'), hostname()],
			[
				'OMFLOW',
				installed instanceof Error
					? t('not found')
					: t('{version} in {base}', {version: installed.version.text, base: installed.base}),
			],
			...(problem ? [[t('Archives'), problem] as const] : []),
		],
		choices: [
			...ways.flatMap(({hops}, index) => {
				const to = hops.at(-1)?.to ?? '';
				const by =
					hops.length > 1
						? t(' by {hops}', {
								hops: hops
									.slice(0, -1)
									.map(hop => hop.to)
									.join(', '),
							})
						: '';
				const names = hops.map(({archive}) => archive ?? '').join(', ');
				return [
					{
						value: `upgrade ${index}`,
						label: t('Upgrade to {to}{by}', {to, by}),
						explanation: t('With {names}. Nothing is changed before you have seen the plan.', {names}),
					},
					{
						value: `rehearse ${index}`,
						label: t('Rehearse {to}{by}', {to, by}),
						explanation: t('With {names}, in a copy-on-write view of this host, which stays as it is.', {names}),
					},
					{
						value: `check ${index}`,
						label: t('Check the way to {to}{by}', {to, by}),
						explanation: t('What would stand in the way. Changes nothing.'),
					},
				];
			}),
			...kits.map(({explanation, label}, index) => ({value: `kit ${index}`, label, explanation})),
			{
				value: 'sample',
				label: t('Rehearse with a sample server'),
				explanation: t('Builds a small OMFLOW in a view of this host and upgrades it. The host stays as it is.'),
			},
			{value: 'check', label: t('Check this host'), explanation: t('What is installed here. Changes nothing.')},
			{
				value: 'restore',
				label: t('Restore a backup'),
				explanation: t('Lists what earlier runs have kept. Nothing is changed before you have chosen one.'),
			},
			{value: 'status', label: t('Status'), explanation: t('What is known about the newest run.')},
			{value: 'quit', label: t('Quit'), explanation: t('Nothing is under way.')},
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	const [command, index] = (chosen ?? 'quit').split(' ');
	const way = index === undefined || command === 'kit' ? undefined : ways[Number(index)];
	const asked = way ? {...given, ...askedFor(way)} : given;
	switch (command) {
		case 'upgrade':
			return upgrade(asked);
		case 'rehearse':
			return rehearse(asked);
		case 'check':
			return (await import('./check.js')).check(asked);
		case 'kit':
			return kits[Number(index)]?.act() ?? 0;
		case 'sample':
			return rehearse({...given, sample: true});
		case 'restore':
			return (await import('./restore.js')).restore(given);
		case 'status':
			return status(given);
		default:
			return 0;
	}
}

/**
What can be done with the archives that lie about: the shortest way to the newest of them, and a safer one; or why
nothing can. What is no archive at all is left out.
*/
async function waysOf(
	given: Arguments,
): Promise<{readonly ways: ReadonlyArray<Pick<Way, 'hops'>>; readonly problem?: string}> {
	const found = await findPatches(usualFolders(), new Set([0, Number(process.env.SUDO_UID ?? 0)]));
	const read = await Promise.all(found.map(({file}) => readablePatch(file).catch(() => undefined)));
	const patches = read.filter(file => file !== undefined);
	if (patches.length === 0) {
		return {ways: []};
	}

	try {
		const {hops, route} = await findWay({...given, patches});
		const safer = route.safer?.every(({archive}) => archive) ? route.safer : undefined;
		return {ways: [...(safer ? [{hops: safer}] : []), {hops}]};
	} catch (error) {
		if (error instanceof Refusal) {
			return {ways: [], problem: error.message.replaceAll('\n', '; ')};
		}

		throw error;
	}
}

/** The command line that leads this way. */
function askedFor({hops}: Pick<Way, 'hops'>): Pick<Arguments, 'patches' | 'to' | 'via'> {
	return {
		patches: hops.flatMap(({archive}) => archive ?? []),
		to: hops.at(-1)?.to,
		via: hops.map(({to}) => to),
	};
}

async function isUpgradeUnderWay(state: string): Promise<boolean> {
	const living = await Attached.to(state);
	living?.close();
	return living !== undefined || (await unfinishedRun(state)) !== undefined;
}

async function isRehearsalUnderWay(state: string): Promise<boolean> {
	const place = rehearsalPlaces(state);
	const view = await findView(place.view);
	const [newest] = await knownRuns(place.state);
	return newest !== undefined && isUnfinished(newest) && (await view?.alive()) === true;
}

/**
Where administrators put patch archives. Only those of root or of whoever called sudo are taken from there: what lies
in /tmp may be anybody's, and its script would run as root.
*/
function usualFolders(): readonly string[] {
	return [...new Set([process.cwd(), '/tmp', '/root', process.env.HOME ?? '/root', '/opt'])];
}
