import {existsSync} from 'node:fs';
import {Attached} from '../engine/attach.js';
import {places, rehearsalPlaces} from '../engine/places.js';
import {t} from '../locales/index.js';
import {showConsole} from './drive.js';
import {requireRoot} from './refusal.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/**
Shows the run whose worker lives, if this command means that one; undefined when there is none. It is what a
person does whose connection was cut, over a line that may be slow: nothing is loaded but the console.
*/
export async function rejoin(given: Arguments): Promise<number | undefined> {
	if (!wantsConsole(given)) {
		return undefined;
	}

	requireRoot();
	const {command, state} = given;
	const upgrade = command === 'rehearse' ? undefined : await join(state);
	if (upgrade) {
		const {id, to} = upgrade.state();
		process.stderr.write(`omflow-tui: ${t('the run {id} to {to} is not over; going on with it.', {id, to})}\n`);
		return (await showConsole(upgrade, given)).status;
	}

	const rehearsal = command === 'upgrade' ? undefined : await join(rehearsalPlaces(state).state);
	if (!rehearsal) {
		return undefined;
	}

	const {id} = rehearsal.state();
	const {outcome, status} = await showConsole(rehearsal, given);
	if (outcome && outcome !== 'stopped') {
		await (await import('./rehearse.js')).putAwayAfter(state, id);
	}

	return status;
}

async function join(state: string): Promise<Attached | undefined> {
	const [attached] = await Promise.all([
		Attached.to(state),
		// Loaded while the worker answers.
		existsSync(places.socket(state)) ? import('../console/main.js') : undefined,
	]);
	return attached;
}
