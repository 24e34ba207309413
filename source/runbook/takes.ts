import type {Dump} from '../omflow/dump.js';
import {recorded, type StepContext} from './facts.js';

/** Its contents are known by then, so that most of it is only looked at: measured 2.6 s after 4.8 s for 8028 files. */
const finalShare = 0.55;

/** How long the copy in the window takes by the first one; in milliseconds. Undefined before that. */
export function finalCopyTakes({recall}: Pick<StepContext, 'recall'>): number | undefined {
	const files = recall<number>(recorded.firstCopy);
	return files === undefined ? undefined : files * finalShare + dumpsTook(recall);
}

/** How long all of a backup takes to put somewhere, by the first copy of what is there now; in milliseconds. */
export function wholeCopyTakes({recall}: Pick<StepContext, 'recall'>): number | undefined {
	const files = recall<number>(recorded.firstCopy);
	return files === undefined ? undefined : files + dumpsTook(recall);
}

function dumpsTook(recall: StepContext['recall']): number {
	const dumps = recall<readonly Dump[]>(recorded.firstDumps) ?? [];
	return dumps.reduce((sum, {milliseconds}) => sum + milliseconds, 0);
}
