import {moved} from './answer.js';
import type {Command} from './keys.js';

/** What a person looks at in a list whose entries can be opened. */
export type Browse = {
	/** The entry under the cursor. */
	readonly at: number;
	/** First visible line of the open entry; absent while none is open. */
	readonly open?: number;
	/** First visible line of the list of keys; absent while it is closed. */
	readonly help?: number;
	/** One sentence about the last key, until the next one. */
	readonly notice?: string;
};

/** How far there is to go. */
export type Extent = {
	/** Entries that are shown. */
	readonly count: number;
	/** Rows of a page. */
	readonly page: number;
	/** Number of the last line the open entry and the list of keys can be scrolled to. */
	readonly openLast: number;
	readonly helpLast: number;
};

/** Moves through the list, opens and closes; undefined when the command means nothing here. */
export function browse<View extends Browse>(
	view: View,
	command: Command | undefined,
	extent: Extent,
): View | undefined {
	const {help, ...withoutHelp} = view;
	const {open, ...closed} = view;
	if (command === undefined) {
		return undefined;
	}

	if (help !== undefined) {
		const to = moved(help, command, extent.page, extent.helpLast);
		return command === 'back' ? (withoutHelp as View) : to === undefined ? undefined : {...view, help: to};
	}

	if (command === 'help') {
		return {...view, help: 0};
	}

	if (open !== undefined) {
		const to = moved(open, command, extent.page, extent.openLast);
		return command === 'back' ? (closed as View) : to === undefined ? undefined : {...view, open: to};
	}

	if (command === 'open') {
		return extent.count > 0 ? {...view, open: 0} : undefined;
	}

	const to = moved(view.at, command, extent.page, Math.max(0, extent.count - 1));
	return to === undefined ? undefined : {...view, at: to};
}
