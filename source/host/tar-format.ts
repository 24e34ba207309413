/** tar counts in blocks of this size. */
export const block = 512;

export type Header = {
	/** One letter or digit; NUL in old archives. */
	readonly type: string;
	readonly size: number;
	/** As far as it fits into the header: up to 100 bytes, one character each. */
	readonly name: string;
};

/** What a header block says. Undefined when it is none. */
export function readHeader(bytes: Buffer): Header | undefined {
	const size = sizeIn(bytes);
	if (size === undefined || !isChecksumRight(bytes)) {
		return undefined;
	}

	return {type: bytes.toString('latin1', 156, 157), size, name: untilNull(bytes.toString('latin1', 0, 100))};
}

/** Names end at the first NUL. */
export function untilNull(text: string): string {
	return text.replace(/\0.*$/s, '');
}

/** A stream of buffers, read in amounts of one's own choice. */
export class Bytes {
	readonly #parts: AsyncIterator<Buffer>;
	#rest: Buffer = Buffer.alloc(0);
	position = 0;

	constructor(parts: AsyncIterable<Buffer>) {
		this.#parts = parts[Symbol.asyncIterator]();
	}

	/** As many bytes as there happen to be, at most `most`; undefined at the end. */
	async next(most = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
		while (this.#rest.length === 0) {
			const {value, done} = await this.#parts.next();
			if (done) {
				return undefined;
			}

			this.#rest = value;
		}

		const part = this.#rest.subarray(0, Math.min(most, this.#rest.length));
		this.#rest = this.#rest.subarray(part.length);
		this.position += part.length;
		return part;
	}

	/** Undefined when the stream ends before. */
	async take(count: number): Promise<Buffer | undefined> {
		const parts: Buffer[] = [];
		return (await this.#read(count, part => parts.push(part))) ? Buffer.concat(parts) : undefined;
	}

	/** Whether there was so much. */
	async skip(count: number): Promise<boolean> {
		return this.#read(count, () => {});
	}

	async #read(count: number, onPart: (part: Buffer) => void): Promise<boolean> {
		for (let missing = count; missing > 0; ) {
			const part = await this.next(missing);
			if (!part) {
				return false;
			}

			onPart(part);
			missing -= part.length;
		}

		return true;
	}
}

/** Octal digits as POSIX has it, or GNU's big-endian binary number behind a first byte of 0x80. */
function sizeIn(header: Buffer): number | undefined {
	const field = header.subarray(124, 136);
	if (field[0] === 0x80) {
		return Number(`0x${field.toString('hex', 1)}`);
	}

	const digits = /^ *([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1];
	return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

function isChecksumRight(header: Buffer): boolean {
	const digits = /^ *([0-7]+)[ \0]*$/.exec(header.toString('latin1', 148, 156))?.[1] ?? '';
	const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
	return Number.parseInt(digits, 8) === sum;
}

/** PAX records: `LENGTH KEY=VALUE` and a line feed, where LENGTH counts itself. Undefined when they are not. */
export function readRecords(data: Buffer): Array<[key: string, value: string]> | undefined {
	const records: Array<[string, string]> = [];
	for (let at = 0; at < data.length; ) {
		const digits = /^(\d{1,8}) /.exec(data.toString('latin1', at, at + 9))?.[1] ?? '0';
		const record = data.toString('latin1', at + digits.length + 1, at + Number(digits));
		const match = /^([^=]+)=(.*)\n$/s.exec(record);
		if (!match || at + Number(digits) > data.length) {
			return undefined;
		}

		records.push([match[1] ?? '', match[2] ?? '']);
		at += Number(digits);
	}

	return records;
}
