import {work} from '../engine/worker.js';
import {routeFor} from './runbook.js';

/**
Hidden: carries out a run. Arguments: state directory, run, perhaps `attended` or `unattended`, else as it was planned.
Ends with 0 whatever the outcome was.
*/
export async function worker([state, id, mode]: readonly string[]): Promise<number> {
	if (!state || !id) {
		throw new Error('The worker is started by omflow-tui itself.');
	}

	// A closed terminal or a polite signal to the whole session must not end the work.
	for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) {
		process.on(signal, () => {});
	}

	// What it makes must be readable for the service; what is private says so itself.
	process.umask(0o022);
	await work(state, id, routeFor, mode === undefined ? undefined : mode === 'unattended');
	return 0;
}
