import type {Key} from 'ink';
import {graphemes} from './lines.js';

const named: Readonly<Record<string, string>> = {
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pageup: 'PgUp',
	pagedown: 'PgDn',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	esc: 'Esc',
	tab: 'Tab',
	space: 'Space',
};

/** A key as people write it: `Ctrl-L`, `PgUp`, `j`. */
export function keyLabel(key: string, ascii = false): string {
	if (key.startsWith('ctrl-')) {
		return `Ctrl-${key.slice(5).toUpperCase()}`;
	}

	return ascii && ['up', 'down', 'left', 'right'].includes(key)
		? `${key[0]?.toUpperCase()}${key.slice(1)}`
		: (named[key] ?? key);
}

/**
Names of the keys in one input event. Ink gives characters that arrived together as one string; each of
them is a key of its own here.
*/
export function keyNames(input: string, key: Key): string[] {
	const special = specialName(key);
	if (special !== undefined) {
		return [special];
	}

	if (key.ctrl && input.length === 1) {
		return [`ctrl-${input}`];
	}

	return graphemes(input).flatMap(characterName);
}

function specialName(key: Key): string | undefined {
	if (key.upArrow) {
		return 'up';
	}

	if (key.downArrow) {
		return 'down';
	}

	if (key.leftArrow) {
		return 'left';
	}

	if (key.rightArrow) {
		return 'right';
	}

	if (key.pageUp) {
		return 'pageup';
	}

	if (key.pageDown) {
		return 'pagedown';
	}

	if (key.home) {
		return 'home';
	}

	if (key.end) {
		return 'end';
	}

	if (key.return) {
		return 'enter';
	}

	if (key.escape) {
		return 'esc';
	}

	if (key.tab) {
		return key.shift ? 'shift-tab' : 'tab';
	}

	if (key.backspace) {
		return 'backspace';
	}

	return key.delete ? 'delete' : undefined;
}

function characterName(character: string): string[] {
	switch (character) {
		case '\r\n':
		case '\r':
		case '\n':
			return ['enter'];
		case '\t':
			return ['tab'];
		case '\u001B':
			return ['esc'];
		case '\u007F':
		case '\b':
			return ['backspace'];
		case ' ':
			return ['space'];
		default: {
			const code = character.charCodeAt(0);
			return code < 32 ? [`ctrl-${String.fromCharCode(code + 96)}`] : [character];
		}
	}
}
