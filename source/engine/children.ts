import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import {bootId, type Child, startTime} from '../host/process.js';
import {runPlaces} from './places.js';

type Recorded = Child & {readonly step: string; readonly started: string; readonly boot: string};

/** Notes which program a step runs, so that the next worker finds it when this one is killed. */
export async function recordChild(run: string, step: string, child: Child | undefined): Promise<void> {
	if (!child) {
		await rm(runPlaces.child(run), {force: true});
		return;
	}

	const started = await startTime(child.pid);
	if (started !== undefined) {
		const recorded: Recorded = {...child, step, started, boot: await bootId()};
		const unfinished = `${runPlaces.child(run)}.unfinished`;
		await writeFile(unfinished, JSON.stringify(recorded), {mode: 0o600});
		await rename(unfinished, runPlaces.child(run));
	}
}

/**
Deals with a program that outlived its worker: one that may be cut is ended with all it started, any
other (apt in the middle of unpacking) is waited for. Returns what it was, or undefined.
*/
export async function settleOrphan(run: string, onWait: (child: Recorded) => void): Promise<Child | undefined> {
	let recorded: Recorded;
	try {
		recorded = JSON.parse(await readFile(runPlaces.child(run), 'utf8')) as Recorded;
	} catch {
		return undefined;
	}

	const lives = async () => recorded.boot === (await bootId()) && (await startTime(recorded.pid)) === recorded.started;
	if (!(await lives())) {
		await rm(runPlaces.child(run), {force: true});
		return undefined;
	}

	onWait(recorded);
	if (recorded.cuttable) {
		killGroup(recorded.pid, 'SIGKILL');
	}

	while (await lives()) {
		await new Promise(resolve => {
			setTimeout(resolve, 200);
		});
	}

	await rm(runPlaces.child(run), {force: true});
	return recorded;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// It ended in between.
	}
}
