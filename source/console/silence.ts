import type {RunState, StepState} from '../engine/state.js';
import type {Activity, Waiting, WaitsFor} from '../engine/waiting.js';
import {mark, number, type Text, t} from '../locales/index.js';
import {duration} from './format.js';
import {harmless} from './harmless.js';
import {type Line, paragraph, plain} from './lines.js';
import type {Glyphs} from './theme.js';

/** What a command that prints nothing waits for, in one sentence. */
export function waitsFor(on: WaitsFor): string {
	switch (on.kind) {
		case 'input': {
			const prompt = on.prompt.trim();
			return prompt === '' ? t('It asks for input.') : t('It asks for input: {prompt}', {prompt});
		}

		case 'lock':
			return lockSentence(on);
		case 'network':
			return t('It waits for an answer of {address}.', {address: on.address});
		case 'work':
			return t('It works: it uses the processor.');
		case 'disk':
			return t('It waits for the disk.');
		case 'time':
			return t('It waits for a time to pass.');
		case 'stopped':
			return t('Process {pid} of it was stopped by a signal.', {pid: on.pid});
		case 'unknown':
			return t('What it waits for cannot be seen.');
	}
}

function lockSentence({holder, path}: WaitsFor & {kind: 'lock'}): string {
	if (path === undefined) {
		return holder === undefined
			? t('It waits for a lock that another process holds.')
			: t('It waits for a lock that {program} (process {pid}) holds.', holder);
	}

	return holder === undefined
		? t('It waits for the lock {path}, which another process holds.', {path})
		: t('It waits for the lock {path}, which {program} (process {pid}) holds.', {path, ...holder});
}

const words: Readonly<Record<Exclude<Activity, 'work'>, Text>> = {
	input: mark('asks for input'),
	lock: mark('waits for a lock'),
	disk: mark('waits for the disk'),
	network: mark('waits for the network'),
	child: mark('waits for one below'),
	time: mark('waits for a time'),
	stopped: mark('is stopped'),
	unknown: mark('waits'),
};

/** Above all else of a step whose command prints nothing: for how long, what it waits for, what can be done, and its processes. */
export function silenceLines(
	state: RunState,
	step: StepState,
	options: {readonly driving: boolean; readonly now: number; readonly columns: number; readonly glyphs: Glyphs},
): Line[] {
	const {waiting} = step;
	if (waiting === undefined) {
		return [];
	}

	const {columns, glyphs, now} = options;
	const time = duration(now - waiting.since);
	const clean = (text: string) => harmless(text, glyphs.dot);
	return [
		...paragraph(clean(`${t('Nothing printed for {time}.', {time})} ${waitsFor(waiting.on)}`), columns, 'warn'),
		...whatToDo(state, step, waiting, options.driving).flatMap(text =>
			paragraph(clean(`${glyphs.arrow} ${text}`), columns, 'accent'),
		),
		...waiting.processes.map(process => plain(clean(processRow(process)), 'quiet')),
		...(waiting.more > 0 ? [plain(t('and {count} more', {count: waiting.more}), 'quiet')] : []),
	];
}

function processRow({activity, cpuSeconds, depth, pid, program}: Waiting['processes'][number]): string {
	const word =
		activity === 'work' ? t('works, {seconds} s so far', {seconds: number(cpuSeconds, 1)}) : t(words[activity]);
	return `${'  '.repeat(depth)}${program} (${pid}): ${word}`;
}

/** What a person can do, the most helpful first. */
function whatToDo(state: RunState, step: StepState, {cuttable, on}: Waiting, driving: boolean): string[] {
	const isOpen = step.phase === 'window' || step.phase === 'confirm';
	return [
		...aboutIt(state, on),
		...(cuttable && driving && canCut(state) ? [t('x ends it and asks whether to try again.')] : []),
		isOpen || !driving
			? t('Nothing ends it by itself: you can go on waiting.')
			: t('Nothing ends it by itself: you can go on waiting, or stop after this step with s.'),
	];
}

function aboutIt(state: RunState, on: WaitsFor): string[] {
	switch (on.kind) {
		case 'input':
			return state.question?.kind === 'line' ? [t('Press Enter to answer.')] : [];
		case 'lock':
			// In a rehearsal the numbers are those of its view: on the host they are other processes.
			return on.holder === undefined || state.kind === 'rehearsal'
				? []
				: [t('See on this server what holds it: ps -fp {pid}. It goes on when that ends.', {pid: on.holder.pid})];
		case 'network':
			return [t('See whether this server reaches {address}.', {address: on.address})];
		case 'stopped':
			return state.kind === 'rehearsal' ? [] : [t('Let it go on, on this server: kill -CONT {pid}', {pid: on.pid})];
		default:
			return [];
	}
}

/** Whether the command that runs may be ended now, so that it is asked how to go on. */
export function canCut(state: RunState): boolean {
	const step = state.steps.find(({waiting}) => waiting !== undefined);
	const isPreparing = step?.phase !== 'window' && step?.phase !== 'confirm';
	return isPreparing && step?.waiting?.cuttable === true && ['running', 'stopping'].includes(state.status);
}
