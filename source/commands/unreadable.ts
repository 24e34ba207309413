import type {UnreadableFile} from '../engine/kept-file.js';
import {t} from '../locales/index.js';

/** A run that may not be over, and that nobody can go on with, because of this file. */
export type UnreadableRun = {readonly id: string; readonly directory: string; readonly file: UnreadableFile};

/** What is wrong with such a run, and what a person can do. */
export function describeUnreadable({directory, file, id}: UnreadableRun): {sentence: string; remedy: string} {
	return {
		sentence: t('The run {id} may not be over, and cannot be gone on with: {path} {why}.', {
			id,
			path: file.path,
			why: file.why,
		}),
		remedy: file.isNewer
			? t('Use that one, or a newer one.')
			: t(
					'Put the file back if you have a copy of it. Else bring OMFLOW to a state that you know, with what the run has left in {directory}, then start omflow-tui in a terminal and close the run.',
					{directory},
				),
	};
}
