import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {gzipSync} from 'node:zlib';
import {command} from './commands.js';

/** What is at a path of the mirror. */
export type Resource = {
	readonly type: string;
	/** Bytes. */
	readonly size: number;
	/** To the second, as HTTP says it. */
	readonly modified: Date;
	/** The bytes from the first position up to, but without, the second. */
	read(from: number, until: number): Readable;
};

type Found = {readonly name: string; readonly sha256: string; readonly resource: Resource};

/**
A flat apt repository of the packages in a folder: paths below `/apt/` and what is there. Which fields apt needs is in
https://wiki.debian.org/DebianRepository/Format.
*/
export async function aptRepository(folder: string): Promise<Map<string, Resource>> {
	const found = await filesIn(folder, /\.deb$/);
	const stanzas: string[] = [];
	for (const {name, sha256, resource} of found) {
		const control = (await command(['dpkg-deb', '--field', join(folder, name)])).trimEnd();
		stanzas.push(`${control}\nFilename: ./${name}\nSize: ${resource.size}\nSHA256: ${sha256}\n`);
	}

	const packages = Buffer.from(stanzas.join('\n'));
	const lists: ReadonlyArray<readonly [name: string, content: Buffer]> = [
		['Packages', packages],
		['Packages.gz', gzipSync(packages)],
	];
	const sums = lists.map(([name, content]) => ` ${sha256Of(content)} ${content.length} ${name}\n`);
	const release = `Origin: OMFLOW test mirror\nDate: ${new Date().toUTCString()}\nSHA256:\n${sums.join('')}`;
	return new Map([
		...found.map(({name, resource}) => [`/apt/${name}`, resource] as const),
		...lists.map(([name, content]) => [`/apt/${name}`, inMemory(content, 'application/octet-stream')] as const),
		['/apt/Release', inMemory(Buffer.from(release), 'text/plain')],
	]);
}

/** A Python index of the wheels and sdists in a folder, as PEP 503 has it: paths, and what is there. */
export async function pythonIndex(folder: string): Promise<Map<string, Resource>> {
	const found = await filesIn(folder, /\.(?:whl|tar\.gz|zip)$/);
	const projects = Map.groupBy(found, ({name}) => projectOf(name));
	return new Map([
		...found.map(({name, resource}) => [`/files/${name}`, resource] as const),
		...[...projects].map(([project, files]) => {
			const links = files.map(({name, sha256}) => link(`/files/${encodeURIComponent(name)}#sha256=${sha256}`, name));
			return [`/simple/${project}/`, page(links)] as const;
		}),
		['/simple/', page([...projects.keys()].map(project => link(`/simple/${project}/`, project)))],
	]);
}

/** The name of a file's project, normalized: a wheel's ends at its first hyphen, that of an sdist at its last. */
function projectOf(file: string): string {
	const name = file.endsWith('.whl') ? file.replace(/-.*$/, '') : file.replace(/-[^-]*$/, '');
	return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

function link(address: string, text: string): string {
	return `<a href="${address}">${text}</a><br>\n`;
}

function page(links: readonly string[]): Resource {
	return inMemory(Buffer.from(`<!DOCTYPE html>\n<html><body>\n${links.join('')}</body></html>\n`), 'text/html');
}

async function filesIn(folder: string, names: RegExp): Promise<Found[]> {
	const found: Found[] = [];
	for (const name of (await readdir(folder)).filter(each => names.test(each)).sort()) {
		const file = join(folder, name);
		const {size, mtimeMs} = await stat(file);
		const hash = createHash('sha256');
		await pipeline(createReadStream(file), hash);
		const resource: Resource = {
			type: 'application/octet-stream',
			size,
			modified: wholeSeconds(mtimeMs),
			// A stream cannot be told to read nothing.
			read: (from, until) => (until > from ? createReadStream(file, {start: from, end: until - 1}) : Readable.from([])),
		};
		found.push({name, sha256: hash.digest('hex'), resource});
	}

	return found;
}

function inMemory(content: Buffer, type: string): Resource {
	return {
		type,
		size: content.length,
		modified: wholeSeconds(Date.now()),
		read: (from, until) => Readable.from(until > from ? [content.subarray(from, until)] : []),
	};
}

function wholeSeconds(milliseconds: number): Date {
	return new Date(Math.floor(milliseconds / 1000) * 1000);
}

function sha256Of(content: Buffer): string {
	return createHash('sha256').update(content).digest('hex');
}
