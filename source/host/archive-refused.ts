import {basename} from 'node:path';
import {t} from '../locales/index.js';

/** What is wrong with an archive that the vendor sent, as far as it can be told, and what to do. */
export class ArchiveRefused extends Error {
	override readonly name = 'ArchiveRefused';

	/** @param why a clause such as `there is no patch.sh in it` */
	constructor(file: string, why: string) {
		super(
			t('{file} is refused: {why}. Fetch the patch from the vendor again and compare its checksum.', {
				file: basename(file),
				why,
			}),
		);
	}
}

/** Controls, what turns the direction of writing, ends of lines, and what stands for bytes that are no UTF-8. */
export const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;

/** A name from an archive for a sentence: in quotes, not too long, and with nothing that acts on a screen. */
export function quoted(name: string): string {
	const short = name.length > 200 ? `${name.slice(0, 200)}…` : name;
	return JSON.stringify(short).replaceAll(
		new RegExp(unshowable, 'gu'),
		character => `\\u{${character.codePointAt(0)?.toString(16)}}`,
	);
}
