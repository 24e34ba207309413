import type {RunState} from '../../engine/state.js';
import {type Browse, browse, type Extent} from '../browse.js';
import {type Command, type Context, commandOf} from '../keys.js';
import {edit, type TextEdit, textEdit} from '../text-edit.js';

/** The runs so far; of an open one, `open` is the step under the cursor. */
export type EvidenceView = Browse & {
	readonly runs: readonly RunState[];
	/** The log that is open, and what is typed to look for in it. */
	readonly log?: {readonly step: string; readonly typing?: TextEdit};
	/** Why none could be read. */
	readonly failed?: string;
};

export type EvidenceEffect =
	| {readonly type: 'back' | 'quit'}
	| {readonly type: 'log'; readonly command: Command}
	| {readonly type: 'search'; readonly query: string};

type Pressed = {readonly view: EvidenceView; readonly effect?: EvidenceEffect};

/** Where keys go now. */
export function evidenceContext({help, log, open}: EvidenceView): Context {
	if (help !== undefined) {
		return 'help';
	}

	return log ? (log.typing ? 'search' : 'log') : open !== undefined ? 'past' : 'runs';
}

/** One key: the next view, and what is to be done. */
export function pressEvidence(before: EvidenceView, key: string, extent: Pick<Extent, 'page' | 'helpLast'>): Pressed {
	const {notice: _, ...view} = before;
	const command = commandOf(evidenceContext(view), key);
	if (command === 'quit') {
		return {view, effect: {type: 'quit'}};
	}

	if (view.log && view.help === undefined && command !== 'help') {
		return pressLog(view, view.log, key, command);
	}

	if (command === 'back' && view.help === undefined && view.open === undefined) {
		return {view, effect: {type: 'back'}};
	}

	const steps = view.runs[view.at]?.steps ?? [];
	const step = view.open === undefined ? undefined : steps[view.open];
	if (command === 'open' && step && view.help === undefined) {
		return {view: {...view, log: {step: step.id}}};
	}

	const openLast = Math.max(0, steps.length - 1);
	return {view: browse(view, command, {...extent, openLast, count: view.runs.length}) ?? view};
}

function pressLog(
	view: EvidenceView,
	{step, typing}: NonNullable<EvidenceView['log']>,
	key: string,
	command: Command | undefined,
): Pressed {
	if (typing) {
		if (command === 'accept') {
			return {view: {...view, log: {step}}, effect: {type: 'search', query: typing.text}};
		}

		const next = command === 'back' ? undefined : edit(typing, key === 'space' ? ' ' : key);
		return {view: {...view, log: next ? {step, typing: next} : {step}}};
	}

	switch (command) {
		case 'back': {
			const {log: _, ...rest} = view;
			return {view: rest};
		}

		case 'search':
			return {view: {...view, log: {step, typing: textEdit('')}}};
		case undefined:
			return {view};
		default:
			return {view, effect: {type: 'log', command}};
	}
}
