import {createHash} from 'node:crypto';
import {t} from '../locales/index.js';
import {compareVersions, parseVersion} from '../omflow/version.js';

/**
What is in a kit, as `manifest.json` in it says: the first file of the archive, and what a signature is about. Paths
are relative to the kit, with one folder at most: `debs/`, `wheels/`, `patches/`, or none.
*/
export type KitManifest = {
	readonly schema: 1;
	readonly kind: 'omflow-kit';
	/** Version of omflow-tui that made it. */
	readonly program: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	/** What it was made for; absent in a kit made of folders. */
	readonly request?: {readonly sha256: string; readonly host: string; readonly createdAt: number};
	readonly from: string;
	readonly to: string;
	readonly platform: KitPlatform;
	/** Minor version of Python, for example `3.11`. */
	readonly python: string;
	/** Names of the packages that are to be installed by apt; what they need is in the kit as well. */
	readonly aptPackages: readonly string[];
	/** Python packages that the host has to build, since the kit has no wheel of them. */
	readonly toBuild: readonly string[];
	readonly files: readonly KitFile[];
};

/** For which hosts the packages of a kit are. */
export type KitPlatform = {
	/** `debian`, `ubuntu` …, as in os-release. */
	readonly id: string;
	/** For example `12` or `22.04`. */
	readonly version: string;
	/** For example `bookworm`. */
	readonly codename: string;
	/** As dpkg names it, for example `amd64`. */
	readonly architecture: string;
};

export type KitFile = {
	readonly path: string;
	readonly bytes: number;
	/** 64 hexadecimal digits. */
	readonly sha256: string;
	/** Where it comes from: an address without user and password, or words such as `built for this kit`. */
	readonly origin: string;
	readonly licence?: string;
};

/** Names of what every kit has besides its packages. */
export const kitFiles = {
	manifest: 'manifest.json',
	/** SHA-256 of the manifest, as sha256sum writes it; the last file of an archive. */
	digest: 'manifest.json.sha256',
	/** Made by `ssh-keygen -Y sign`, over the bytes of the manifest. */
	signature: 'manifest.json.sig',
	/** Index of `debs/`, as apt reads it. */
	packages: 'debs/Packages',
	/** What pip is asked for. */
	requirements: 'requirements.txt',
	/** Every package that this leads to, `name==version` each. */
	lock: 'lock.txt',
} as const;

/** Text of the file with the digest of a manifest. */
export function digestOf(manifest: string | Uint8Array): string {
	return `${createHash('sha256').update(manifest).digest('hex')}  ${kitFiles.manifest}\n`;
}

/** What is longer is no manifest. */
export const longestManifest = 8 * 1024 * 1024;

const pathPattern = /^(?:(?:debs|wheels|patches)\/)?[A-Za-z\d_][\w.+~%:-]*$/;

/** Whether a file of a kit can have this path. */
export function isKitPath(path: string): boolean {
	return pathPattern.test(path) && !path.endsWith('.unfinished') && !isReserved(path);
}

/** A kit of a form that this program does not know yet: it may well be whole. */
export class NewerKit extends Error {
	override readonly name = 'NewerKit';
}

/**
Reads a manifest. Throws an Error that says what is wrong with it, and of which file where it is about one: what comes
from another machine may be anything.
*/
export function readManifest(text: string): KitManifest {
	const value = parse(text);
	if (value.kind !== 'omflow-kit') {
		throw new Error(t('its manifest is not that of a kit'));
	}

	if (value.schema !== 1) {
		throw new NewerKit(t('it was made by a newer omflow-tui; use that one here as well'));
	}

	const manifest = value as KitManifest;
	const {aptPackages, files, from, platform, python, to, toBuild} = manifest;
	if (
		![from, to].every(isVersion) ||
		typeof python !== 'string' ||
		!/^\d+\.\d+$/.test(python) ||
		!isPlatform(platform) ||
		!areNames(aptPackages, /^[a-z\d][a-z\d+.-]*[a-z\d+]$/) ||
		!areNames(toBuild, /^[A-Za-z\d][\w.-]*$/) ||
		!Array.isArray(files)
	) {
		throw new Error(t('its manifest lacks something, or has it in another form'));
	}

	checkFiles(files);
	return manifest;
}

function checkFiles(files: readonly Partial<KitFile>[]): void {
	const seen = new Set<string>();
	for (const {bytes, origin, path, sha256} of files) {
		if (typeof path !== 'string' || !isKitPath(path)) {
			throw new Error(
				t('its manifest names the file {slice}, which no kit has', {slice: JSON.stringify(path)?.slice(0, 80)}),
			);
		}

		if (seen.has(path)) {
			throw new Error(t('its manifest names {path} twice', {path}));
		}

		seen.add(path);
		if (typeof sha256 !== 'string' || !/^[\da-f]{64}$/.test(sha256)) {
			throw new Error(t('its manifest has no SHA-256 of {path}', {path}));
		}

		if (!Number.isSafeInteger(bytes) || (bytes ?? -1) < 0 || typeof origin !== 'string') {
			throw new Error(t('its manifest has no size or no origin of {path}', {path}));
		}
	}

	const lacking = [kitFiles.packages, kitFiles.requirements, kitFiles.lock].find(path => !seen.has(path));
	if (lacking) {
		throw new Error(t('its manifest lacks {lacking}', {lacking}));
	}
}

function isReserved(path: string): boolean {
	return path === kitFiles.manifest || path === kitFiles.digest || path === kitFiles.signature;
}

function parse(text: string): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Error(t('its manifest is no JSON'));
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new Error(t('its manifest is not that of a kit'));
	}

	return value as Record<string, unknown>;
}

function isVersion(value: unknown): boolean {
	try {
		return typeof value === 'string' && compareVersions(parseVersion(value), parseVersion(value)) === 0;
	} catch {
		return false;
	}
}

function isPlatform(value: unknown): value is KitPlatform {
	const names = ['id', 'version', 'codename', 'architecture'] as const;
	return (
		typeof value === 'object' &&
		value !== null &&
		names.every(name => /^[\w.~+-]{0,40}$/.test(String((value as Record<string, unknown>)[name] ?? '\n')))
	);
}

/** Names that end up as arguments of apt. */
function areNames(value: unknown, pattern: RegExp): boolean {
	return Array.isArray(value) && value.every(name => typeof name === 'string' && pattern.test(name));
}
