import {constants} from 'node:fs';
import {access, stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import {versionFromName} from '../host/archive.js';
import {parseVersion} from '../omflow/version.js';
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

/** The version a run leads to: as asked for, else as the archive's name says. Refuses when neither tells. */
export function wantedVersion(asked: string | undefined, patch: string): string {
	if (asked !== undefined) {
		try {
			return parseVersion(asked).text;
		} catch {
			throw new Refusal(`--to wants a version such as 1.2.0.0, not “${asked}”.`);
		}
	}

	const named = versionFromName(basename(patch));
	if (!named) {
		throw new Refusal(
			`The name ${basename(patch)} does not say which version it brings. Name it yourself with --to, for example --to 1.2.0.0.`,
		);
	}

	return named;
}
