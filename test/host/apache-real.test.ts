import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';

/**
Builds a copy-on-write view of this host in memory, installs Apache into it with this host's own package
sources, and runs a command there. Nothing of it is left when the command ends. 77 says that there is no
such view, or no Apache, to be had here. Arguments: mount point, the repository, the command.
*/
const inView = `
place=$1; repository=$2; shift 2
mount -t tmpfs tmpfs "$place" && mkdir "$place/upper" "$place/work" "$place/root" || exit 77
root=$place/root
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" overlay "$root" || exit 77
mkdir -p "$root$repository"
mount --bind /dev "$root/dev" && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/run" &&
	mount -t tmpfs tmpfs "$root/tmp" && mkdir -p "$root/run/lock" "$root$repository" &&
	mount --bind "$repository" "$root$repository" || exit 77
printf '#!/bin/sh\\nexit 101\\n' > "$root/usr/sbin/policy-rc.d"; chmod 755 "$root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
if ! test -e "$root/usr/lib/apache2/modules/mod_wsgi.so"; then
	chroot "$root" sh -c 'apt-get update && apt-get install -y --no-install-recommends apache2 libapache2-mod-wsgi-py3' >&2 || exit 77
fi
cd / && exec chroot "$root" "$@"
`;

const repository = path.resolve(import.meta.dirname, '../..');
const canBuild =
	process.getuid?.() === 0 &&
	spawnSync('unshare', ['-m', 'true']).status === 0 &&
	spawnSync('apt-get', ['-v']).status === 0;

test('real Apache agrees', {
	skip: canBuild ? false : 'needs root, mount namespaces and apt',
	timeout: 300_000,
}, async t => {
	const place = await mkdtemp(path.join(tmpdir(), 'apache-view-'));
	t.after(() => rm(place, {recursive: true, force: true}));
	const child = spawn(
		'unshare',
		[
			...[
				'--mount',
				'--pid',
				'--fork',
				'--kill-child',
				'--propagation',
				'private',
				'sh',
				'-c',
				inView,
				'sh',
				place,
				repository,
			],
			...['env', '-C', repository, process.execPath, '--import', 'tsx', '--test', '--test-reporter=spec'],
			path.join(repository, 'test/host/inside/apache.ts'),
		],
		{stdio: ['ignore', 'pipe', 'pipe'], env: {PATH: plainPath, LANG: 'C.UTF-8'}},
	);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => {
			output += chunk.toString();
		});
	}

	const status = await new Promise<number | null>(resolve => {
		child.once('close', resolve);
	});
	if (status === 77) {
		t.skip(`no Apache to be had: ${output.slice(-300)}`);
		return;
	}

	assert.equal(status, 0, output.slice(-8000));
	assert.match(output, /pass [1-9]/);
});

const plainPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
