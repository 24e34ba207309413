import {hostname} from 'node:os';
import {Attached} from '../engine/attach.js';
import {rehearsalPlaces} from '../engine/places.js';
import {t} from '../locales/index.js';
import {findView} from '../rehearsal/view.js';
import {closeUnreadable} from './close.js';
import {type Choice, choicesOf} from './home-choices.js';
import {kitChoices} from './kit-choices.js';
import {askLanguage} from './language.js';
import {Refusal, requireRoot} from './refusal.js';
import {rehearse} from './rehearse.js';
import {isUnfinished, knownRuns, readRuns, unfinishedRun} from './runs.js';
import {adviceAboutTerminal, wantsConsole} from './terminal.js';
import {upgrade} from './upgrade.js';
import type {Arguments} from './usage.js';
import {findInstalled} from './way.js';
import {usualFolders, usualOwners, waysOf} from './ways.js';

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

	if (!(await askLanguage(given))) {
		return 0;
	}

	return (await choose(given))?.() ?? 0;
}

/**
Asks until something is chosen that needs the terminal for itself, and returns that; the other screens lead back here.
Nothing when the person leaves.
*/
async function choose(given: Arguments): Promise<(() => Promise<number>) | undefined> {
	const {keepTerminal, runHome} = await import('../console/main.js');
	const installed = await findInstalled(given).catch((error: Error) => error);
	const isServer = !(installed instanceof Error);
	const {problem, ways} = await waysOf(given);
	const kits = await kitChoices(given, {folders: usualFolders(), owners: usualOwners(), isServer});
	const terminal = keepTerminal({
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	const choices = choicesOf(given, {ways, kits});
	const facts = [
		[t('Host'), hostname()],
		[
			'OMFLOW',
			isServer ? t('{version} in {base}', {version: installed.version.text, base: installed.base}) : t('not found'),
		],
		...(problem ? [[t('Archives'), problem] as const] : []),
	] as const;
	let chosen: Choice | undefined;
	try {
		for (;;) {
			const value = await runHome({
				...terminal,
				title: t('What is to be done?'),
				facts,
				choices,
				initial: chosen?.value,
			});
			chosen = choices.find(choice => choice.value === value);
			if (!chosen?.show) {
				return chosen?.act;
			}

			const left = await chosen.show(terminal);
			if (left !== 'back') {
				return left === 'quit' ? undefined : left;
			}
		}
	} finally {
		await terminal.session.close();
	}
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
