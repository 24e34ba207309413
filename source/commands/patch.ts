import {constants} from 'node:fs';
import {access, stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import {versionFromName} from '../host/archive.js';
import {releases} from '../omflow/releases.js';
import {parseVersion} from '../omflow/version.js';
import {exitStatus} from './plain.js';
import {Refusal} from './refusal.js';

/** The absolute path of a patch archive that is there and can be read. Refuses otherwise. */
export async function readablePatch(path: string): Promise<string> {
	const absolute = resolve(path);
	try {
		await access(absolute, constants.R_OK);
	} catch {
		throw new Refusal(
			`There is no readable file ${absolute}. Give the path of the vendor's patch archive with --patch.`,
		);
	}

	if (!(await stat(absolute)).isFile()) {
		throw new Refusal(`${absolute} is not a file. Give the vendor's archive itself, not the unpacked folder.`);
	}

	return absolute;
}

/**
The version a run leads to: as asked for, else as the archive's name says. Refuses when neither tells, and a
version to which no way is known. The vendor's own archive for 1.2.0.0 was once named after 1.1.6.4.
*/
export function wantedVersion(asked: string | undefined, patch: string): string {
	const wanted = asked === undefined ? versionFromName(basename(patch)) : numbersOf(asked);
	const known = releases.map(({version}) => version);
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
