import {lstat, readdir, readFile} from 'node:fs/promises';
import {extname, join} from 'node:path';
import {sha256Of} from '../host/checksum.js';

/** A file of the vendor's that says under which terms the patch may be used. */
export type Terms = {
	readonly name: string;
	/** Of the whole file, also where it is not shown. */
	readonly sha256: string;
	readonly bytes: number;
	/** Its lines, each ended by `\n` alone; absent when there is no room to show it. */
	readonly text?: string;
};

const names = ['LICENCE', 'LICENSE', 'EULA', 'TERMS', 'COPYING', '授權', '使用條款', '利用規約', '使用許諾'];
/** `LICENSE-2.0` has none. */
const ending = /^\.[a-z]/;
const endings: ReadonlySet<string> = new Set(['.txt', '.md']);

/** As JSON, since that is how it gets to a console: a question has to fit into one event, with room for the rest of it. */
const mostShown = 160 * 1024;

/** Terms are read in a moment; who sends a thousand files of that name wants something else. */
const mostFiles = 100;

/**
The vendor's terms at the top of these folders, each of which lies where nobody else can change it: what is beside
patch.sh and what is above it. Only files, no links. What has no room in a question is named without its text.
*/
export async function findTerms(folders: readonly string[]): Promise<Terms[]> {
	const found: Terms[] = [];
	let room = mostShown;
	for (const folder of new Set(folders)) {
		for (const name of (await readdir(folder)).filter(isTerms).sort()) {
			const path = join(folder, name);
			const stat = await lstat(path);
			if (!stat.isFile() || found.length === mostFiles) {
				continue;
			}

			const text = stat.size > room ? undefined : legible(await readFile(path));
			const size = text === undefined ? Infinity : Buffer.byteLength(JSON.stringify(text));
			const isShown = text !== undefined && size <= room;
			room -= isShown ? size : 0;
			found.push({name, sha256: await sha256Of(path), bytes: stat.size, ...(isShown ? {text} : {})});
		}
	}

	return found;
}

/** Whether a file of that name holds terms: a text, by its ending or by having none. */
export function isTerms(name: string): boolean {
	const end = extname(name).toLowerCase();
	const upper = name.normalize('NFC').toUpperCase();
	return names.some(each => upper.startsWith(each)) && (endings.has(end) || !ending.test(end));
}

/** Bytes as text: what says itself what it is, else UTF-8, else Big5 or Shift_JIS. Control characters are made visible. */
export function legible(bytes: Uint8Array): string {
	return decoded(bytes)
		.replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
		.replaceAll(/[^\P{Cc}\n\t]/gu, '\ufffd');
}

function decoded(bytes: Uint8Array): string {
	const [first, second] = bytes;
	if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
		return new TextDecoder(first === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
	}

	return (
		strictly('utf-8', bytes) ??
		closest(strictly('shift_jis', bytes), strictly('big5', bytes)) ??
		new TextDecoder().decode(bytes)
	);
}

function strictly(encoding: string, bytes: Uint8Array): string | undefined {
	try {
		return new TextDecoder(encoding, {fatal: true}).decode(bytes);
	} catch {
		return undefined;
	}
}

/** Many bytes are text in both; no Japanese text is without hiragana, and none has many katakana of half the width. */
function closest(japanese: string | undefined, chinese: string | undefined): string | undefined {
	if (japanese === undefined || chinese === undefined) {
		return japanese ?? chinese;
	}

	const count = (pattern: RegExp) => japanese.match(pattern)?.length ?? 0;
	return count(/\p{Script=Hiragana}/gu) > count(/[\uff61-\uff9f]/g) ? japanese : chinese;
}
