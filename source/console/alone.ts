import {width} from './lines.js';
import type {TerminalInput} from './stdin.js';
import type {Screen} from './stdout.js';

const ENTER = '\u001B[?1049h';
const LEAVE = '\u001B[?1049l';
const CLEAR = '\u001B[2J\u001B[H';

/**
Shows lines as they are, without a frame or a margin, so that what the terminal selects is the lines. Long ones are left
to the terminal, which then knows that their rows belong together. Any key shows what did not fit, and ends it at last.
The terminal must be free.
*/
export async function showAlone(lines: readonly string[], input: TerminalInput, screen: Screen): Promise<void> {
	screen.write(ENTER);
	try {
		let rest = lines;
		do {
			const count = fitting(rest, screen);
			screen.write(CLEAR + rest.slice(0, count).join('\r\n'));
			rest = rest.slice(count);
			if (!(await aKey(input, screen))) {
				return;
			}
		} while (rest.length > 0);
	} finally {
		screen.write(LEAVE);
	}
}

/** How many of the lines there is room for; one at least, since a line longer than the screen is never whole. */
function fitting(lines: readonly string[], {columns, rows}: Pick<Screen, 'columns' | 'rows'>): number {
	let used = 0;
	const end = lines.findIndex(line => {
		used += Math.max(1, Math.ceil(width(line) / columns));
		return used > rows;
	});
	return end === -1 ? lines.length : Math.max(1, end);
}

/** Waits for a key; false when the terminal went away. */
async function aKey(input: TerminalInput, screen: Screen): Promise<boolean> {
	return new Promise(resolve => {
		const end = (isKey: boolean) => {
			input.off('data', pressed);
			input.off('end', gone);
			input.off('error', gone);
			screen.off('lost', gone);
			input.pause();
			setRawMode(input, false);
			resolve(isKey);
		};
		const pressed = () => end(true);
		const gone = () => end(false);
		input.on('data', pressed);
		input.on('end', gone);
		input.on('error', gone);
		screen.on('lost', gone);
		setRawMode(input, true);
		input.resume();
	});
}

/** A terminal that went away has no mode. */
function setRawMode(input: TerminalInput, mode: boolean): void {
	try {
		input.setRawMode?.(mode);
	} catch {}
}
