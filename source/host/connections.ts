import {readFile} from 'node:fs/promises';

/** The states in which a TCP socket has another end, and so for UDP: established, and asking for a connection. */
const open = new Set(['01', '02']);

/**
The other end of a connection of a process: `HOST:PORT`. One that is still being opened comes first. Read in the network
the process lives in, which need not be this one.

@param sockets - Inodes of its sockets.
*/
export async function otherEnd(pid: number, sockets: ReadonlySet<string>): Promise<string | undefined> {
	const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map(name => `/proc/${pid}/net/${name}`);
	const texts = sockets.size === 0 ? [] : await Promise.all(tables.map(path => readFile(path, 'utf8').catch(() => '')));
	const found = texts.flatMap(text => connections(text)).filter(({inode}) => sockets.has(inode));
	return (found.find(({isOpening}) => isOpening) ?? found[0])?.address;
}

/** Lines as in proc_net_tcp(5): `0: 0100007F:8E2A 0100007F:0050 01 … inode`. */
export function connections(table: string): Array<{inode: string; address: string; isOpening: boolean}> {
	return table.split('\n').flatMap(line => {
		const [, , remote = '', state = '', , , , , , inode] = line.trim().split(/\s+/);
		const [host = '', port = ''] = remote.split(':');
		return inode !== undefined && open.has(state) && /[^0]/.test(host) && /^[\dA-F]{4}$/.test(port)
			? [{inode, address: `${hostOf(host)}:${Number.parseInt(port, 16)}`, isOpening: state === '02'}]
			: [];
	});
}

/** The kernel writes addresses as 32-bit numbers in the order of this machine, which is the little end first. */
function hostOf(hex: string): string {
	const bytes = (hex.match(/.{8}/g) ?? []).flatMap(word => (word.match(/../g) ?? []).reverse());
	const four = bytes.slice(-4).map(byte => Number.parseInt(byte, 16));
	if (bytes.length === 4 || /^0{20}ffff$/i.test(bytes.slice(0, 12).join(''))) {
		return four.join('.');
	}

	// A URL has the short form.
	return new URL(`http://[${(bytes.join('').match(/.{4}/g) ?? []).join(':')}]`).hostname;
}
