import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {atEnd} from './ending.js';

type Probe = {readonly at: number; readonly answers: boolean};

export type Prober = {
	/** Waits until an answer came that was asked for from now on; returns when that was. */
	answers(): Promise<number>;
	/** When the first answer was asked for of those from a moment on. Milliseconds since the epoch, as the moment. */
	answeredAfter(moment: number): number;
	/** Ends it; returns for how many milliseconds there was no answer. */
	end(): Promise<number>;
};

/** Asks a service inside the network namespace of a process, ten times a second. */
export function startProber(pid: number, program: string, url: string): Prober {
	const probes: Probe[] = [];
	const child = spawn('/usr/bin/nsenter', ['-t', String(pid), '-n', '--', process.execPath, program, url], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const end = atEnd(async () => {
		if (child.exitCode === null) {
			child.kill('SIGKILL');
			await once(child, 'exit');
		}
	});
	const lines = createInterface({input: child.stdout});
	lines.on('line', line => probes.push(JSON.parse(line) as Probe));
	const answeredAfter = (moment: number) =>
		Math.min(...probes.filter(({at, answers}) => at >= moment && answers).map(({at}) => at));
	return {
		answeredAfter,
		async answers() {
			const from = Date.now();
			const until = from + 60_000;
			for (;;) {
				const found = answeredAfter(from);
				if (Number.isFinite(found)) {
					return found;
				}

				if (Date.now() > until) {
					throw new Error(`${url} does not answer.`);
				}

				await once(lines, 'line', {signal: AbortSignal.timeout(5000)});
			}
		},
		async end() {
			await end();
			// An answer may have come before one that was asked for earlier.
			const sorted = probes.sort((a, b) => a.at - b.at);
			return sorted.reduce((sum, {at, answers}, index) => sum + (answers ? 0 : (sorted[index + 1]?.at ?? at) - at), 0);
		},
	};
}
