import {Attached} from '../engine/attach.js';
import {stateFrom} from '../engine/journal.js';
import {places} from '../engine/places.js';
import type {RunState, StepState} from '../engine/state.js';

import {requireRoot} from './refusal.js';
import {knownHops} from './runbook.js';
import {knownRuns} from './runs.js';
import type {Arguments} from './usage.js';

/** Says what is known about the newest run: from its worker when one lives, else from the stored progress. */
export async function status(given: Arguments): Promise<number> {
	requireRoot();
	const attached = await Attached.to(given.state);
	const state = attached?.state() ?? (await storedState(given.state));
	attached?.close();
	if (given.json) {
		process.stdout.write(`${JSON.stringify({working: attached !== undefined, run: state ?? null})}\n`);
		return 0;
	}

	process.stdout.write(
		`${state ? describeState(state, attached !== undefined) : 'No run is known on this machine.'}\n`,
	);
	return 0;
}

async function storedState(state: string): Promise<RunState | undefined> {
	const [newest] = await knownRuns(state);
	return newest && stateFrom(places.run(state, newest.id), newest.plan, newest.progress, knownHops(newest.plan, state));
}

function describeState(state: RunState, working: boolean): string {
	const current = state.steps.find(({status}) => ['running', 'asking', 'undoing'].includes(status));
	const lines = [
		`${state.kind} ${state.id} on ${state.host}: ${state.from ?? 'not yet looked at'} to ${state.to}`,
		state.outcome
			? `${state.outcome}: ${state.message ?? ''}`
			: working
				? `Working${current ? ` on “${current.title}”` : ''}.`
				: 'Not over, and no worker lives. Start omflow-tui to go on.',
		...state.steps.map(describeStep),
		`Service down for ${(state.outageMilliseconds / 1000).toFixed(1)} s.`,
	];
	return lines.join('\n');
}

function describeStep({hop, note, status, title}: StepState): string {
	return `  ${status.padEnd(8)} ${hop ? `${hop}: ` : ''}${title}${note ? `: ${note}` : ''}`;
}
