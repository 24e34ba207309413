import {access, constants, mkdir, readdir, realpath, rm, stat} from 'node:fs/promises';
import {join, relative} from 'node:path';
import {t} from '../locales/index.js';
import type {ExcludeOptions} from './files.js';
import {CommandError, type Runner} from './process.js';

const rsync = '/usr/bin/rsync';

/** Everything that makes a tree: links, hard links, modes, owners by number, times, ACLs, attributes, holes. */
const exactly = ['-aHAXS', '--numeric-ids'];

/** Without it rsync compares times by the second, and passes over a file that changed in the second it was copied. */
const byNanosecond = '--modify-window=-1';

export type CopyOptions = ExcludeOptions & {
	/** The source is in use: files may vanish while it is copied. The copy is then not yet one of a single moment. */
	readonly live?: boolean;
};

/**
Makes `to` the same as `from`, and copies only what differs. Files of `to` that `from` does not have are removed,
except excluded ones. May be cut and called again.
*/
export async function copyTree(runner: Runner, from: string, to: string, options: CopyOptions = {}): Promise<void> {
	await checkSource(from);
	await checkApart(from, to, options.exclude);
	await mkdir(to, {recursive: true, mode: 0o700});
	await sync(runner, from, to, options, {cuttable: true, how: [byNanosecond, '--delete']});
}

/**
Begins a copy where there is none yet, in half the time that `copyTree` takes for that, which has to complete it: what
vanished or was cut meanwhile is left out here.
*/
export async function beginCopy(runner: Runner, from: string, to: string, options: ExcludeOptions = {}): Promise<void> {
	await checkSource(from);
	await checkApart(from, to, options.exclude);
	await mkdir(to, {mode: 0o700});
	// Names that are no UTF-8 cannot be arguments here.
	const names = (await readdir(from)).filter(name => !name.includes('\uFFFD') && !options.exclude?.includes(name));
	if (names.length > 0) {
		const sources = names.map(name => join(from, name));
		const argv = ['/bin/cp', '--archive', '--reflink=auto', '--sparse=auto', `--target-directory=${to}`, ...sources];
		await runner.run(argv, {cuttable: true, accept: [0, 1]});
	}
}

/** Copies these files whatever their sizes and times say. Names are relative to both trees; of directories only they themselves. */
export async function copyFiles(runner: Runner, from: string, to: string, names: readonly Buffer[]): Promise<void> {
	const argv = [rsync, ...exactly, '--ignore-times', '--from0', '--files-from=-', `${from}/`, `${to}/`];
	// A name that begins with # or ; would be taken for a remark.
	const input = Buffer.concat(names.flatMap(name => [Buffer.from('./'), name, Buffer.of(0)]));
	try {
		await runner.run(argv, {input});
	} catch (error) {
		throw explained(error, from, to);
	}
}

/**
Makes `to` what `backup` holds, as far as sizes and times tell; `copyFiles` is for the rest. Excluded paths stay as they
are in `to`. May be called again after a crash. What is not in the backup goes first: on a full disk it is what takes
the room.
*/
export async function restoreTree(
	runner: Runner,
	backup: string,
	to: string,
	options: ExcludeOptions = {},
): Promise<void> {
	await checkSource(backup);
	if ((await readdir(backup)).length === 0) {
		throw new Error(t('{backup} is empty, and putting it back would empty {to}. Use another backup.', {backup, to}));
	}

	await checkApart(to, backup, options.exclude);
	await mkdir(to, {recursive: true});
	await sync(runner, backup, to, options, {cuttable: false, how: [byNanosecond, '--delete-before']});
}

/** What `restoreTree` does, as a command. */
export function restoreCommand(backup: string, to: string, options: ExcludeOptions = {}): readonly string[] {
	return [rsync, ...exactly, byNanosecond, '--delete-before', ...excludes(options.exclude), `${backup}/`, `${to}/`];
}

/**
Paths, relative to the trees, in which `b` differs from `a`: by size, time, owner, mode, attributes or being there. Empty
means equal, but for contents that sizes and times do not tell: listings do. Times of directories do not count: a look
can change them. Of the names of one hard-linked file rsync may list only the first.
*/
export async function differs(runner: Runner, a: string, b: string, options: ExcludeOptions = {}): Promise<string[]> {
	await checkSource(a);
	await checkSource(b);
	const argv = [
		rsync,
		...exactly,
		'--delete',
		'--omit-dir-times',
		'--dry-run',
		byNanosecond,
		'--out-format=%i %n',
		...excludes(options.exclude),
		`${a}/`,
		`${b}/`,
	];
	try {
		const {stdout} = await runner.capture(argv, {timeout: 3_600_000});
		return parseItemized(stdout);
	} catch (error) {
		throw explained(error, a, b);
	}
}

/** Paths of rsync's output in the format `%i %n`: eleven characters of what differs, a space, the path. */
export function parseItemized(output: string): string[] {
	return output
		.split('\n')
		.filter(line => /^(?:[<>ch.][fdLDS]|\*)/.test(line))
		.map(line => line.slice(12).replace(/\/$/, ''));
}

async function sync(
	runner: Runner,
	from: string,
	to: string,
	options: CopyOptions,
	{cuttable, how}: {readonly cuttable: boolean; readonly how: readonly string[]},
): Promise<void> {
	const argv = [rsync, ...exactly, ...how, '--stats', ...excludes(options.exclude), `${from}/`, `${to}/`];
	try {
		// 24: files vanished while they were copied.
		await runner.run(argv, {cuttable, accept: options.live ? [0, 24] : [0]});
	} catch (error) {
		throw explained(error, from, to);
	}
}

/** Anchored at the root of the tree, and with rsync's own wildcards taken for themselves. */
function excludes(paths: readonly string[] = []): string[] {
	return paths.map(path => {
		const plain = path.replace(/^\/+|\/+$/g, '');
		// A backslash stands for itself as long as there is no wildcard in the pattern.
		return `--exclude=/${/[*?[]/.test(plain) ? plain.replaceAll(/[\\*?[]/g, String.raw`\$&`) : plain}`;
	});
}

async function checkSource(path: string): Promise<void> {
	const there = await stat(path).catch(() => undefined);
	if (!there?.isDirectory()) {
		throw new Error(
			there
				? t('{path} cannot be copied: it is not a directory.', {path})
				: t('{path} cannot be copied: it is not there.', {path}),
		);
	}

	await access(rsync, constants.X_OK).catch(() => {
		throw new Error(t('rsync is not installed. Install the package rsync and try again.'));
	});
}

/** A backup inside what it backs up would be copied into itself, again and again. */
async function checkApart(tree: string, backup: string, exclude: readonly string[] = []): Promise<void> {
	const [outer, inner] = await Promise.all([tree, backup].map(path => realpath(path).catch(() => path)));
	const between = relative(outer ?? tree, inner ?? backup);
	const inside = between === '' || !(between === '..' || between.startsWith('../'));
	const covered = exclude.some(path => between === path || between.startsWith(`${path.replace(/\/+$/, '')}/`));
	if (inside && !covered) {
		throw new Error(t('{backup} lies inside {tree}. Choose a place for the backup outside.', {backup, tree}));
	}
}

function explained(error: unknown, from: string, to: string): unknown {
	if (!(error instanceof CommandError)) {
		return error;
	}

	if (/No space left/.test(error.lastOutput)) {
		return new Error(t('There is no room left on the disk for {to}. Make room and try again.', {to}), {cause: error});
	}

	const reason = error.lastOutput.split('\n').find(line => /^rsync: /.test(line)) ?? error.message;
	return new Error(
		t('{from} could not be copied to {to} ({reason}). The log shows more; try again.', {from, to, reason}),
		{cause: error},
	);
}

/** Prints JSON: the integrity check's own words, and the number of rows of each table. */
const sqliteScript = `import json, sqlite3, sys, urllib.parse
try:
    uri = 'file:' + urllib.parse.quote(sys.argv[1]) + '?mode=ro'
    connection = sqlite3.connect(uri, uri=True, timeout=10)
    result = [row[0] for row in connection.execute('PRAGMA integrity_check')]
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = {name: connection.execute('SELECT count(*) FROM "%s"' % name.replace('"', '""')).fetchone()[0] for name in names}
    print(json.dumps({'integrity': result, 'tables': tables}))
except sqlite3.Error as error:
    print(json.dumps({'error': str(error)}))
`;

/**
Reads an SQLite database through, without writing to it, and returns the number of rows of each table. Throws an
Error in sentences when it is not there, damaged, or has no tables. `python` is any Python 3 with its library.
*/
export async function checkSqlite(
	runner: Runner,
	python: string,
	file: string,
): Promise<Readonly<Record<string, number>>> {
	const there = await stat(file).catch(() => undefined);
	if (!there?.isFile()) {
		throw new Error(t('The database {file} is not there. Check DATABASES in settings.py.', {file}));
	}

	const argv = [python, '-I', '-c', sqliteScript, file];
	const shownAs = `${python} (PRAGMA integrity_check) ${file}`;
	const helpers = await absent([`${file}-wal`, `${file}-shm`]);
	const {stdout} = await runner.capture(argv, {timeout: 3_600_000, shownAs});
	// Even a reader makes these for a database with a write-ahead log, and leaves them there.
	await Promise.all(helpers.map(async path => rm(path, {force: true})));
	const found = JSON.parse(stdout) as {error?: string; integrity?: string[]; tables?: Record<string, number>};
	const wrong = found.error ?? (found.integrity?.join('\n') === 'ok' ? undefined : found.integrity?.[0]);
	if (wrong !== undefined) {
		throw new Error(
			t('{file} is not a sound database ({wrong}). Do not go on with it; restore it from a backup.', {file, wrong}),
		);
	}

	if (Object.keys(found.tables ?? {}).length === 0) {
		throw new Error(t('{file} is a database without tables. Check DATABASES in settings.py.', {file}));
	}

	return found.tables ?? {};
}

async function absent(paths: readonly string[]): Promise<string[]> {
	const there = await Promise.all(paths.map(async path => stat(path).catch(() => undefined)));
	return paths.filter((_, index) => there[index] === undefined);
}
