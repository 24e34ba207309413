import {t} from '../locales/index.js';
import {exitStatus} from './plain.js';
import {alone, closeRun, refuseWhenLocked} from './runs.js';
import {describeUnreadable, type UnreadableRun} from './unreadable.js';
import type {Arguments} from './usage.js';

/** What can be chosen for any run that stands in the way. */
export const leaveRun = () => ({
	value: 'nothing',
	label: t('Leave now'),
	explanation: t('Nothing is changed; the run is asked about next time.'),
});
export const closeThisRun = () => ({
	value: 'close',
	label: t('Close this run'),
	explanation: t('The server stays as it is now. The run is over; its backup and logs stay.'),
});

/** Closes a run while nobody works on it. */
export async function closeAlone(given: Arguments, id: string): Promise<void> {
	await alone(given.state, async () => {
		await refuseWhenLocked(given.state);
		await closeRun(given.state, id);
	});
}

/** Shows what is wrong with a run that nobody can go on with, and asks whether it is to stand in the way any longer. */
export async function closeUnreadable(run: UnreadableRun, given: Arguments): Promise<number> {
	const {sentence, remedy} = describeUnreadable(run);
	const {runHome} = await import('../console/main.js');
	const chosen = await runHome({
		title: t('The run {id} cannot be gone on with', {id: run.id}),
		facts: [
			[t('Why'), sentence],
			[t('What to do'), remedy],
		],
		choices: [leaveRun(), ...(run.file.isNewer ? [] : [closeThisRun()])],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	if (chosen !== 'close') {
		process.stdout.write(`${t('Nothing was changed.')}\n`);
		return exitStatus.blocked;
	}

	await closeAlone(given, run.id);
	process.stdout.write(`${t('The run is closed.')}\n`);
	return 0;
}
