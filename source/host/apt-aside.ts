import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {AptFile, AptSetup} from './apt-setup.js';

/** apt with places of its own, which neither reads nor changes how apt is set up on this host. */
export type Aside = {
	/** For lists, keys and the like; kept, so that nothing is fetched twice. */
	readonly directory: string;
	/** Folder for the lists, where several share them. Default: one in `directory`. */
	readonly lists?: string;
	readonly setup: AptSetup;
	/** dpkg's status to go by. Default: that of this host. */
	readonly status?: string;
	/** Default: those of this host. */
	readonly architectures?: readonly [native: string, ...foreign: string[]];
	/** Folder for downloaded packages. Default: one in `directory`. */
	readonly archives?: string;
	/** File with users and passwords, as netrc(5); see apt_auth.conf(5). Default: this host's. */
	readonly credentials?: string | undefined;
	/** File with the certificates to trust. Default: this host's. */
	readonly authorities?: string | undefined;
};

/** Fetch nothing that only people read, and nothing that other programs of the host have added to apt's wishes. */
const packagesOnly = `#clear Acquire::IndexTargets;
Acquire::IndexTargets::deb::Packages {
	MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
	flatMetaKey "Packages";
	ShortDescription "Packages";
	Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
	flatDescription "$(RELEASE) Packages";
	Optional "0";
};
Acquire::Languages "none";
`;

/**
Writes the files of such an apt and returns its configuration, for `AptSettings.configuration`. Proxies stay those of
this host. Safe to call again.
*/
export async function setAside(aside: Aside): Promise<string> {
	const {architectures, authorities, credentials, directory, setup, status} = aside;
	const at = (name: string) => join(directory, name);
	const {archives = at('archives'), lists = at('lists')} = aside;
	// What an earlier call wrote may be more than this one has.
	await Promise.all(
		['sources', 'keys', 'trusted', 'preferences'].map(name => rm(at(name), {recursive: true, force: true})),
	);
	for (const name of ['sources', 'keys', 'trusted', 'preferences', 'cache']) {
		await mkdir(at(name), {recursive: true, mode: 0o755});
	}

	for (const folder of [archives, lists]) {
		await mkdir(join(folder, 'partial'), {recursive: true, mode: 0o755});
	}

	const keys = await writeKeys(at, setup.keys);
	await writeAll(at('sources'), setup.sources, line =>
		keys.reduce((text, [from, to]) => text.replaceAll(from, to), line),
	);
	await writeAll(at('preferences'), setup.preferences, line => line);
	const values: ReadonlyArray<readonly [name: string, value: string]> = [
		['APT::Default-Release', ''],
		['APT::Install-Recommends', '0'],
		// The places below are private, so that apt's own user could not write there.
		['APT::Sandbox::User', 'root'],
		['Acquire::ForceHash', 'SHA256'],
		['Dir::Cache', `${at('cache')}/`],
		['Dir::Cache::archives', `${archives}/`],
		['Dir::Etc::preferences', '/dev/null'],
		['Dir::Etc::preferencesparts', `${at('preferences')}/`],
		['Dir::Etc::sourcelist', '/dev/null'],
		['Dir::Etc::sourceparts', `${at('sources')}/`],
		['Dir::Etc::trusted', '/dev/null'],
		['Dir::Etc::trustedparts', `${at('trusted')}/`],
		['Dir::State::lists', `${lists}/`],
		...(status === undefined
			? []
			: ([
					['Dir::State::status', status],
					['Dir::State::extended_states', at('extended_states')],
				] as const)),
		...(credentials === undefined
			? []
			: ([
					['Dir::Etc::netrc', credentials],
					['Dir::Etc::netrcparts', '/dev/null'],
				] as const)),
		...(authorities === undefined ? [] : ([['Acquire::https::CAInfo', authorities]] as const)),
		...(architectures === undefined ? [] : ([['APT::Architecture', architectures[0]]] as const)),
	];
	const natives =
		architectures === undefined
			? []
			: ['#clear APT::Architectures;', ...architectures.map(each => `APT::Architectures:: "${each}";`)];
	const lines = [
		'#clear APT::Update;',
		...natives,
		...values.map(([name, value]) => `${name} "${value}";`),
		packagesOnly,
	];
	await writeFile(at('apt.conf'), lines.join('\n'), {mode: 0o600});
	return at('apt.conf');
}

/** Returns which path of the sources is where now. */
async function writeKeys(
	at: (name: string) => string,
	keys: AptSetup['keys'],
): Promise<ReadonlyArray<readonly [from: string, to: string]>> {
	const moved: Array<readonly [string, string]> = [];
	for (const [index, {base64, name, path}] of keys.entries()) {
		const file = at(join(path === undefined ? 'trusted' : 'keys', `${index}-${name}`));
		await writeFile(file, Buffer.from(base64, 'base64'), {mode: 0o644});
		if (path !== undefined) {
			moved.push([path, file]);
		}
	}

	// The longer of two of which one begins the other.
	return moved.sort(([a], [b]) => b.length - a.length);
}

async function writeAll(directory: string, files: readonly AptFile[], change: (line: string) => string): Promise<void> {
	for (const {lines, name} of files) {
		await writeFile(join(directory, name), `${lines.map(change).join('\n')}\n`, {mode: 0o644});
	}
}

const local = /^(?:cdrom|file|copy|mirror\+file):/;

/** Without the sources that only their own host can read, such as a disc in its drive; `left` are those, as they were. */
export function withoutLocal(sources: readonly AptFile[]): {
	readonly sources: readonly AptFile[];
	readonly left: string[];
} {
	const left: string[] = [];
	const isKept = (text: string, addresses: readonly string[]) => {
		const isLocal = addresses.length > 0 && addresses.every(address => local.test(address));
		if (isLocal) {
			left.push(text.split('\n').join(' '));
		}

		return !isLocal;
	};
	const kept = sources.map(({lines, name}): AptFile => {
		if (!name.endsWith('.sources')) {
			return {
				name,
				lines: lines.filter(line => isKept(line, /^deb(?:-src)?\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line)?.slice(1) ?? [])),
			};
		}

		const stanzas = lines.join('\n').split(/\n\n+/);
		const addressed = stanzas.filter(stanza =>
			isKept(stanza, (/^URIs:\s*(.+)$/im.exec(stanza)?.[1] ?? '').split(/\s+/).filter(Boolean)),
		);
		return {name, lines: addressed.join('\n\n').split('\n')};
	});
	return {sources: kept.filter(({lines}) => lines.some(line => line !== '')), left};
}
