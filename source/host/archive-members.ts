import path from 'node:path';
import {t} from '../locales/index.js';
import {Links} from './archive-links.js';
import {ArchiveRefused, quoted, unshowable} from './archive-refused.js';
import {CommandError, type Runner} from './process.js';

/** One entry of a patch archive. */
export type Member = {
	/** Without `.` and empty parts. */
	readonly name: string;
	/** As the archive has it, by which tar finds it. */
	readonly listed: string;
	readonly kind: 'file' | 'directory' | 'link' | 'hardLink' | 'other';
	/** As `ls` shows it, for example `-rwxr-xr-x`. */
	readonly mode: string;
	readonly bytes: number;
	/** Where a link points. */
	readonly target?: string;
};

/** Lists a tar.gz with tar itself, which unpacks it later, so that both read it in the same way. Throws `ArchiveRefused`. */
export async function listMembers(runner: Runner, file: string): Promise<Member[]> {
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
			// In this locale tar escapes every byte that is not printable ASCII.
			{timeout: 300_000, shownAs: `tar --list --file ${file}`, env: {LC_ALL: 'C'}},
		);
		listing = stdout;
	} catch (error) {
		const said = error instanceof CommandError ? error.lastOutput.split('\n')[0] : (error as Error).message;
		throw new ArchiveRefused(file, t('tar cannot read it to its end ({long})', {long: said || t('it took too long')}));
	}

	return listing
		.split('\n')
		.filter(line => line !== '')
		.map(line => readMember(file, line));
}

const kinds: Readonly<Record<string, Member['kind']>> = {'-': 'file', d: 'directory', l: 'link', h: 'hardLink'};

/** `-rwxr-xr-x 0/0   120 2024-05-01 10:00:00 "folder/patch.sh"`, then ` -> "x"` or ` link to "x"` for links. Filled up with spaces. */
function readMember(file: string, line: string): Member {
	const match =
		/^(\S{10})\S? \S+ +(\d+(?:,\d+)?) \S+ \S+ +"((?:[^"\\]|\\.)*)"(?:(?: ->| link to) "((?:[^"\\]|\\.)*)")?$/.exec(
			line,
		);
	if (!match) {
		throw new ArchiveRefused(file, t('tar lists something unknown: {line}', {line: quoted(line)}));
	}

	const [, mode = '', size = '', name = '', target] = match;
	const kind = kinds[mode.charAt(0)] ?? 'other';
	return {
		name: plainName(unquote(name), kind),
		listed: unquote(name),
		kind,
		mode,
		bytes: Number.parseInt(size, 10),
		...(target === undefined ? {} : {target: unquote(target)}),
	};
}

/**
One spelling of a path: without `.` and empty parts, which tar passes over. Two stay, to be refused: `..`, and
a `.` at the end of what is no directory.
*/
function plainName(name: string, kind: Member['kind']): string {
	const parts = name.split('/').filter(part => part !== '');
	const isDotted = kind !== 'directory' && parts.at(-1) === '.';
	const plain = parts.filter((part, at) => part !== '.' || (isDotted && at === parts.length - 1));
	return `${name.startsWith('/') ? '/' : ''}${plain.join('/')}` || '.';
}

/** tar's C quoting: octal for bytes that are no printable ASCII, backslash letters for the usual controls. */
function unquote(text: string): string {
	const letters: Readonly<Record<string, string>> = {a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v'};
	const bytes = text.replaceAll(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
		escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (letters[escaped] ?? escaped),
	);
	return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Longest name of a file on Linux, in bytes. */
const longestPart = 255;
/** Linux takes four times as much, but what is unpacked has to fit below other directories. */
const longestPath = 1000;

/** Refuses what could write outside of the folder, or what would not be unpacked as it is listed. */
export function refuseUnsafe(file: string, members: readonly Member[]): void {
	const seen = new Map<string, Member>();
	const links = new Links(members);
	const leaves = new Set(members.flatMap(({kind, name}) => (kind === 'directory' ? [] : [name])));
	for (const member of members) {
		const problem =
			problemOfName(member) ??
			problemOfKind(member) ??
			problemOfPlace(member, seen, links, leaves) ??
			problemOfTarget(member, seen, links);
		if (problem) {
			throw new ArchiveRefused(file, t('its member {name} {problem}', {name: quoted(member.name), problem}));
		}

		seen.set(member.name, member);
	}
}

function problemOfName({name, target = ''}: Member): string | undefined {
	const parts = name.split('/');
	if (name.startsWith('/')) {
		return t('has an absolute path');
	}

	if (parts.includes('..')) {
		return t('leads out of the folder');
	}

	if (unshowable.test(name + target)) {
		return t('has characters in its name or target that cannot be shown');
	}

	const isLong = [name, target].some(text => Buffer.byteLength(text) > longestPath);
	return isLong || parts.some(part => Buffer.byteLength(part) > longestPart)
		? t('has too long a name or target')
		: undefined;
}

function problemOfKind({name, kind, mode}: Member): string | undefined {
	if (kind === 'other') {
		return t('is neither file, directory nor link ({mode})', {mode});
	}

	if (/^...[sS]|^......[sS]/.test(mode)) {
		return t("would run with another user's rights ({mode})", {mode});
	}

	return kind !== 'directory' && /(^|\/)\.$/.test(name) ? t('stands for a directory and is none') : undefined;
}

type Seen = ReadonlyMap<string, Member>;

function problemOfPlace(
	{name, kind, mode}: Member,
	seen: Seen,
	links: Links,
	leaves: ReadonlySet<string>,
): string | undefined {
	for (let parent = path.posix.dirname(name); parent !== '.'; parent = path.posix.dirname(parent)) {
		if (links.has(parent)) {
			return t('lies behind the link {parent}', {parent: quoted(parent)});
		}

		if (leaves.has(parent)) {
			return t('lies in {parent}, which is no directory', {parent: quoted(parent)});
		}
	}

	const before = seen.get(name);
	return before && (kind !== 'directory' || before.kind !== 'directory' || before.mode !== mode)
		? t('is in it twice')
		: undefined;
}

function problemOfTarget({name, kind, target = ''}: Member, seen: Seen, links: Links): string | undefined {
	if (kind !== 'link' && kind !== 'hardLink') {
		return undefined;
	}

	const from = kind === 'link' ? path.posix.dirname(name) : '.';
	if (links.resolve(from, target) === undefined) {
		return t('is a link out of the folder, to {target}', {target: quoted(target)});
	}

	if (kind === 'link') {
		return undefined;
	}

	// A second name for a link would point elsewhere from where it lies; one for nothing cannot be made.
	const original = seen.get(plainName(target, 'file'))?.kind;
	return original === 'file' || original === 'hardLink'
		? undefined
		: t('is a second name for {target}, which is no file before it', {target: quoted(target)});
}
