import {createReadStream} from 'node:fs';
import {stat} from 'node:fs/promises';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {t} from '../locales/index.js';
import {ArchiveRefused, quoted} from './archive-refused.js';
import {Bytes, block, type Header, readHeader, readRecords, untilNull} from './tar-format.js';

export type ArchiveLimits = {
	/** Unpacked bytes of all files together. The vendor's patches are below 200 MB. */
	readonly expandedBytes: number;
	/** Unpacked bytes to one byte of the archive. gzip cannot do more than about 1,030; real patches stay below 20. */
	readonly ratio: number;
	readonly members: number;
};

export const defaultLimits: ArchiveLimits = {expandedBytes: 4 * 1024 ** 3, ratio: 200, members: 100_000};

/** Below this size the ratio says nothing: a few kilobytes of zeros pack very well. */
const ratioMattersFrom = 64 * 1024 ** 2;

/** An archive ends with two blocks of zeros. */
const endMark = 2 * block;
/** Zeros that may follow the end: tar fills up to a record of its own, 10 KiB unless told otherwise. */
const mostPadding = 16 * 1024 ** 2;
/** Of all long names and PAX records together, which tar keeps in memory and prints. */
const mostExtensions = 8 * 1024 ** 2;

const fileTypes = '0\0';
/** Hard link, link, two devices, directory, pipe: the listing tells them apart. None may have data. */
const otherTypes = '123456';
/** PAX records for one member and for all, long name, long link target. */
const extensionTypes = 'xgLK';

export type Scan = {readonly members: number; readonly expandedBytes: number};

/**
Walks through a whole archive from header to header, in bounded memory and time, before tar sees it. It proves
that gzip's checksum fits, and that there is nothing which a listing would not show or an unpacking would read
differently: data behind the end, data behind a link (tar passes over it when listing and takes it for members
when unpacking), sizes that a record changes, sparse files. Throws `ArchiveRefused`.
The formats are POSIX ustar and pax (IEEE 1003.1, pax), and GNU tar's manual, “Basic Tar Format”.
*/
export async function scanArchive(file: string, limits: ArchiveLimits): Promise<Scan> {
	let size: number;
	let scan: Scan;
	const gunzip = createGunzip({chunkSize: 256 * 1024});
	try {
		const found = await stat(file);
		if (!found.isFile()) {
			throw new ArchiveRefused(file, t('it is not a file'));
		}

		size = found.size;
		const most = Math.min(limits.expandedBytes, Math.max(size * limits.ratio, ratioMattersFrom));
		scan = await pipeline(createReadStream(file), gunzip, parts =>
			new Walk(file, parts as AsyncIterable<Buffer>, {...limits, expandedBytes: most}, size).all(),
		);
	} catch (error) {
		throw error instanceof ArchiveRefused ? error : unreadable(file, (error as Error).message);
	}

	if (gunzip.bytesWritten !== size) {
		throw new ArchiveRefused(
			file,
			t('{bytesWritten} bytes lie behind its end', {bytesWritten: size - gunzip.bytesWritten}),
		);
	}

	return scan;
}

function unreadable(file: string, why: string): ArchiveRefused {
	return new ArchiveRefused(file, t('tar cannot read it to its end ({why})', {why}));
}

/** Names are bytes, one character each. */
type Pending = {types: string; name?: string; size?: string};

function shown(bytes: string): string {
	return quoted(Buffer.from(bytes, 'latin1').toString('utf8'));
}

class Walk {
	readonly #bytes: Bytes;
	#members = 0;
	#expandedBytes = 0;
	#extensionBytes = 0;
	/** What the headers before a member say about it. */
	#pending: Pending = {types: ''};

	constructor(
		private readonly file: string,
		parts: AsyncIterable<Buffer>,
		private readonly limits: ArchiveLimits,
		private readonly packedBytes: number,
	) {
		this.#bytes = new Bytes(parts);
	}

	async all(): Promise<Scan> {
		for (;;) {
			const at = this.#bytes.position;
			const bytes = await this.#bytes.take(block);
			if (!bytes) {
				throw unreadable(this.file, t('its end is missing'));
			}

			if (bytes.every(byte => byte === 0)) {
				await this.#end();
				return {members: this.#members, expandedBytes: this.#expandedBytes};
			}

			const header = readHeader(bytes);
			if (!header) {
				throw unreadable(this.file, t('there is no member at byte {at}', {at}));
			}

			await (extensionTypes.includes(header.type) ? this.#extension(header) : this.#member(header));
		}
	}

	async #member({type, size, name: short}: Header): Promise<void> {
		const name = this.#pending.name ?? short;
		const named = shown(name);
		if (!fileTypes.includes(type) && !otherTypes.includes(type)) {
			this.#refuse(t('its member {named} is of a kind that no patch needs (type {type})', {named, type: quoted(type)}));
		}

		// By an old custom, a name with a slash at its end makes a directory of a file.
		if (size > 0 && (!fileTypes.includes(type) || name.endsWith('/'))) {
			this.#refuse(t('its member {named} is no file and yet has data', {named}));
		}

		if (this.#pending.size !== undefined && this.#pending.size !== String(size)) {
			this.#refuse(t('its member {named} has two sizes', {named}));
		}

		this.#pending = {types: ''};
		this.#members++;
		this.#expandedBytes += size;
		if (this.#members > this.limits.members) {
			this.#refuse(t('it has more than {members} members', {members: this.limits.members}));
		}

		if (this.#expandedBytes > this.limits.expandedBytes) {
			this.#refuse(
				t('it would unpack to {expandedBytes} bytes or more from {packedBytes}', {
					expandedBytes: this.#expandedBytes,
					packedBytes: this.packedBytes,
				}),
			);
		}

		await this.#data(size);
	}

	async #extension({type, size, name}: Header): Promise<void> {
		this.#extensionBytes += block + size;
		if (this.#extensionBytes > mostExtensions) {
			this.#refuse(t('its long names and other additions take more than {mostExtensions} bytes', {mostExtensions}));
		}

		if (type !== 'g' && this.#pending.types.includes(type)) {
			this.#refuse(t('one of its members has two headers of type {type}', {type}));
		}

		const data = await this.#data(size, true);
		if (type === 'x' || type === 'g') {
			this.#records(type, data, shown(name));
		} else if (type === 'L') {
			this.#name(untilNull(data.toString('latin1')));
		}

		if (type !== 'g') {
			this.#pending.types += type;
		}
	}

	#records(type: 'x' | 'g', data: Buffer, named: string): void {
		const records = readRecords(data);
		if (!records) {
			throw unreadable(this.file, t('{named} holds no records', {named}));
		}

		const seen = new Set<string>();
		for (const [key, value] of records) {
			const places = key === 'path' || key === 'linkpath' || key === 'size';
			// Those of GNU are about sparse files and archives in several volumes.
			if (key.startsWith('GNU.') || (places && (type === 'g' || seen.has(key) || value.includes('\0')))) {
				this.#refuse(t('it changes {key} in a way that no patch needs', {key: shown(key)}));
			}

			seen.add(key);
			if (key === 'path') {
				this.#name(value);
			} else if (key === 'size') {
				this.#pending.size = value;
			}
		}
	}

	#name(name: string): void {
		if (this.#pending.name !== undefined) {
			this.#refuse(
				t('one of its members has two names, {name} and {other}', {
					name: shown(this.#pending.name),
					other: shown(name),
				}),
			);
		}

		this.#pending.name = name;
	}

	/** A second block of zeros, then nothing else. */
	async #end(): Promise<void> {
		if (this.#pending.types !== '') {
			throw unreadable(this.file, t('its last member is missing'));
		}

		const from = this.#bytes.position - block;
		for (let part = await this.#bytes.next(); part; part = await this.#bytes.next()) {
			if (part.some(byte => byte !== 0)) {
				this.#refuse(t('there is data behind its end, where no listing shows it'));
			}

			if (this.#bytes.position - from > mostPadding) {
				this.#refuse(t('more than {mostPadding} bytes of nothing lie behind its end', {mostPadding}));
			}
		}

		if (this.#bytes.position - from < endMark) {
			throw unreadable(this.file, t('its end is missing'));
		}
	}

	/** What belongs to a header, up to the next block. */
	async #data(size: number, keep = false): Promise<Buffer> {
		const padding = (block - (size % block)) % block;
		const data = keep ? await this.#bytes.take(size) : (await this.#bytes.skip(size)) && Buffer.alloc(0);
		if (!data || !(await this.#bytes.skip(padding))) {
			throw unreadable(this.file, t('it stops within a member'));
		}

		return data;
	}

	#refuse(why: string): never {
		throw new ArchiveRefused(this.file, why);
	}
}
