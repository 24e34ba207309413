import {readdir, readFile, readlink} from 'node:fs/promises';
import {basename} from 'node:path';
import {t} from '../locales/index.js';
import {processName} from './process.js';

/** A process as /proc/PID/stat tells it. */
export type Process = {
	readonly pid: number;
	readonly parent: number;
	/** One letter, for example `S`; see proc(5). */
	readonly state: string;
	/** Hundredths of a second of processor used so far, with that of children it has waited for. */
	readonly ticks: number;
	/** Device number of its terminal; 0 without one. */
	readonly terminal: number;
	/** Whether it is of the group that may read from its terminal. */
	readonly isForeground: boolean;
	/** 0 for the root of a tree. */
	readonly depth: number;
};

/** A process with all it started, parents first. Empty when it is gone. */
export async function processTree(root: number): Promise<Process[]> {
	const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
	const all = (await Promise.all(pids.map(async pid => readProcess(pid)))).filter(found => found !== undefined);
	const tree = (parents: readonly Process[]): Process[] =>
		parents.flatMap(parent => [
			parent,
			...tree(all.filter(each => each.parent === parent.pid).map(each => ({...each, depth: parent.depth + 1}))),
		]);
	return tree(all.filter(({pid}) => pid === root));
}

/** Ends a process with all it started, at once: parents first, so that none goes on because its child is gone. */
export async function endTree(root: number): Promise<void> {
	for (const {pid} of await processTree(root)) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It ended in between.
		}
	}
}

async function readProcess(pid: string): Promise<Process | undefined> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
	// The name may hold blanks and brackets.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [state = 'Z', parent, group, , terminal, foreground] = fields;
	return stat === '' || state === 'Z'
		? undefined
		: {
				pid: Number(pid),
				parent: Number(parent),
				state,
				ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0),
				terminal: Number(terminal),
				isForeground: group === foreground,
				depth: 0,
			};
}

const longest = 60;

/**
What a process runs, for a person: its program, and for an interpreter the script or module. Nothing else of its
command line, since options and arguments may hold a password.
*/
export async function shownProgram(pid: number): Promise<string> {
	const [program, line] = await Promise.all([
		processName(pid),
		readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
	]);
	const [called = '', ...words] = line.split('\0');
	const name = program ?? basename(called);
	if (name === '') {
		return t('a program that cannot be seen from here');
	}

	return [name, ...scriptIn(name, words)].join(' ').slice(0, longest);
}

/** Options of interpreters that take no value; after any other one, a word may be its value and no script. */
const plainOptions: ReadonlyArray<{readonly interpreter: RegExp; readonly options: readonly string[]}> = [
	{interpreter: /^python/, options: ['-u', '-x', '-e', '-E', '-B', '-I', '-O']},
	{interpreter: /^(?:ba|da|k|z)?sh$/, options: ['-x', '-e', '-u']},
	{interpreter: /^(?:perl|ruby|node)/, options: []},
];

/** The script or module among the words of an interpreter, if it is certain that it is one. */
function scriptIn(name: string, words: readonly string[]): string[] {
	const known = plainOptions.find(({interpreter}) => interpreter.test(name));
	if (!known) {
		return [];
	}

	const [word = '', module = ''] = words.slice(words.findIndex(each => !known.options.includes(each)));
	if (word === '-m') {
		return /^python/.test(name) && /^[\w.]+$/.test(module) ? ['-m', module] : [];
	}

	return word === '' || word.startsWith('-') || word.startsWith('+') ? [] : [basename(word)];
}

/** What the descriptors of a process lead to, by number. */
export async function descriptors(pid: number): Promise<ReadonlyMap<number, string>> {
	const directory = `/proc/${pid}/fd`;
	const numbers = await readdir(directory).catch(() => []);
	const links = await Promise.all(
		numbers
			.slice(0, 256)
			.map(async number => [Number(number), await readlink(`${directory}/${number}`).catch(() => '')] as const),
	);
	return new Map(links);
}
