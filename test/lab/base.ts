import {chmod, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {command} from './commands.js';
import {type Layer, makeLayer} from './layer.js';
import {digest, digestFiles} from './places.js';
import {readSettings, type Settings} from './settings.js';

const packages = [
	'systemd',
	'systemd-sysv',
	'dbus',
	'libpam-systemd',
	'openssh-server',
	'iproute2',
	'sudo',
	'ca-certificates',
	'curl',
	// Linked by Node's own binary.
	'libatomic1',
	'libstdc++6',
];

/**
The bare server: Debian 12 with systemd, sshd and the administrator vera; or another release of Debian, from the same
mirror. Made once.
*/
export async function makeBase(release?: string): Promise<Layer> {
	const own = await readSettings();
	const settings = release === undefined ? own : settingsFor(release, own);
	const recipe = await digestFiles([fileURLToPath(import.meta.url)]);
	return makeLayer(release === undefined ? 'base' : `base-${release}`, digest(recipe, JSON.stringify(settings)), root =>
		bootstrap(root, settings),
	);
}

/** Without its updates, which every release has elsewhere. */
function settingsFor(release: string, {codename, sources, ...rest}: Settings): Settings {
	const main = sources.filter(({suite}) => suite === codename).map(source => ({...source, suite: release}));
	return {...rest, codename: release, sources: main};
}

async function bootstrap(root: string, settings: Settings): Promise<void> {
	const main = settings.sources.find(({suite}) => suite === settings.codename);
	if (!main) {
		throw new Error(`No package source for ${settings.codename} in /etc/apt`);
	}

	await command(
		['debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, settings.codename, root, main.uri],
		{timeout: 600_000},
	);
	const put = (file: string, content: string) => writeFile(path.join(root, file), content);
	const inside = (...argv: string[]) => command(['chroot', root, ...argv]);

	await put('etc/hostname', 'omflow-lab\n');
	await put('etc/hosts', '127.0.0.1 localhost omflow-lab\n::1 localhost\n');
	await put('etc/default/locale', 'LANG=C.UTF-8\n');
	const sources = settings.sources.map(({uri, suite, components}) => `deb ${uri} ${suite} ${components}\n`);
	await put('etc/apt/sources.list', sources.join(''));
	await put('etc/apt/apt.conf.d/90host', settings.apt);
	await put('etc/pip.conf', settings.pip);
	await put('etc/environment', settings.environment);
	for (const [index, certificate] of settings.certificates.entries()) {
		await put(`usr/local/share/ca-certificates/host-${index}.crt`, `${certificate}\n`);
	}

	await inside('update-ca-certificates');

	// The setting under which what an administrator leaves behind is killed at logout.
	await mkdir(path.join(root, 'etc/systemd/logind.conf.d'), {recursive: true});
	await put('etc/systemd/logind.conf.d/lab.conf', '[Login]\nKillUserProcesses=yes\n');
	// They start at a random moment and hold apt's lock; tests that want a lock held take it themselves.
	await inside('systemctl', 'mask', 'apt-daily.timer', 'apt-daily-upgrade.timer', 'fstrim.timer', 'e2scrub_all.timer');

	await inside('useradd', '--create-home', '--shell', '/bin/bash', '--groups', 'sudo', 'vera');
	await put('etc/sudoers.d/vera', 'vera ALL=(ALL) NOPASSWD: ALL\n');
	await chmod(path.join(root, 'etc/sudoers.d/vera'), 0o440);
	await inside('apt-get', 'clean');
}
