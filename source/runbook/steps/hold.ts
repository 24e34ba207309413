import {existsSync} from 'node:fs';
import {program} from '../../engine/launch.js';
import type {Step} from '../../engine/step.js';
import {type Hold, holdBack, isHeldBack, release, releaseCommands} from '../../host/boot.js';
import {mark, t} from '../../locales/index.js';
import {systemdPlaces} from '../../omflow/service.js';
import {type Facts, installationBefore, recorded, runOf, type StepContext} from '../facts.js';
import {partsBefore} from '../parts.js';

/**
From here until the patch is in, or everything is back, OMFLOW is neither the old nor the new version. A start of the
machine must not start that, and let people work with it: it goes on with the run instead.
*/
export const hold: Step<Facts> = {
	id: 'hold',
	title: mark('Hold OMFLOW back at a reboot'),
	phase: 'window',
	wanted: () => canHold(),
	// systemd reads its units anew. No rehearsal can tell: there is no systemd in it.
	expects: () => 500,
	async look(context) {
		const isOver = context.recall(recorded.patchDone) !== undefined;
		return isOver || (await isHeldBack(holdOf(context))) ? 'done' : 'todo';
	},
	async do(context) {
		await holdBack(holdOf(context));
	},
	async verify() {
		return [];
	},
	async undo(context) {
		await release(context);
	},
	byHand: async () => releaseCommands(),
	undoes: () => t('Let OMFLOW start with the machine again: remove omflow-tui.conf below /etc/systemd/system.'),
};

/** Holds it back once more, while what was released already is taken back. That goes on whether it can be held or not. */
export async function holdAgain(context: StepContext): Promise<void> {
	if (canHold()) {
		await holdBack(holdOf(context)).catch(async (error: Error) =>
			context.say(
				t('A reboot before the end would start OMFLOW by half taken back: {message}', {message: error.message}),
			),
		);
	}
}

/** Only systemd can be told; elsewhere whoever goes on with the run is asked. */
function canHold(): boolean {
	return existsSync(systemdPlaces.running);
}

function holdOf(context: StepContext): Hold {
	const {facts} = context;
	const {apache} = installationBefore(context);
	const own = partsBefore(context).flatMap(({service}) => service.unit ?? []);
	const id = runOf(facts);
	return {
		units: [...new Set([...own, ...(apache ? [apache.kind === 'debian' ? 'apache2' : 'httpd'] : [])])],
		command: [process.execPath, program(), 'resume', facts.state, id],
		needs: [facts.base, facts.state, process.execPath, program()],
		why: [
			`omflow-tui made this for the run ${id}, in the middle of which OMFLOW must not be started.`,
			t('The end of the run removes it: start omflow-tui. By hand: remove this file, then systemctl daemon-reload.'),
		],
	};
}
