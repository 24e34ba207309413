import {isLocked} from '../engine/lock.js';
import {t} from '../locales/index.js';
import {closeAlone, closeThisRun, leaveRun} from './close.js';
import {exitStatus} from './plain.js';
import {type KnownRun, unfinishedRun} from './runs.js';
import {wantsConsole} from './terminal.js';
import type {Arguments} from './usage.js';

/**
A person is asked before a run that needed attention is gone on with; `--yes` is such a decision itself. Returns the exit
status when it is not gone on with.
*/
export async function settleAttention(given: Arguments): Promise<number | undefined> {
	const unfinished = wantsConsole(given) ? await unfinishedRun(given.state) : undefined;
	if (unfinished?.progress.outcome !== 'needs-attention' || (await isLocked(given.state))) {
		return undefined;
	}

	const decision = await decideAttention(unfinished, given);
	if (decision === 'go-on') {
		return undefined;
	}

	process.stdout.write(decision === 'closed' ? `${t('The run is closed.')}\n` : `${t('Nothing was changed.')}\n`);
	return decision === 'closed' ? 0 : exitStatus['needs-attention'];
}

/**
Asks what to do with a run that ended with something left to do, perhaps long ago: going on may put an old
database back, so nobody gets that by starting the program to look.
*/
async function decideAttention(run: KnownRun, given: Arguments): Promise<'go-on' | 'closed' | 'nothing'> {
	const message = run.progress.message ?? '';
	const {runHome} = await import('../console/main.js');
	const ended = run.progress.endedAt ? new Date(run.progress.endedAt).toLocaleString() : t('some time ago');
	const chosen = await runHome({
		title: t('The run {id} needs attention', {id: run.id}),
		facts: [
			[t('Ended'), ended],
			[t('It said'), message],
		],
		choices: [
			leaveRun(),
			{
				value: 'go-on',
				label: t('Go on with what is left'),
				explanation: run.progress.byHand
					? t('The steps it named. Where the backup is put back, what was entered since is lost.')
					: t('The run goes on where it stands: it looks at the new version and asks you, or finishes taking back.'),
			},
			closeThisRun(),
		],
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	if (chosen === 'close') {
		await closeAlone(given, run.id);
		return 'closed';
	}

	return chosen === 'go-on' ? 'go-on' : 'nothing';
}
