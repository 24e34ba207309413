import path from 'node:path';
import {command, tryCommand, withLock} from './commands.js';
import {cache} from './places.js';
import {readSettings} from './settings.js';

/** Programs the lab needs on the host, and the package each comes in. */
const hostPrograms: ReadonlyArray<readonly [program: string, name: string]> = [
	['debootstrap', 'debootstrap'],
	['systemd-nspawn', 'systemd-container'],
	['ssh', 'openssh-client'],
	['ip', 'iproute2'],
	['tc', 'iproute2'],
	['nft', 'nftables'],
	['setpriv', 'util-linux'],
	['mount', 'mount'],
];

/** Why this machine is none on which tests install what they need; undefined when it is one. */
async function foreign(): Promise<string | undefined> {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) {
		return 'the lab needs root';
	}

	const {codename, sources} = await readSettings();
	return codename === 'bookworm' && sources.length > 0 ? undefined : 'the lab needs Debian 12 with its package sources';
}

/** Makes this machine able to run the lab. Returns the reason why it cannot, else undefined. */
export async function prepareHost(): Promise<string | undefined> {
	return provide(hostPrograms);
}

/** Installs the packages of the programs that are missing, and says so. Returns the reason why not, else undefined. */
export async function provide(
	programs: ReadonlyArray<readonly [program: string, name: string]>,
): Promise<string | undefined> {
	const reason = await foreign();
	if (reason) {
		return reason;
	}

	return withLock(path.join(cache, 'host.lock'), async () => {
		const missing: string[] = [];
		for (const [program, name] of programs) {
			if ((await tryCommand(['sh', '-c', 'command -v "$1"', 'sh', program])).exitCode !== 0) {
				missing.push(name);
			}
		}

		if (missing.length > 0) {
			console.log(`The tests install ${missing.join(', ')} on this machine.`);
			const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'} as Record<string, string>;
			await command(['apt-get', '-qq', 'update'], {env, timeout: 300_000});
			await command(['apt-get', '-qq', '-y', 'install', '--no-install-recommends', ...missing], {
				env,
				timeout: 300_000,
			});
		}

		return undefined;
	});
}
