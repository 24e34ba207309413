import {open, stat} from 'node:fs/promises';
import {resolve} from 'node:path';
import {mark, t} from '../locales/index.js';
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
		throw new Refusal(
			t("There is no file {absolute}. Give the path of the vendor's patch archive with --patch.", {absolute}),
		);
	}

	if (!found.isFile()) {
		throw new Refusal(
			t("{absolute} is neither a file nor a folder. Give the vendor's archive, or the folder with the archives.", {
				absolute,
			}),
		);
	}

	const start = await firstBytes(absolute);
	if (start.length === 0) {
		throw new Refusal(t('{absolute} is empty. {again}', {absolute, again: t(again)}), exitStatus.blocked);
	}

	if (start[0] !== 0x1f || start[1] !== 0x8b) {
		const isPage = /^\s*<(?:!doctype|html)/i.test(start.toString('latin1'));
		throw new Refusal(
			isPage
				? t('{absolute} is not a gzip archive but a web page, perhaps one that asks for a login. {again}', {
						absolute,
						again: t(again),
					})
				: t('{absolute} is not a gzip archive. {again}', {absolute, again: t(again)}),
			exitStatus.blocked,
		);
	}

	return absolute;
}

const again = mark('Fetch the patch from the vendor again and compare its checksum.');

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
			t('{path} cannot be read ({code}). Check the rights of the file, and the disk it lies on.', {path, code}),
			exitStatus.usage,
		);
	}
}
