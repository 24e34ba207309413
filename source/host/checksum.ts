import {constants, createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {basename} from 'node:path';
import {t} from '../locales/index.js';

const digest = /^[\da-f]{64}$/i;
/** What is longer is no list of checksums. */
const longestList = 64 * 1024;

/**
The SHA-256 that a file must have, in lower case: the one that was given, else the one in `FILE.sha256` beside it.
Undefined when there is neither. Throws an Error that says what to do when a digest is malformed, when `FILE.sha256`
has none or several for this file, or when it says something else than was given.
*/
export async function expectedSha256(file: string, given?: string): Promise<string | undefined> {
	if (given !== undefined && !digest.test(given)) {
		throw new Error(
			t('“{given}” is no SHA-256, which has 64 digits from 0 to f. Copy it again.', {given: given.slice(0, 80)}),
		);
	}

	const wanted = given?.toLowerCase();
	const beside = await sha256Beside(file);
	if (wanted !== undefined && beside !== undefined && wanted !== beside) {
		throw new Error(
			t(
				'The SHA-256 given is {wanted}, but {file}.sha256 says {beside}. Ask the vendor which is right, and remove or correct that file.',
				{wanted: short(wanted), file, beside: short(beside)},
			),
		);
	}

	return wanted ?? beside;
}

/** Throws an Error when a file is not the expected one. Nothing is compared when nothing is expected. */
export function checkSha256(file: string, actual: string, expected: string | undefined): void {
	if (expected !== undefined && expected.toLowerCase() !== actual.toLowerCase()) {
		throw new Error(
			t(
				'{file} has the SHA-256 {actual}, not {expected} as expected. Fetch the patch from the vendor again, and its checksum too.',
				{file, actual: short(actual), expected: short(expected)},
			),
		);
	}
}

/** The SHA-256 of a file as it is now, in lower case. Throws the system's own error when it cannot be read. */
export async function sha256Of(path: string): Promise<string> {
	const {createHash} = await import('node:crypto');
	const hash = createHash('sha256');
	for await (const part of createReadStream(path, {highWaterMark: 256 * 1024})) {
		hash.update(part as Buffer);
	}

	return hash.digest('hex');
}

/** Enough to tell two apart, and to find them in a list. */
function short(sha256: string): string {
	return `${sha256.slice(0, 12)}…${sha256.slice(-4)}`;
}

async function sha256Beside(file: string): Promise<string | undefined> {
	const list = `${file}.sha256`;
	const text = await readList(list);
	if (text === undefined) {
		return undefined;
	}

	const name = basename(file);
	const lines = text.split(/\r?\n/).flatMap(line => readLine(line) ?? []);
	const found = new Set(lines.filter(line => line.name === undefined || line.name === name).map(line => line.sha256));
	const [sha256, ...more] = found;
	if (sha256 === undefined) {
		throw new Error(
			t('{list} has no SHA-256 for {name}. Get the right one from the vendor, or remove that file.', {list, name}),
		);
	}

	if (more.length > 0) {
		throw new Error(
			t('{list} has {size} different SHA-256 for {name}. Keep only the one of this archive in it.', {
				list,
				size: found.size,
				name,
			}),
		);
	}

	return sha256;
}

async function readList(list: string): Promise<string | undefined> {
	try {
		// Not to wait for somebody who would write into a pipe of that name.
		const file = await open(list, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			if (!(await file.stat()).isFile()) {
				throw new Error(t('it is not a file'));
			}

			const {buffer, bytesRead} = await file.read(Buffer.alloc(longestList + 1), 0, longestList + 1, 0);
			if (bytesRead > longestList) {
				throw new Error(t('it has more than {longestList} bytes', {longestList}));
			}

			return buffer.toString('utf8', 0, bytesRead);
		} finally {
			await file.close();
		}
	} catch (error) {
		const {code, message} = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ENAMETOOLONG') {
			return undefined;
		}

		throw new Error(t('{list} cannot be read ({message}). Correct or remove it.', {list, message: code ?? message}));
	}
}

type Line = {readonly sha256: string; readonly name?: string};

/** `HEX`, `HEX  NAME` and `HEX *NAME` as sha256sum prints, `SHA256 (NAME) = HEX` as BSD does; undefined for others. */
function readLine(line: string): Line | undefined {
	const text = line.replace(/^\ufeff/, '').trim();
	const bsd = /^SHA256 ?\((.+)\) ?= ?([\da-f]{64})$/i.exec(text);
	const [sha256, name] = bsd ? [bsd[2], bsd[1]] : (/^([\da-f]{64})(?:\s+\*?(.+))?$/i.exec(text)?.slice(1) ?? []);
	return sha256 === undefined
		? undefined
		: {sha256: sha256.toLowerCase(), ...(name === undefined ? {} : {name: basename(name)})};
}
