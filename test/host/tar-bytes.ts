/** A member as its header is to say it, true or not. */
export type Entry = {
	readonly name: string;
	/** Default: `0`, a file. */
	readonly type?: string;
	readonly mode?: number;
	readonly target?: string;
	readonly data?: string;
	/** Default: as long as the data. */
	readonly size?: number;
};

export const endMark = Buffer.alloc(1024);

/** A header and its data, up to the next block, written by hand as ustar has it. Strings hold one byte a character. */
export function entry({name, type = '0', mode = 0o755, target = '', data = '', size = data.length}: Entry): Buffer {
	const header = Buffer.alloc(512);
	header.write(name.slice(0, 100), 0, 'latin1');
	header.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`, 100);
	header.write(`        ${type}`, 148, 'latin1');
	header.write(target.slice(0, 100), 157, 'latin1');
	header.write('ustar\x0000', 257, 'latin1');
	const sum = header.reduce((total, byte) => total + byte, 0);
	header.write(`${octal(sum, 6)}\0 `, 148);
	const padding = Buffer.alloc((512 - (data.length % 512)) % 512);
	return Buffer.concat([header, Buffer.from(data, 'latin1'), padding]);
}

/** Records that change the next member, or with type `g` all that follow. */
export function records(pairs: ReadonlyArray<readonly [string, string]>, type = 'x'): Buffer {
	return entry({name: 'records', type, data: pairs.map(([key, value]) => record(key, value)).join('')});
}

function record(key: string, value: string): string {
	const rest = ` ${key}=${value}\n`;
	const digits = String(rest.length + String(rest.length).length).length;
	return `${rest.length + digits}${rest}`;
}

function octal(value: number, digits: number): string {
	return value.toString(8).padStart(digits, '0');
}
