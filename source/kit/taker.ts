import {createHash} from 'node:crypto';
import {mkdir, open} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {unshowable} from '../host/archive-refused.js';
import {freeBytes} from '../host/files.js';
import {t} from '../locales/index.js';
import {
	digestOf,
	type KitFile,
	type KitManifest,
	kitFiles,
	longestManifest,
	NewerKit,
	readManifest,
} from './manifest.js';

/** A kit that is not used: what is wrong with which of its items, and what to do. */
export class KitRefused extends Error {
	override readonly name = 'KitRefused';

	/** Names in a message may come from a kit of anybody: nothing in it acts on a screen. */
	constructor(message: string) {
		super(
			message.replaceAll(new RegExp(unshowable, 'gu'), character => `\\u{${character.codePointAt(0)?.toString(16)}}`),
		);
	}
}

/** Told about bytes that are written or read, and how many there are in all. */
export type OnBytes = (done: number, total: number) => void;

const longestSignature = 64 * 1024;
/** Room that a filesystem must have beyond what is unpacked; what an archive may have beyond what is to be in it. */
const margin = 16 * 1024 ** 2;
/** Headers and filling of a member. */
const perMember = 4096;

/** What is wrong with a kit that came from somewhere. */
export function refusal(source: string, why: string): KitRefused {
	return new KitRefused(
		t('{source} is not the kit that was built: {why}. Copy it again from the machine that built it.', {
			source: basename(source),
			why,
		}),
	);
}

/** Writes the files of a kit as they come, each once, and only what the manifest names. */
export class Taker {
	readonly #left = new Map<string, KitFile>();
	readonly #small = new Set<string>();
	#digest: string | undefined;
	#manifest: KitManifest | undefined;
	#total = 0;
	#done = 0;

	constructor(
		private readonly source: string,
		private readonly directory: string,
		private readonly onBytes: OnBytes,
	) {}

	get manifest(): KitManifest | undefined {
		return this.#manifest;
	}

	/** `size` as whoever brings the file says. */
	async take(path: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
		if (!this.#manifest) {
			await this.#takeManifest(path, size, content);
			return;
		}

		if (path === kitFiles.signature || path === kitFiles.digest) {
			if (size > longestSignature) {
				throw refusal(this.source, t('{path} is larger than it should be', {path}));
			}

			if (this.#small.has(path)) {
				throw refusal(this.source, t('{path} is there twice', {path}));
			}

			this.#small.add(path);
			const found = await this.#write(path, size, content);
			if (path === kitFiles.signature) {
				return;
			}

			if (found !== this.#digest) {
				throw refusal(this.source, t('its manifest has changed since'));
			}

			this.#digest = undefined;
			return;
		}

		const file = this.#left.get(path);
		if (!file) {
			throw refusal(
				this.source,
				t('{slice} is not in its manifest, or there twice', {slice: JSON.stringify(path).slice(0, 100)}),
			);
		}

		if (size !== file.bytes) {
			throw refusal(
				this.source,
				t('{path} has {size} bytes, and {bytes} in its manifest', {path, size, bytes: file.bytes}),
			);
		}

		if ((await this.#write(path, size, content)) !== file.sha256) {
			throw refusal(this.source, t('{path} has another content than its manifest says', {path}));
		}

		this.#left.delete(path);
		this.#done += file.bytes;
		this.onBytes(this.#done, this.#total);
	}

	/** What is still to come; after the end that is what is missing. */
	next(): string | undefined {
		const last = this.#digest === undefined ? undefined : kitFiles.digest;
		return this.#manifest ? (this.#left.keys().next().value ?? last) : kitFiles.manifest;
	}

	/**
	Bytes that an archive of this kit unpacks to at most: before the manifest is known, with the longest one. What it
	names has a header each, with a long name perhaps, and is filled up.
	*/
	most(): number {
		const files = this.#manifest?.files.length ?? 0;
		return longestManifest + 2 * longestSignature + this.#total + files * perMember + margin;
	}

	async #takeManifest(path: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> {
		if (path !== kitFiles.manifest) {
			throw refusal(this.source, t('it does not begin with a manifest'));
		}

		if (size > longestManifest) {
			throw refusal(this.source, t('its manifest is too long'));
		}

		const parts: Uint8Array[] = [];
		for await (const part of exactly(path, size, content)) {
			parts.push(part);
		}

		const text = Buffer.concat(parts);
		let manifest: KitManifest;
		try {
			manifest = readManifest(text.toString('utf8'));
		} catch (error) {
			const {message} = error as Error;
			throw error instanceof NewerKit
				? new KitRefused(t('{source} cannot be used: {message}.', {source: basename(this.source), message}))
				: refusal(this.source, message);
		}

		this.#total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
		const free = await freeBytes(this.directory);
		if (free < this.#total + margin) {
			const [has, wants] = [free, this.#total + margin].map(value => `${(value / 1e6).toFixed(0)} MB`);
			throw new KitRefused(
				t('The filesystem of {directory} has {has} free, and the kit takes {wants}. Make room there.', {
					directory: this.directory,
					has,
					wants,
				}),
			);
		}

		for (const file of manifest.files) {
			this.#left.set(file.path, file);
		}

		await this.#write(path, size, [text]);
		this.#digest = createHash('sha256').update(digestOf(text)).digest('hex');
		this.#manifest = manifest;
	}

	/** Returns the SHA-256 of what was written. Nothing of this goes on when it has thrown. */
	async #write(path: string, size: number, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
		const target = join(this.directory, path);
		await mkdir(dirname(target), {recursive: true, mode: 0o700});
		const hash = createHash('sha256');
		const file = await open(target, 'wx', 0o600);
		try {
			for await (const part of exactly(path, size, content)) {
				hash.update(part);
				await file.writeFile(part);
			}

			await file.sync();
		} finally {
			await file.close();
		}

		return hash.digest('hex');
	}
}

/** So many bytes, no fewer and no more. */
async function* exactly(
	path: string,
	size: number,
	content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
	let bytes = 0;
	for await (const part of content) {
		bytes += part.length;
		if (bytes > size) {
			break;
		}

		yield part;
	}

	if (bytes !== size) {
		throw new Error(
			bytes < size
				? t('{path} has fewer than {size} bytes', {path, size})
				: t('{path} has more than {size} bytes', {path, size}),
		);
	}
}
