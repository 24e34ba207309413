import {mkdir, readdir, readFile, readlink, rm, rmdir, symlink, writeFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {isThere, syncDirectory, writeDurably} from './files.js';
import type {Runner} from './process.js';

/** What must not happen, and what must, when the machine is started again in the middle of something. */
export type Hold = {
	/** Units that are not started, for example `apache2`; those that are not there are no matter. */
	readonly units: readonly string[];
	/** What goes on with the work. */
	readonly command: readonly string[];
	/** Paths that must be mounted for it. */
	readonly needs: readonly string[];
	/** Lines for whoever finds the files: why this is, and what to do. */
	readonly why: readonly string[];
};

export type BootPlaces = {
	/** Where an administrator's units are. */
	readonly units: string;
	/** There until the machine is started again; while it is there, nothing is held back. */
	readonly marker: string;
};

const places: BootPlaces = {units: '/etc/systemd/system', marker: '/run/omflow-tui.window'};
/** Exists while systemd runs (sd_booted(3)). */
const systemd = '/run/systemd/system';
/** Name of the file beside a unit that is held back: of a run, not of the host. */
export const dropIn = 'omflow-tui.conf';
const resumeUnit = 'omflow-tui-resume.service';
const wants = join('multi-user.target.wants', resumeUnit);

/**
From now on until `release` a start of the machine leaves the units stopped, and runs the command instead. Until
then they can be started as ever: a marker says so that is gone with the next boot. systemd is told nothing, since it
reads its files when it boots. Safe to call again; after a boot it makes the marker anew.

First comes what goes on with the work: held back without that, the units would stay down.
*/
export async function holdBack(hold: Hold, {units, marker}: BootPlaces = places): Promise<void> {
	const files = filesOf(hold, units, marker);
	for (const [path, text] of files) {
		await mkdir(dirname(path), {recursive: true, mode: 0o755});
		await writeDurably(path, text, {mode: 0o644});
		if (path.endsWith(resumeUnit)) {
			await enable(units);
		}
	}

	await syncDirectory(units);
	await writeFile(marker, '', {mode: 0o644});
}

/** Whether that is so, and the marker is there as well. */
export async function isHeldBack(hold: Hold, {units, marker}: BootPlaces = places): Promise<boolean> {
	const files = await Promise.all(
		[...filesOf(hold, units, marker)].map(
			async ([path, text]) => (await readFile(path, 'utf8').catch(() => '')) === text,
		),
	);
	return !files.includes(false) && (await isEnabled(units)) && (await isThere(marker));
}

/** Whether a start of the machine would leave any unit stopped, whoever's hold it is. */
export async function holdsAnything({units}: Pick<BootPlaces, 'units'> = places): Promise<boolean> {
	const found = await Promise.all([...(await dropIns(units)), join(units, resumeUnit)].map(isThere));
	return found.includes(true);
}

/** Takes all of it back, the units first: what is left of it after a cut does no harm. Safe to call again. */
export async function release(runner: Pick<Runner, 'capture'>, {units, marker}: BootPlaces = places): Promise<void> {
	if (!(await holdsAnything({units})) && !(await isThere(marker))) {
		return;
	}

	const found = await dropIns(units);
	for (const path of found) {
		await rm(path, {force: true});
		// Only if nobody else keeps something there.
		await rmdir(dirname(path)).catch(() => {});
	}

	await syncDirectory(units);
	await rm(join(units, wants), {force: true});
	await rm(join(units, resumeUnit), {force: true});
	await syncDirectory(units);
	await forget(runner, [...found.map(path => dirname(path).slice(units.length + 1, -'.d'.length)), resumeUnit]);
	await rm(marker, {force: true});
}

/** What `release` does, as commands for an administrator's shell. */
export function releaseCommands({units, marker}: BootPlaces = places): readonly string[] {
	const files = [`${units}/*.service.d/${dropIn}`, join(units, wants), join(units, resumeUnit), marker];
	return [`rm -f ${files.join(' ')}`, 'systemctl daemon-reload'];
}

/** systemd still knows what it read at its start, or when somebody else asked it to look again. */
async function forget(runner: Pick<Runner, 'capture'>, units: readonly string[]): Promise<void> {
	if (!(await isThere(systemd))) {
		return;
	}

	const question = ['systemctl', 'show', '--property=NeedDaemonReload', '--value', ...units];
	const {stdout} = await runner.capture(question);
	if (/^yes$/m.test(stdout)) {
		await runner.capture(['systemctl', 'daemon-reload']);
	}
}

function filesOf({command, needs, units: held, why}: Hold, units: string, marker: string): Map<string, string> {
	const remarks = why.map(line => `# ${line}`);
	const names = held.map(name => `${name}.service`);
	const unit = [
		...remarks,
		'[Unit]',
		'Description=Going on with the work that was cut when the machine went down',
		// What is held back has been asked to start by then, and was not; and a database server is there.
		`After=network.target postgresql.service mariadb.service mysql.service ${names.join(' ')}`,
		`RequiresMountsFor=${needs.map(quote).join(' ')}`,
		'',
		'[Service]',
		'Type=oneshot',
		'Environment=NODE_ENV=production',
		`ExecStart=${command.map(quote).join(' ')}`,
		'',
	];
	const refusal = [...remarks, '[Unit]', `AssertPathExists=${marker}`, ''];
	return new Map([
		[join(units, resumeUnit), unit.join('\n')],
		...names.map(name => [join(units, `${name}.d`, dropIn), refusal.join('\n')] as const),
	]);
}

/** A word as systemd.service(5) reads it. */
function quote(word: string): string {
	return `"${word.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

async function enable(units: string): Promise<void> {
	if (!(await isEnabled(units))) {
		await mkdir(dirname(join(units, wants)), {recursive: true, mode: 0o755});
		await rm(join(units, wants), {force: true});
		await symlink(join('..', resumeUnit), join(units, wants));
		await syncDirectory(dirname(join(units, wants)));
	}
}

async function isEnabled(units: string): Promise<boolean> {
	return (await readlink(join(units, wants)).catch(() => '')) === join('..', resumeUnit);
}

async function dropIns(units: string): Promise<string[]> {
	const names = await readdir(units).catch(() => []);
	const paths = names.filter(name => name.endsWith('.service.d')).map(name => join(units, name, dropIn));
	const there = await Promise.all(paths.map(isThere));
	return paths.filter((_, index) => there[index]);
}
