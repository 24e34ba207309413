import {modeOf, work} from '../engine/worker.js';
import {routeFor} from './runbook.js';

/**
Hidden: carries out a run. Arguments: state directory, run, perhaps `attended` or `unattended`, else as it was planned,
and perhaps `roll-back`, and the language to speak in. Ends with 0 whatever the outcome was.
*/
export async function worker([state, id, ...words]: readonly string[]): Promise<number> {
	if (!state || !id) {
		throw new Error('The worker is started by omflow-tui itself.');
	}

	// What it makes must be readable for the service; what is private says so itself.
	process.umask(0o022);
	await work(state, id, routeFor, modeOf(words));
	return 0;
}
