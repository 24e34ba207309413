import {readdir, readFile, realpath} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {aptEnvironment} from './apt-run.js';
import type {Runner} from './process.js';

/** A text file of apt's, by its name alone. */
export type AptFile = {readonly name: string; readonly lines: readonly string[]};

/** What decides which packages apt would take on a host: enough to ask the same of another one. No secrets. */
export type AptSetup = {
	/** `*.list` and `*.sources`, without comments, and without users and passwords in addresses. */
	readonly sources: readonly AptFile[];
	/** Pins, without comments. */
	readonly preferences: readonly AptFile[];
	/** Public keys by which the sources are trusted. */
	readonly keys: ReadonlyArray<{
		/** Where the sources name it; absent for those that are trusted for all sources. */
		readonly path?: string;
		readonly name: string;
		readonly base64: string;
	}>;
};

/** Reads how apt is set up on this host. Changes nothing. Throws an Error when apt does not say where its files are. */
export async function readAptSetup(runner: Runner): Promise<AptSetup> {
	const at = await aptPlaces(runner);
	const [sources, preferences] = await Promise.all([
		readFiles(at.sourcelist, at.sourceparts, /\.(?:list|sources)$/),
		readFiles(at.preferences, at.preferencesparts, /^[\w.-]+$/),
	]);
	const named = [...new Set(sources.flatMap(({lines}) => lines.flatMap(keysIn)))];
	const isTrustedByAll = sources.some(file => !isSignedBy(file));
	const common = isTrustedByAll ? await keyFiles(at.trusted, at.trustedparts) : [];
	const keys = await Promise.all([
		...named.map(async path => ({path, ...(await readKey(path))})),
		...common.map(async path => readKey(path)),
	]);
	return {sources, preferences, keys: keys.filter(({base64}) => base64 !== '')};
}

const placeNames = ['sourcelist', 'sourceparts', 'trusted', 'trustedparts', 'preferences', 'preferencesparts'] as const;

async function aptPlaces(runner: Runner): Promise<Record<(typeof placeNames)[number], string>> {
	const words = placeNames.flatMap(name => [name, `Dir::Etc::${name}/f`]);
	const {stdout} = await runner.capture(['apt-config', 'shell', ...words], {env: aptEnvironment});
	const said = new Map([...stdout.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', path = '']) => [name, path]));
	return Object.fromEntries(placeNames.map(name => [name, said.get(name) ?? ''])) as Record<
		(typeof placeNames)[number],
		string
	>;
}

async function readFiles(file: string, folder: string, pattern: RegExp): Promise<AptFile[]> {
	const names = (await readdir(folder).catch(() => [])).filter(name => pattern.test(name)).sort();
	const paths = [file, ...names.map(name => join(folder, name))];
	const found = await Promise.all(
		paths.map(async path => {
			const text = await readFile(path, 'utf8').catch(() => '');
			return {name: basename(path), lines: bare(text)};
		}),
	);
	return found.filter(({lines}) => lines.some(line => line !== ''));
}

/** Lines without comments and secrets. Empty ones stay: between stanzas they mean something. */
function bare(text: string): string[] {
	const lines = text
		.split('\n')
		.map(line => line.trimEnd().replaceAll(/(\w:\/\/)[^/\s@]*@/g, '$1'))
		.filter(line => !line.startsWith('#'));
	while (lines.at(-1) === '') {
		lines.pop();
	}

	return lines;
}

/** Files that a line of a source names as its keys. A fingerprint is none: its key is among those for all sources. */
function keysIn(line: string): string[] {
	const value = /\bsigned-by=([^\s\]]+)/i.exec(line)?.[1] ?? /^signed-by:(.*)$/i.exec(line)?.[1] ?? '';
	return value.split(/[\s,]+/).filter(word => word.startsWith('/'));
}

function isSignedBy({lines, name}: AptFile): boolean {
	if (name.endsWith('.sources')) {
		const stanzas = lines.join('\n').split(/\n\n+/).filter(Boolean);
		return stanzas.every(stanza => /^signed-by:\s*(?:\/|\n\s+-----BEGIN|-----BEGIN)/im.test(stanza));
	}

	return lines.filter(line => /^deb\s/.test(line)).every(line => /\bsigned-by=\//i.test(line));
}

async function keyFiles(file: string, folder: string): Promise<string[]> {
	const names = (await readdir(folder).catch(() => [])).filter(name => /\.(?:gpg|asc)$/.test(name)).sort();
	return [file, ...names.map(name => join(folder, name))];
}

async function readKey(path: string): Promise<{name: string; base64: string}> {
	const bytes = await readFile(await realpath(path).catch(() => path)).catch(() => undefined);
	return {name: basename(path), base64: bytes?.toString('base64') ?? ''};
}
