import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {bootId} from '../host/process.js';
import {unitOf} from './launch.js';
import type {Holder} from './lock.js';
import {places, runPlaces} from './places.js';

/**
What became of the worker of a run that is not over and that nobody can attach to:

- `restarting`: it was killed, and systemd starts it again in a moment.
- `given-up`: it ended again and again, until systemd left it at that.
- `machine`: it went down with the machine, which was started again since.
- `gone`: it ended, or was never there.
*/
export type Fate = 'restarting' | 'given-up' | 'machine' | 'gone';

export async function fateOf(state: string, id: string): Promise<Fate> {
	const unit = await unitState(id);
	if (unit === 'activating' || unit === 'failed') {
		return unit === 'failed' ? 'given-up' : 'restarting';
	}

	const holder = await lastHolder(state);
	return holder?.run === id && holder.boot !== (await bootId()) ? 'machine' : 'gone';
}

/** The last sentence the program itself wrote before it ended; undefined when it was killed without a word. */
export async function lastWords(run: string): Promise<string | undefined> {
	const log = await readFile(runPlaces.workerLog(run), 'utf8').catch(() => '');
	return log
		.split('\n')
		.findLast(line => line.startsWith('omflow-tui: '))
		?.slice('omflow-tui: '.length);
}

async function unitState(id: string): Promise<string | undefined> {
	if (!existsSync('/run/systemd/system')) {
		return undefined;
	}

	const {execa} = await import('execa');
	const argv = ['show', '--property=ActiveState', '--value', unitOf(id)];
	const {stdout} = await execa('/usr/bin/systemctl', argv, {reject: false});
	return stdout.trim();
}

async function lastHolder(state: string): Promise<Holder | undefined> {
	try {
		return JSON.parse(await readFile(places.lock(state), 'utf8')) as Holder;
	} catch {
		return undefined;
	}
}
