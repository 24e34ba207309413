import type {Question, RunState} from '../../source/engine/state.js';
import {startTime} from '../../source/host/process.js';
import {type Server, waitFor} from '../lab/lab.js';
import {keys, type Terminal} from '../terminal.js';

/** What the program itself says about the newest run. */
export async function stateOf(server: Server): Promise<RunState> {
	const run = await newestRun(server);
	if (!run) {
		throw new Error('No run is known on the server');
	}

	return run;
}

async function newestRun(server: Server): Promise<RunState | undefined> {
	const {run} = JSON.parse(await server.must(['omflow-tui', 'status', '--json'])) as {run: RunState | null};
	return run ?? undefined;
}

/** What OMFLOW says about itself, to somebody on the server. */
export async function omflow(
	server: Server,
): Promise<{version: string; django: string; python: string; rows: number; text: string}> {
	return JSON.parse(await server.must(['curl', '-sSf', 'http://127.0.0.1/status.json']));
}

/** A process that can be told from a later one with the same number. */
export type Watched = {readonly pid: number; isAlive(): Promise<boolean>};

/** Waits until a process runs in the server whose command line, words joined by spaces, matches. */
export async function waitForProcess(server: Server, pattern: RegExp, deadline = 120_000): Promise<Watched> {
	return waitFor(
		`a process ${pattern}`,
		async () => {
			const found = server.processes().find(({argv}) => pattern.test(argv.join(' ')));
			if (!found) {
				return undefined;
			}

			const {pid} = found;
			const started = await startTime(pid);
			const isAlive = async () => (await startTime(pid)) === started;
			return started === undefined ? undefined : {pid, isAlive};
		},
		{deadline},
	).catch(async error => {
		// Most often the run has failed before, and says why.
		throw new Error(`${error.message}\n${(await server.exec(['omflow-tui', 'status'])).stdout}`);
	});
}

/** Waits until the screen has shown several lines that a step's log got only after this was called. */
export async function showsLive(terminal: Terminal, server: Server, step: string): Promise<void> {
	const {logs} = await stateOf(server);
	const log = () => server.readFile(`${logs}/${step}.log`);
	const before = (await log()).length;
	const seen = new Set<string>();
	await waitFor(
		`new lines of ${step} on the screen`,
		async () => {
			const screen = terminal.text();
			for (const line of (await log()).slice(before).split('\n').slice(0, -1)) {
				// The pane cuts long lines; only such beginnings count that tell lines apart.
				const shown = line.slice(0, 32);
				if (/^(Unpacking|Setting up) /.test(line) && screen.includes(shown)) {
					seen.add(shown);
				}
			}

			return seen.size >= 3;
		},
		{deadline: 30_000},
	);
}

/**
Waits for a question on the screen, answers it with keys, and waits until the answer has arrived. Takes what
is proposed, or the choice with the value `wanted`.
*/
export async function answer(
	terminal: Terminal,
	server: Server,
	{id, wanted, deadline = 180_000}: {readonly id: string; readonly wanted?: string; readonly deadline?: number},
): Promise<void> {
	const question = await waitFor(
		`the question ${id}`,
		async () => {
			// Right after the console was started there is none yet.
			const {question, outcome, message} = (await newestRun(server)) ?? {};
			if (outcome) {
				throw new Error(`The run ended before it asked ${id}: ${outcome}. ${message}\n${terminal.text()}`);
			}

			if (question && question.id !== id) {
				throw new Error(`The run asked ${question.id} before ${id}: ${question.prompt}\n${terminal.text()}`);
			}

			return question;
		},
		{deadline, interval: 300},
	);
	await terminal.waitFor(question.prompt.split(' ').slice(0, 3).join(' '));
	for (const key of keysFor(question, wanted)) {
		const before = terminal.text();
		terminal.send(key);
		await terminal.waitFor(screen => screen !== before);
	}

	await waitFor(`the answer to ${id} to arrive`, async () => (await stateOf(server)).question?.id !== id).catch(
		error => {
			throw new Error(`${error.message}\n${terminal.text()}`);
		},
	);
}

function keysFor(question: Question, wanted: string | undefined): string[] {
	switch (question.kind) {
		case 'text':
			return ['a'];
		case 'line':
			return [wanted ?? '', keys.enter];
		case 'lines':
			// The lines as they are, then the review.
			return [keys.enter, keys.enter];
		case 'choice': {
			const at = (value: string) => question.choices.findIndex(choice => choice.value === value);
			const steps = at(wanted ?? question.initial) - at(question.initial);
			return [...Array<string>(Math.abs(steps)).fill(steps < 0 ? keys.up : keys.down), keys.enter];
		}
	}
}
