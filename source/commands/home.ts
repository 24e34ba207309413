import {readdir, stat} from 'node:fs/promises';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {Attached} from '../engine/attach.js';
import {rehearsalPlaces} from '../engine/places.js';
import {versionFromName} from '../host/archive.js';
import {readVersion} from '../omflow/version.js';
import {findView} from '../rehearsal/view.js';
import {wantsConsole} from './drive.js';
import {Refusal, requireRoot} from './refusal.js';
import {rehearse} from './rehearse.js';
import {isUnfinished, knownRuns, unfinishedRun} from './runs.js';
import {status} from './status.js';
import {upgrade} from './upgrade.js';
import type {Arguments} from './usage.js';

/** Without a command: goes on with what is not over, else asks what to do. */
export async function home(given: Arguments): Promise<number> {
	requireRoot();
	if (await isUpgradeUnderWay(given.state)) {
		return upgrade(given);
	}

	if (await isRehearsalUnderWay(given.state)) {
		return rehearse(given);
	}

	if (!wantsConsole(given)) {
		throw new Refusal('There is no terminal to ask on. Say what to do: see omflow-tui --help.');
	}

	const {runHome} = await import('../console/main.js');
	const patches = await findPatches();
	const installed = await readVersion('/opt/omflow/server').catch(() => undefined);
	const chosen = await runHome({
		title: 'omflow-tui',
		facts: [
			['Host', hostname()],
			['OMFLOW', installed && installed.text !== '0.0.0.0' ? installed.text : 'not found in /opt/omflow'],
		],
		choices: [
			...patches.flatMap(patch => [
				{
					value: `upgrade ${patch}`,
					label: `Upgrade to ${versionFromName(patch)}`,
					explanation: `With ${patch}. Nothing is changed before you have seen the plan.`,
				},
				{
					value: `rehearse ${patch}`,
					label: `Rehearse ${versionFromName(patch)}`,
					explanation: `With ${patch}, in a copy-on-write view of this host, which stays as it is.`,
				},
			]),
			{
				value: 'sample',
				label: 'Rehearse with a sample server',
				explanation: 'Builds a small OMFLOW in a view of this host and upgrades it. The host stays as it is.',
			},
			{value: 'status', label: 'Status', explanation: 'What is known about the newest run.'},
			{value: 'quit', label: 'Quit', explanation: 'Nothing is under way.'},
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	const [command, ...rest] = (chosen ?? 'quit').split(' ');
	const patch = rest.join(' ');
	switch (command) {
		case 'upgrade':
			return upgrade({...given, patch});
		case 'rehearse':
			return rehearse({...given, patch});
		case 'sample':
			return rehearse({...given, sample: true});
		case 'status':
			return status(given);
		default:
			return 0;
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

/**
Patch archives where administrators put them. Only those of root or of whoever called sudo: what lies in /tmp
may be anybody's, and its script would run as root.
*/
async function findPatches(): Promise<string[]> {
	const owners = new Set([0, Number(process.env.SUDO_UID ?? 0)]);
	const folders = new Set([process.cwd(), '/tmp', '/root', process.env.HOME ?? '/root', '/opt']);
	const found: string[] = [];
	for (const folder of folders) {
		const names = await readdir(folder).catch(() => []);
		for (const path of names.filter(name => versionFromName(name)).map(name => join(folder, name))) {
			const file = await stat(path).catch(() => undefined);
			if (file?.isFile() && owners.has(file.uid)) {
				found.push(path);
			}
		}
	}

	return found;
}
