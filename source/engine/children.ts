import {readFile, rename, rm, writeFile} from 'node:fs/promises';
import {bootId, type Child, startTime} from '../host/process.js';
import {endTree} from '../host/process-tree.js';
import {lookAt} from '../host/waiting.js';
import {t} from '../locales/index.js';
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

/** How long a program that nobody can answer has to wait for the same input before it is ended, in milliseconds. */
const patienceWithOrphan = 3000;

/**
Deals with a program that outlived its worker: one that may be cut is ended with all it started, and so is one that waits
for an answer that nobody can give it any more; any other (apt in the middle of unpacking) is waited for. Returns what it
was, or undefined.
*/
export async function settleOrphan(
	run: string,
	tell: (step: string, note: string) => void,
): Promise<Child | undefined> {
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

	tell(recorded.step, noteOn(recorded));
	if (recorded.cuttable) {
		killGroup(recorded.pid, 'SIGKILL');
	}

	let asked: {readonly turn: string; readonly at: number} | undefined;
	while (await lives()) {
		const turn = recorded.asks ? await turnOf(recorded.pid) : undefined;
		if (turn === undefined) {
			asked = undefined;
		} else if (turn !== asked?.turn) {
			asked = {turn, at: Date.now()};
		} else if (Date.now() - asked.at >= patienceWithOrphan) {
			const words = {argv: recorded.argv[0], pid: recorded.pid};
			tell(recorded.step, t('{argv} (process {pid}) asked what nobody can answer any more, so it is ended.', words));
			// Where that fails, it is tried again as long as it asks.
			await endTree(recorded.pid).catch(() => {});
			asked = undefined;
		}

		await new Promise(resolve => {
			setTimeout(resolve, 200);
		});
	}

	await rm(runPlaces.child(run), {force: true});
	return recorded;
}

function noteOn({argv, asks, cuttable, pid}: Recorded): string {
	const words = {argv: argv[0], pid};
	if (cuttable) {
		return t('{argv} (process {pid}) still runs from before; ending it first.', words);
	}

	return asks
		? t(
				'{argv} (process {pid}) still runs from before; waiting for it first. Nobody can answer it any more: if it asks something, it is ended.',
				words,
			)
		: t('{argv} (process {pid}) still runs from before; waiting for it first.', words);
}

/** What tells one question at the terminal from the next; undefined while none is asked, or it cannot be seen. */
async function turnOf(pid: number): Promise<string | undefined> {
	const look = await lookAt(pid, '').catch(() => undefined);
	return look?.on?.kind === 'input' ? look.turn : undefined;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
	try {
		process.kill(-pid, signal);
	} catch {
		// It ended in between.
	}
}
