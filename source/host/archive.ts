import {stat} from 'node:fs/promises';
import path from 'node:path';
import {CommandError, type Runner} from './process.js';

/** One entry of a patch archive. */
export type Member = {
	/** Without `.` and empty parts. */
	readonly name: string;
	readonly kind: 'file' | 'directory' | 'link' | 'hardLink' | 'other';
	/** As `ls` shows it, for example `-rwxr-xr-x`. */
	readonly mode: string;
	readonly bytes: number;
	/** Where a link points. */
	readonly target?: string;
};

export type Archive = {
	/** Folder with `patch.sh`, relative to where the archive is unpacked; `.` when it lies on top. */
	readonly folder: string;
	/** `patch.sh` with that folder, for example `omflow_patch_1_1_6_4_upgrade4/patch.sh`. */
	readonly script: string;
	readonly members: readonly Member[];
	/** Unpacked size of all files together. */
	readonly expandedBytes: number;
};

export type ArchiveLimits = {
	/** Unpacked bytes. The vendor's patches are below 200 MB. */
	readonly expandedBytes: number;
	/** Unpacked bytes to one byte of the archive. gzip cannot do more than about 1,030; real patches stay below 20. */
	readonly ratio: number;
	readonly members: number;
};

const defaultLimits: ArchiveLimits = {expandedBytes: 4 * 1024 ** 3, ratio: 200, members: 100_000};

/** Below this size the ratio says nothing: a few kilobytes of zeros pack very well. */
const ratioMattersFrom = 64 * 1024 ** 2;

/**
Lists a patch archive and refuses what could write outside of its folder or is no OMFLOW patch. The listing
is tar's own, and tar unpacks it later, so that both read the archive in the same way. Throws an Error that
names the member and says what to do.
*/
export async function inspectArchive(
	runner: Runner,
	file: string,
	limits: Partial<ArchiveLimits> = {},
): Promise<Archive> {
	const most = {...defaultLimits, ...limits};
	const members = await listMembers(runner, file);
	const expandedBytes = members.reduce((sum, member) => sum + member.bytes, 0);
	const {size} = await stat(file);
	if (members.length > most.members) {
		refuse(file, `it has ${members.length} members, more than ${most.members}`);
	}

	if (expandedBytes > most.expandedBytes || expandedBytes > Math.max(size * most.ratio, ratioMattersFrom)) {
		refuse(file, `it would unpack to ${expandedBytes} bytes from ${size}`);
	}

	refuseUnsafe(file, members);
	const scripts = members.filter(member => member.kind === 'file' && path.posix.basename(member.name) === 'patch.sh');
	const [script, ...more] = scripts;
	if (!script) {
		refuse(file, 'there is no patch.sh in it');
	}

	if (more.length > 0) {
		refuse(file, `there are ${scripts.length} patch.sh in it: ${scripts.map(({name}) => name).join(', ')}`);
	}

	return {folder: path.posix.dirname(script.name), script: script.name, members, expandedBytes};
}

/**
Unpacks an archive into an existing private directory (mode 0700). Inspect it first. Files belong to
whoever runs this and keep their permission bits, since patch.sh may copy them with these.
Throws when the directory is not private or tar fails.
*/
export async function unpackArchive(runner: Runner, file: string, directory: string): Promise<void> {
	const found = await stat(directory).catch(() => undefined);
	if (!found?.isDirectory() || (found.mode & 0o077) !== 0) {
		throw new Error(`${directory} must be a directory that only its owner can enter. Make it with mode 0700.`);
	}

	await runner.run([
		'tar',
		'--extract',
		'--gzip',
		'--no-same-owner',
		'--preserve-permissions',
		'--directory',
		directory,
		// A colon in the name would else be taken for another host.
		'--force-local',
		'--file',
		file,
	]);
}

/**
The version in an archive's name: `1.1.6.4` for `omflow_patch_1_1_6_4_upgrade3.tar.gz`; undefined when the
name has another form. A hint only: the vendor's page applies just that archive to reach 1.2.0.0.
*/
export function versionFromName(fileName: string): string | undefined {
	const match = /^omflow_patch_(\d+)_(\d+)_(\d+)_(\d+)(?:_[\w.-]*?)?\.(?:tar\.gz|tgz)$/i.exec(path.basename(fileName));
	return match?.slice(1, 5).map(Number).join('.');
}

async function listMembers(runner: Runner, file: string): Promise<Member[]> {
	let listing: string;
	try {
		const {stdout} = await runner.capture(
			[
				'tar',
				'--list',
				'--verbose',
				'--gzip',
				'--full-time',
				'--numeric-owner',
				// Names in quotes with escapes, so that none can look like two.
				'--quoting-style=c',
				// Else tar would show absolute names without their slash.
				'--absolute-names',
				'--force-local',
				'--file',
				file,
			],
			{timeout: 300_000, shownAs: `tar --list --file ${file}`},
		);
		listing = stdout;
	} catch (error) {
		const said = error instanceof CommandError ? error.lastOutput.split('\n')[0] : (error as Error).message;
		refuse(file, `tar cannot read it to its end (${said || 'it took too long'})`);
	}

	return listing
		.split('\n')
		.filter(line => line !== '')
		.map(line => readMember(file, line));
}

const kinds: Readonly<Record<string, Member['kind']>> = {'-': 'file', d: 'directory', l: 'link', h: 'hardLink'};

/** `-rwxr-xr-x 0/0   120 2024-05-01 10:00:00 "folder/patch.sh"`, then ` -> "x"` or ` link to "x"` for links. */
function readMember(file: string, line: string): Member {
	const match =
		/^(\S{10})\S? \S+ +(\d+(?:,\d+)?) \S+ \S+ "((?:[^"\\]|\\.)*)"(?:(?: ->| link to) "((?:[^"\\]|\\.)*)")?$/.exec(line);
	if (!match) {
		refuse(file, `tar lists something unknown: ${line.slice(0, 200)}`);
	}

	const [, mode = '', size = '', name = '', target] = match;
	return {
		name: plainName(unquote(name)),
		kind: kinds[mode.charAt(0)] ?? 'other',
		mode,
		bytes: Number.parseInt(size, 10),
		...(target === undefined ? {} : {target: unquote(target)}),
	};
}

/** One spelling of a path: without `.` and empty parts, which tar passes over. `..` stays, to be refused. */
function plainName(name: string): string {
	const parts = name.split('/').filter(part => part !== '' && part !== '.');
	return `${name.startsWith('/') ? '/' : ''}${parts.join('/')}` || '.';
}

/** tar's C quoting: octal for bytes that are no printable ASCII, backslash letters for the usual controls. */
function unquote(text: string): string {
	const letters: Readonly<Record<string, string>> = {a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v'};
	const bytes = text.replaceAll(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
		escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (letters[escaped] ?? escaped),
	);
	// Either tar escaped every byte beyond ASCII, or none since the locale is UTF-8.
	return /^[\0-\xff]*$/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

function refuseUnsafe(file: string, members: readonly Member[]): void {
	const names = new Set<string>();
	const links = new Set(members.filter(({kind}) => kind === 'link').map(({name}) => name));
	for (const member of members) {
		const named = JSON.stringify(member.name);
		const isRoot = member.name === '.' && member.kind === 'directory';
		const parts = member.name.split('/');
		if (member.name.startsWith('/')) {
			refuse(file, `its member ${named} has an absolute path`);
		}

		if (parts.includes('..')) {
			refuse(file, `its member ${named} leads out of the folder`);
		}

		if (member.kind === 'other') {
			refuse(file, `its member ${named} is neither file, directory nor link (${member.mode})`);
		}

		if (/^...[sS]|^......[sS]/.test(member.mode)) {
			refuse(file, `its member ${named} would run with another user's rights (${member.mode})`);
		}

		const target = member.target ?? '';
		const resolved =
			member.kind === 'link' ? path.posix.join(path.posix.dirname(member.name), target) : path.posix.normalize(target);
		if (
			(member.kind === 'link' || member.kind === 'hardLink') &&
			(target.startsWith('/') || /^\.\.(\/|$)/.test(resolved))
		) {
			refuse(file, `its member ${named} is a link out of the folder, to ${JSON.stringify(target)}`);
		}

		const through = parts.map((_, index) => parts.slice(0, index).join('/')).find(parent => links.has(parent));
		if (through !== undefined) {
			refuse(file, `its member ${named} lies behind the link ${JSON.stringify(through)}`);
		}

		const key = path.posix.normalize(member.name);
		if (names.has(key) && member.kind !== 'directory' && !isRoot) {
			refuse(file, `its member ${named} is in it twice`);
		}

		names.add(key);
	}
}

function refuse(file: string, why: string): never {
	throw new Error(
		`${path.basename(file)} is refused: ${why}. Fetch the patch from the vendor again and compare its checksum.`,
	);
}
