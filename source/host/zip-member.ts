import {type FileHandle, open} from 'node:fs/promises';
import {promisify} from 'node:util';
import {crc32, inflateRaw} from 'node:zlib';
import {t} from '../locales/index.js';

/** What is longer is no list of members. */
const longestDirectory = 32 * 1024 * 1024;
const longestMember = 1024 * 1024;
/** Of the record at the end, and of the comment behind it; see section 4.3 of PKWARE's APPNOTE. */
const endBytes = 22;
const longestComment = 0xffff;

type Entry = {
	readonly name: string;
	readonly method: number;
	readonly crc: number;
	readonly packedBytes: number;
	readonly bytes: number;
	/** Of its header in the file. */
	readonly at: number;
};

/**
Text of the one member of a zip file whose name matches. Throws an Error with words that follow the file's name, when it
is no zip, was cut, has none or several of these, or one of more than a MiB. Knows no encryption and no zip64, which only
files of more than 4 GiB or 65535 members need.
*/
export async function zipMember(path: string, wanted: RegExp): Promise<string> {
	const file = await open(path, 'r');
	try {
		const [entry, ...more] = (await entriesOf(file)).filter(({name}) => wanted.test(name));
		if (!entry || more.length > 0) {
			throw new Error(
				entry
					? t('has {more} files like {source}', {more: more.length + 1, source: wanted.source})
					: t('has no files like {source}', {source: wanted.source}),
			);
		}

		return await contentOf(file, entry);
	} finally {
		await file.close();
	}
}

async function entriesOf(file: FileHandle): Promise<Entry[]> {
	const {size} = await file.stat();
	const tailBytes = Math.min(size, endBytes + longestComment);
	const tail = await bytesAt(file, size - tailBytes, tailBytes);
	// From behind, and only where its comment leads to the end of the file, so that none can hide in the comment.
	const isEnd = (at: number) =>
		tail.readUInt32LE(at) === 0x06054b50 && tail.readUInt16LE(at + 20) === tailBytes - at - endBytes;
	let end = tailBytes - endBytes;
	while (end >= 0 && !isEnd(end)) {
		end--;
	}

	if (end < 0) {
		throw new Error(t('is no zip file, or was not copied whole'));
	}

	const [count, length, start] = [
		tail.readUInt16LE(end + 10),
		tail.readUInt32LE(end + 12),
		tail.readUInt32LE(end + 16),
	];
	if (length > longestDirectory || start + length > size - (tailBytes - end)) {
		throw new Error(t('has a list of files that does not fit into it'));
	}

	const directory = await bytesAt(file, start, length);
	const entries: Entry[] = [];
	for (let at = 0; entries.length < count; ) {
		if (at + 46 > length || directory.readUInt32LE(at) !== 0x02014b50) {
			throw new Error(t('has a list of files that breaks off'));
		}

		const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
		entries.push({
			name: directory.toString('utf8', at + 46, nameEnd),
			method: directory.readUInt16LE(at + 10),
			crc: directory.readUInt32LE(at + 16),
			packedBytes: directory.readUInt32LE(at + 20),
			bytes: directory.readUInt32LE(at + 24),
			at: directory.readUInt32LE(at + 42),
		});
		at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
	}

	return entries;
}

async function contentOf(file: FileHandle, {at, bytes, crc, method, name, packedBytes}: Entry): Promise<string> {
	if (bytes > longestMember || packedBytes > longestMember) {
		throw new Error(t('has {name} with more than {longestMember} bytes', {name, longestMember}));
	}

	const header = await bytesAt(file, at, 30);
	if (header.readUInt32LE(0) !== 0x04034b50) {
		throw new Error(t('has no {name} where its list says', {name}));
	}

	const packed = await bytesAt(file, at + 30 + header.readUInt16LE(26) + header.readUInt16LE(28), packedBytes);
	const content =
		method === 0
			? packed
			: method === 8
				? await promisify(inflateRaw)(packed, {maxOutputLength: longestMember}).catch(() => undefined)
				: undefined;
	if (content?.length !== bytes || crc32(content) !== crc) {
		throw new Error(t('has {name} damaged, or packed in an unknown way', {name}));
	}

	return content.toString('utf8');
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
	const {buffer, bytesRead} = await file.read(Buffer.alloc(length), 0, length, position);
	if (bytesRead < length) {
		throw new Error(t('breaks off, or points behind its end'));
	}

	return buffer;
}
