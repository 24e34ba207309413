import {open, stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import {versionFromName} from '../host/archive.js';
import {releases} from '../omflow/releases.js';
import {parseVersion} from '../omflow/version.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';

/**
The absolute path of a patch archive that is there, can be read and begins like one. Refuses otherwise, before
anything is made for a run that could only fail. What is inside is looked at by the run.
*/
export async function readablePatch(path: string): Promise<string> {
	const absolute = resolve(path);
	const found = await stat(absolute).catch(() => undefined);
	if (!found) {
		throw new Refusal(`There is no file ${absolute}. Give the path of the vendor's patch archive with --patch.`);
	}

	if (!found.isFile()) {
		throw new Refusal(`${absolute} is not a file. Give the vendor's archive itself, not the unpacked folder.`);
	}

	const start = await firstBytes(absolute);
	if (start.length === 0) {
		throw new Refusal(`${absolute} is empty. ${again}`, exitStatus.blocked);
	}

	if (start[0] !== 0x1f || start[1] !== 0x8b) {
		const isPage = /^\s*<(?:!doctype|html)/i.test(start.toString('latin1'));
		throw new Refusal(
			`${absolute} is not a gzip archive${isPage ? ' but a web page, perhaps one that asks for a login' : ''}. ${again}`,
			exitStatus.blocked,
		);
	}

	return absolute;
}

const again = 'Fetch the patch from the vendor again and compare its checksum.';

async function firstBytes(path: string): Promise<Buffer> {
	try {
		const file = await open(path, 'r');
		try {
			const {buffer, bytesRead} = await file.read(Buffer.alloc(64), 0, 64, 0);
			return buffer.subarray(0, bytesRead);
		} finally {
			await file.close();
		}
	} catch (error) {
		const {code} = error as NodeJS.ErrnoException;
		throw new Refusal(
			`${path} cannot be read (${code}). Check the rights of the file, and the disk it lies on.`,
			exitStatus.usage,
		);
	}
}

/**
The version a run leads to: as asked for, else as the archive's name says. Refuses when neither tells, and a
version to which no way is known. The vendor's own archive for 1.2.0.0 was once named after 1.1.6.4.
*/
export function wantedVersion(asked: string | undefined, patch: string): string {
	const wanted = asked === undefined ? versionFromName(basename(patch)) : numbersOf(asked);
	const known = releases.flatMap(({needs, version}) => (needs ? [version] : []));
	if (!wanted) {
		throw new Refusal(
			`The name ${basename(patch)} does not say which version it brings. Name it yourself, for example --to ${known[0]}.`,
		);
	}

	if (!known.includes(wanted)) {
		throw new Refusal(
			`The way to ${wanted} is not known here, only to ${known.join(', ')}. ` +
				`If this archive brings another version than its name says, name it with --to.`,
			exitStatus.blocked,
		);
	}

	return wanted;
}

function numbersOf(asked: string): string {
	try {
		return parseVersion(asked).text;
	} catch {
		throw new Refusal(`--to wants a version such as 1.2.0.0, not “${asked}”.`);
	}
}
