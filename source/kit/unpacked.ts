import type {FileHandle} from 'node:fs/promises';
import {PassThrough} from 'node:stream';
import {createGunzip, createZstdDecompress} from 'node:zlib';

/** So much is on its way at most. What is on its way when it breaks off would else be lost with it. */
const readAhead = 1024 ** 2;

/** What a compressed file unpacks to, up to where it breaks off. */
export type Unpacked = {
	/** Ends where nothing more can be unpacked, for whatever reason; never fails. */
	readonly content: PassThrough;
	/** Why it ended early. What lies behind the end of a whole one is such a reason too. */
	failure(): Error | undefined;
	/** Lets go of the file, which stays open. */
	end(): void;
};

/**
Unpacks a file that is compressed by zstd or gzip, which its first bytes tell and not its name. Undefined when it is
neither. Gives everything before a place that is damaged, so that what is damaged can be named.
*/
export async function unpackedFrom(file: FileHandle): Promise<Unpacked | undefined> {
	const {buffer, bytesRead} = await file.read(Buffer.alloc(4), 0, 4, 0);
	const decompress = decompressorFor(buffer.subarray(0, bytesRead));
	if (!decompress) {
		return undefined;
	}

	let failure: Error | undefined;
	const source = file.createReadStream({start: 0, autoClose: false});
	const content = new PassThrough({highWaterMark: readAhead});
	for (const stream of [source, decompress]) {
		// Listens to the end: bytes behind the end of what is compressed fail when everything has been read.
		stream.on('error', error => {
			failure ??= error;
			content.end();
		});
	}

	source.pipe(decompress).pipe(content);
	return {
		content,
		failure: () => failure,
		end() {
			source.destroy();
			decompress.destroy();
			content.destroy();
		},
	};
}

/** RFC 1952, section 2.3.1, and RFC 8878, section 3.1.1. */
function decompressorFor(start: Buffer) {
	if (start[0] === 0x1f && start[1] === 0x8b) {
		return createGunzip();
	}

	return start.length === 4 && start.readUInt32LE(0) === 0xfd2fb528 ? createZstdDecompress() : undefined;
}
