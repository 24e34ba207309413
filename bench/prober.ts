import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {atEnd} from './ending.js';

type Probe = {readonly at: number; readonly answers: boolean};

export type Prober = {
	/** Waits until an answer came that was asked for from now on. */
	answers(): Promise<void>;
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
	return {
		async answers() {
			const from = Date.now();
			const until = from + 60_000;
			while (!probes.some(({at, answers}) => at >= from && answers)) {
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
