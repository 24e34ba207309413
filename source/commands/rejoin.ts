import {Attached} from '../engine/attach.js';
import {rehearsalPlaces} from '../engine/places.js';
import {showConsole, wantsConsole} from './drive.js';
import {requireRoot} from './refusal.js';
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
	const upgrade = command === 'rehearse' ? undefined : await Attached.to(state);
	if (upgrade) {
		const {id, to} = upgrade.state();
		process.stderr.write(`omflow-tui: the run ${id} to ${to} is not over; going on with it.\n`);
		return (await showConsole(upgrade, given)).status;
	}

	const rehearsal = command === 'upgrade' ? undefined : await Attached.to(rehearsalPlaces(state).state);
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
