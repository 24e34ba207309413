import type {AptFile, AptSetup} from '../host/apt-setup.js';
import {t} from '../locales/index.js';
import type {DatabaseKind} from '../omflow/requirement-rules.js';
import type {KitPlatform} from './manifest.js';

/** What the connected side must know of a server to make a kit for it: one text file. No secrets. */
export type KitRequest = {
	readonly schema: 1;
	readonly kind: 'omflow-kit-request';
	readonly program: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	readonly host: string;
	/** Installed version, and the one that is wanted. */
	readonly from: string;
	readonly to: string;
	readonly database: DatabaseKind;
	readonly platform: KitPlatform & {
		/** For example `2.36`. */
		readonly glibc: string;
		/** Other architectures whose packages the host takes. */
		readonly foreign: readonly string[];
	};
	/** Minor version of Python, for example `3.11`. */
	readonly python: string;
	readonly aptPackages: readonly string[];
	/**
	The Python packages to bring, as lines of a requirements file. A remark says what a person should know about a line,
	and about one that begins with `# dropped:` why it cannot be kept.
	*/
	readonly requirements: ReadonlyArray<{readonly line: string; readonly remark?: string}>;
	readonly apt: AptSetup;
	/** dpkg's status, as far as it decides what is missing; see `resolutionStatus`. */
	readonly status: readonly string[];
};

/** What is longer is no request. */
export const longestRequest = 16 * 1024 * 1024;

/** The requirements as the text of a file for pip. */
export function requirementsOf({requirements}: KitRequest): string {
	return `${requirements.map(({line}) => line).join('\n')}\n`;
}

/**
Reads a request. Throws an Error that says what is wrong with it and what to do: it may have been edited by hand, or cut
on its way.
*/
export function readRequest(text: string): KitRequest {
	const again = t('Copy it again from the server, or make it anew there with “omflow-tui kit request”.');
	let value: Partial<KitRequest>;
	try {
		value = JSON.parse(text) as Partial<KitRequest>;
	} catch (error) {
		throw new Error(t('It is no JSON ({message}). {again}', {message: (error as Error).message, again}));
	}

	if (value?.kind !== 'omflow-kit-request') {
		throw new Error(t('It is not the request for a kit. {again}', {again}));
	}

	if (value.schema !== 1) {
		throw new Error(t('It was made by a newer omflow-tui. Use that one here as well.'));
	}

	const problem = problemOf(value);
	if (problem) {
		throw new Error(`${problem} ${again}`);
	}

	return value as KitRequest;
}

function problemOf(value: Partial<KitRequest>): string | undefined {
	const texts = ['program', 'host', 'from', 'to', 'database'] as const;
	const strange = texts.find(name => !isWord(value[name]));
	if (strange) {
		return t('It does not say “{strange}”.', {strange});
	}

	// Both become parts of the name of a file.
	if (!isName(value.host) || ![value.from, value.to].every(version => /^\d+(?:\.\d+){3}\w*$/.test(String(version)))) {
		return t('It does not say for which server, or for which version.');
	}

	if (!/^\d+\.\d+$/.test(String(value.python))) {
		return t('It does not say which Python.');
	}

	const {platform} = value;
	const said = [platform?.id, platform?.version, platform?.codename, platform?.architecture, platform?.glibc];
	if (!said.every(each => typeof each === 'string' && /^[\w.~+-]{0,40}$/.test(each))) {
		return t('It does not say for which system.');
	}

	if (!areAll(platform?.foreign, each => typeof each === 'string' && /^[\w-]+$/.test(each))) {
		return t('It does not say for which system.');
	}

	// They end up as arguments of apt.
	if (!areAll(value.aptPackages, each => typeof each === 'string' && /^[a-z\d][a-z\d+.-]*[a-z\d+]$/.test(each))) {
		return t('It does not say which packages, or names some that cannot be.');
	}

	if (!areAll(value.requirements, each => isLine((each as {line?: unknown})?.line))) {
		return t('It does not say which Python packages.');
	}

	if (!areAll(value.status, isLine)) {
		return t('It does not say what is installed on the server.');
	}

	const {apt} = value;
	const areFiles = [apt?.sources, apt?.preferences].every(files => areAll(files, isFile));
	const areKeys = areAll(apt?.keys, each => {
		const {base64, name, path} = each as AptSetup['keys'][number];
		return isName(name) && typeof base64 === 'string' && (path === undefined || (isLine(path) && path.startsWith('/')));
	});
	return areFiles && areKeys ? undefined : t('It does not say from where packages come.');
}

function areAll(value: unknown, is: (each: unknown) => boolean): boolean {
	return Array.isArray(value) && value.every(is);
}

function isLine(value: unknown): value is string {
	return typeof value === 'string' && !/[\n\r\0]/.test(value);
}

function isWord(value: unknown): boolean {
	return isLine(value) && value !== '' && value.length < 200;
}

/** Becomes the name of a file. */
function isName(value: unknown): value is string {
	return typeof value === 'string' && /^[\w][\w.+-]*$/.test(value);
}

function isFile(value: unknown): boolean {
	const {lines, name} = value as AptFile;
	return isName(name) && areAll(lines, isLine);
}
