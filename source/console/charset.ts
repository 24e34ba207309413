import {isUtf8} from '../locales/locale.js';
import {graphemes, width} from './lines.js';

/** Signs of sentences that have a like in ASCII of the same width. */
const signs: Readonly<Record<string, string>> = {
	'“': '"',
	'”': '"',
	'‘': "'",
	'’': "'",
	'…': '~',
	'–': '-',
	'—': '-',
	'→': '>',
	'×': 'x',
	'·': '.',
	'\u00A0': ' ',
};

/** With `--ascii` where the locale has UTF-8: sentences lose their signs, names and output of others keep their letters. */
export function withoutSigns(text: string): string {
	return changed(text, part => part);
}

/**
For a locale without UTF-8. There a byte above 0x7F is no half of a letter, and some are commands: `”` ends in 0x9D,
which tells an xterm to take all that follows for a title. Everything keeps its width.
*/
export function asciiOnly(text: string): string {
	return changed(text, part => '?'.repeat(width(part)));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is meant
const beyondAscii = /[^\u0000-\u007F]+/g;

function changed(text: string, other: (part: string) => string): string {
	return text.replace(beyondAscii, run =>
		graphemes(run)
			.map(part => signs[part] ?? other(part))
			.join(''),
	);
}

/** Lets a terminal whose locale has no UTF-8 get ASCII, whoever writes to it; a file or another program gets what was said. */
export function sayInAscii(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): void {
	if (stream.isTTY !== true || isUtf8(env)) {
		return;
	}

	const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
	stream.write = (chunk: unknown, ...rest: unknown[]) =>
		write(typeof chunk === 'string' ? asciiOnly(chunk) : chunk, ...rest);
}
