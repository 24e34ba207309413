import {t} from '../locales/index.js';
import type {Arguments} from './usage.js';

/** Whether there is a person at a terminal that a screen can be drawn on. */
export function wantsConsole(given: Pick<Arguments, 'yes' | 'json'>): boolean {
	return !given.yes && !given.json && isTerminal() && !isDumb();
}

/** Said before lines are printed to a person who could have a screen; undefined where nobody could. */
export function adviceAboutTerminal(given: Pick<Arguments, 'yes' | 'json'>): string | undefined {
	if (given.yes || given.json || !isTerminal() || !isDumb()) {
		return undefined;
	}

	const {TERM} = process.env;
	return TERM
		? t('This terminal can show lines only (TERM={term}). For the screen, start omflow-tui in another one.', {
				term: TERM,
			})
		: t('This terminal does not say what it can (TERM is not set). For the screen: TERM=xterm omflow-tui');
}

function isTerminal(): boolean {
	return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Without a name nothing is known of it, and a terminal called dumb cannot move its cursor. */
function isDumb(): boolean {
	const {TERM} = process.env;
	return TERM === undefined || TERM === '' || TERM === 'dumb';
}
