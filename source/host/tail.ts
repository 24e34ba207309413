import {type FileHandle, open} from 'node:fs/promises';

/** Longest line that is handed on, in bytes; the rest of a longer one is dropped. */
const longestLine = 64 * 1024;
const chunkSize = 64 * 1024;

export type Following = {
	/** Reads what is left, hands on a last line without its end, and rejects if `onLine` ever threw. */
	stop(): Promise<void>;
};

/**
Follows a file that another program writes, from a byte position on, line by line and without line ends.
It looks every `every` milliseconds, because a program whose output goes to a file never waits for its reader.
The file need not exist yet; when it gets shorter, it is read from its beginning. Memory stays bounded.
*/
export function followLines(
	path: string,
	from: number,
	onLine: (line: string) => void,
	options: {readonly every?: number} = {},
): Following {
	const lines = createLineSplitter(onLine);
	let position = from;
	let stopped = false;
	let wake = () => {};

	const look = async () => {
		const file = await openIfThere(path);
		if (!file) {
			return;
		}

		try {
			if ((await file.stat()).size < position) {
				position = 0;
				lines.forget();
			}

			const chunk = Buffer.allocUnsafe(chunkSize);
			for (;;) {
				const {bytesRead} = await file.read(chunk, 0, chunkSize, position);
				if (bytesRead === 0) {
					return;
				}

				position += bytesRead;
				lines.push(chunk.subarray(0, bytesRead));
			}
		} finally {
			await file.close();
		}
	};

	const following = (async () => {
		while (!stopped) {
			await look();
			if (!stopped) {
				await new Promise<void>(resolve => {
					const timer = setTimeout(resolve, options.every ?? 100);
					wake = () => {
						clearTimeout(timer);
						resolve();
					};
				});
			}
		}

		await look();
		lines.end();
	})();
	// Reported by `stop`; without this a throwing listener would end the whole process before.
	following.catch(() => {});

	return {
		async stop() {
			stopped = true;
			wake();
			await following;
		},
	};
}

/** Cuts bytes into lines; a character split over two chunks stays whole. */
function createLineSplitter(onLine: (line: string) => void) {
	let parts: Buffer[] = [];
	let length = 0;

	const emit = () => {
		const line = Buffer.concat(parts).toString('utf8');
		parts = [];
		length = 0;
		onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
	};

	const keep = (bytes: Buffer) => {
		const rest = bytes.subarray(0, longestLine - length);
		if (rest.length > 0) {
			// A copy: a few kept bytes must not keep the whole chunk in memory.
			parts.push(Buffer.from(rest));
			length += rest.length;
		}
	};

	return {
		push(bytes: Buffer) {
			let start = 0;
			for (let end = bytes.indexOf(10, start); end >= 0; end = bytes.indexOf(10, start)) {
				keep(bytes.subarray(start, end));
				emit();
				start = end + 1;
			}

			keep(bytes.subarray(start));
		},
		forget() {
			parts = [];
			length = 0;
		},
		end() {
			if (length > 0) {
				emit();
			}
		},
	};
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
	try {
		return await open(path, 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return undefined;
		}

		throw error;
	}
}
