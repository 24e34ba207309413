import {readFile, rename, writeFile} from 'node:fs/promises';
import {join} from 'node:path';

/** Where programs of the view find the host's network namespace, for `nsenter --net=`. */
export const hostNetwork = '/run/omflow-tui/host-net';

/** Where the view sees the state directory that it shares with the host. */
export const defaultStatePath = '/var/lib/omflow-tui';

/** Names inside a view's directory on the host. */
export const viewFiles = {
	/** Written by the opener: what the view is to show. */
	plan: 'plan.json',
	/** Written by the view's first process: how to find it again. */
	record: 'view.json',
	/** Output of the view's first process; its line `ready` is the sign that the view can be used. */
	log: 'holder.log',
	/** Mount point of the view's root, empty when seen from the host. */
	root: 'root',
	/** Holds `<n>/upper` and `<n>/work` for every filesystem. */
	layers: 'layers',
} as const;

export type ViewPlan = {
	/** Path inside the view over which the shared state directory lies. */
	readonly statePath: string;
	/** Host paths that must be visible read-only even if they lie on a filesystem the view replaces. */
	readonly visible: readonly string[];
};

export type ProcessMark = {readonly pid: number; readonly startTime: string};

/** How a living view is found again. A pid counts only with its start time, both only with their boot. */
export type ViewRecord = {
	readonly bootId: string;
	/** `unshare`, in the host's pid namespace; killing it ends the view. */
	readonly holder: ProcessMark;
	/** First process of the view, by its number on the host. */
	readonly init: ProcessMark;
	/** As `/proc/<pid>/ns/mnt` reads, for example `mnt:[4026532208]`. */
	readonly mountNamespace: string;
	/** Milliseconds since the epoch. */
	readonly openedAt: number;
};

/** Reads a JSON file of a view's directory; undefined when it is not there or torn. */
export async function readViewFile<T>(directory: string, name: string): Promise<T | undefined> {
	try {
		return JSON.parse(await readFile(join(directory, name), 'utf8')) as T;
	} catch {
		return undefined;
	}
}

/** Writes a JSON file of a view's directory so that a reader sees all of it or nothing. */
export async function writeViewFile(directory: string, name: string, value: ViewPlan | ViewRecord): Promise<void> {
	const path = join(directory, name);
	await writeFile(`${path}.new`, `${JSON.stringify(value, undefined, '\t')}\n`, {mode: 0o600});
	await rename(`${path}.new`, path);
}
