import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {command, commandNow, tryCommand} from './commands.js';

const forwarding = '/proc/sys/net/ipv4/ip_forward';
/** Who needs forwarding, and what it was before the first of them; gone with a reboot, as the setting is. */
const users = '/run/omflow-tui-lab';

/** A server's line to the host; its number names the link, the rule and the subnet. */
export type Line = {readonly index: number; readonly hostAddress: string; readonly address: string};

function line(index: number): Line {
	// 198.18.0.0/15 is set aside for tests: no real network uses it.
	return {index, hostAddress: `198.18.${index}.1`, address: `198.18.${index}.2`};
}

export const linkName = ({index}: Line) => `omflow-lab${index}`;
const tableName = ({index}: Line) => `omflow_lab${index}`;

/**
Lays a virtual cable between the host and a server's network namespace, and lets the server reach
through the host what the host reaches. `announce` is told which line before anything is changed.
*/
export async function connect(leader: number, announce: (line: Line) => Promise<void>): Promise<Line> {
	const found = await addLink(leader, announce);
	const link = linkName(found);
	const inside = (...argv: string[]) => command(['nsenter', '-t', String(leader), '-n', ...argv]);
	await command(['ip', 'address', 'add', `${found.hostAddress}/30`, 'dev', link]);
	await command(['ip', 'link', 'set', link, 'up']);
	await inside('ip', 'address', 'add', `${found.address}/30`, 'dev', 'eth0');
	await inside('ip', 'link', 'set', 'eth0', 'up');
	await inside('ip', 'route', 'add', 'default', 'via', found.hostAddress);
	await command(['nft', '-f', '-'], {
		input: [
			`table ip ${tableName(found)} {`,
			'chain translate {',
			'type nat hook postrouting priority 100;',
			`ip saddr ${found.address} masquerade`,
			'}',
			'}\n',
		].join('\n'),
	});
	needForwarding(found);
	return found;
}

/** Takes back what `connect` did; also half of it, and twice. */
export function disconnect(found: Line): void {
	commandNow(['ip', 'link', 'delete', linkName(found)]);
	commandNow(['nft', 'delete', 'table', 'ip', tableName(found)]);
	releaseForwarding(found);
}

/** Bits a second of a modem. */
const modem = '56kbit';

/**
Lets ssh have no more than a modem's rate on this line, both ways; packages come as fast as ever. How late everything
is comes from `delay.ts`: not every kernel has netem.
*/
export async function slowDown(leader: number, found: Line): Promise<void> {
	const inside = ['nsenter', '-t', String(leader), '-n'];
	for (const [device, port, place] of [
		[linkName(found), 'dport', []],
		['eth0', 'sport', inside],
	] as const) {
		const tc = async (words: string) => command([...place, 'tc', ...words.split(' ')]);
		// Else the kernel hands over many packets as one, which goes out at once whatever the rate.
		await command([...place, 'ip', 'link', 'set', device, 'gso_max_segs', '1', 'gso_max_size', '1514']);
		await tc(`qdisc add dev ${device} root handle 1: htb`);
		await tc(`class add dev ${device} parent 1: classid 1:1 htb rate ${modem}`);
		await tc(`filter add dev ${device} parent 1: protocol ip u32 match ip ${port} 22 0xffff flowid 1:1`);
	}
}

async function addLink(leader: number, announce: (line: Line) => Promise<void>): Promise<Line> {
	for (let index = 0; index < 256; index++) {
		const candidate = line(index);
		const name = linkName(candidate);
		if ((await tryCommand(['ip', 'link', 'show', name])).exitCode === 0) {
			continue;
		}

		// Only one of two labs that start at once gets the name; the other tries the next.
		const added = await tryCommand([
			'ip',
			'link',
			'add',
			name,
			'type',
			'veth',
			'peer',
			'name',
			'eth0',
			'netns',
			String(leader),
		]);
		if (added.exitCode === 0) {
			await announce(candidate);
			return candidate;
		}

		if (!added.stderr.includes('File exists')) {
			throw new Error(`No virtual cable: ${added.stderr}`);
		}
	}

	throw new Error('All numbers for servers are taken');
}

function needForwarding(found: Line): void {
	mkdirSync(users, {recursive: true});
	try {
		writeFileSync(path.join(users, 'before'), readFileSync(forwarding), {flag: 'wx'});
	} catch {}

	writeFileSync(path.join(users, String(found.index)), '');
	writeFileSync(forwarding, '1');
}

function releaseForwarding(found: Line): void {
	rmSync(path.join(users, String(found.index)), {force: true});
	try {
		if (readdirSync(users).every(name => name === 'before')) {
			writeFileSync(forwarding, readFileSync(path.join(users, 'before')));
			rmSync(users, {recursive: true, force: true});
		}
	} catch {}
}
