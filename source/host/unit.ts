import {execFile} from 'node:child_process';

/** The state of a systemd unit as systemctl tells it, for example `active (running)`; undefined when it does not. */
export async function unitState(unit: string): Promise<string | undefined> {
	return new Promise(resolve => {
		const options = {timeout: 5000, env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8'}};
		execFile('systemctl', ['show', '--property=ActiveState,SubState', unit], options, (error, stdout) => {
			const state = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(stdout)?.[1];
			const [active, sub] = [state('ActiveState'), state('SubState')];
			resolve(error || !active ? undefined : sub ? `${active} (${sub})` : active);
		});
	});
}
