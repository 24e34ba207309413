import {access, constants, lstat, rename} from 'node:fs/promises';
import {dirname} from 'node:path';
import {t} from '../locales/index.js';
import {faultPoint} from './fault.js';
import {isThere, syncDirectory} from './files.js';
import type {Runner} from './process.js';

/**
Node has no call for renameat2(2), and a native module would tie the program to one kind of machine. Python 3.11
is there when environments are exchanged, and perl-base is essential on Debian. Both scripts are constant, get
the paths as arguments, and end with 100 + errno.
*/
const pythonScript = `import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
a, b = (os.fsencode(path) for path in sys.argv[1:3])
if libc.renameat2(-100, a, -100, b, 2) != 0:
    sys.exit(100 + ctypes.get_errno())
`;
const perlScript = 'exit(syscall($ARGV[0] + 0, -100, $ARGV[1], -100, $ARGV[2], 2) == 0 ? 0 : 100 + $!);';

/** Number of renameat2 by Node's name of the architecture, from the kernel's tables. */
const systemCalls: Readonly<Record<string, number>> = {
	x64: 316,
	arm64: 276,
	riscv64: 276,
	ppc64: 357,
	s390x: 347,
	arm: 382,
	ia32: 353,
};

const errno = {EXDEV: 118, EINVAL: 122, ENOSYS: 138} as const;

/** Where `a` waits while it is exchanged by plain renames; left behind only by a crash in between. */
export const intermediateName = (a: string) => `${a}.omflow-tui-exchange`;

/**
Exchanges two directories of one filesystem, so that at no moment either name is missing, and makes that
survive a power cut. Where the kernel or filesystem cannot, three renames do it, with `a` missing for less
than a millisecond; a crash in there is put right by `finishExchange`, which is called first here too.

Calling it twice exchanges twice: ask a marker inside the trees which is which before.
*/
export async function exchange(runner: Runner, a: string, b: string): Promise<'atomic' | 'renamed' | 'finished'> {
	if (await finishExchange(a, b)) {
		return 'finished';
	}

	await checkDirectories(a, b);
	const status = await exchangeAtomically(runner, a, b);
	if (status === errno.EXDEV) {
		throw new Error(
			t(
				'{a} and {b} cannot be exchanged: they are not on one filesystem, or on an overlay without redirect_dir. Put both on the same filesystem.',
				{a, b},
			),
		);
	}

	if (status !== 0) {
		await rename(a, intermediateName(a));
		faultPoint('exchange/first');
		await finishExchange(a, b);
		return 'renamed';
	}

	faultPoint('exchanged');
	await syncParents(a, b);
	return 'atomic';
}

/**
Completes an exchange by renames that was cut, and says whether there was one. Looks at the names alone:
the intermediate one exists from the first rename to the last.
*/
export async function finishExchange(a: string, b: string): Promise<boolean> {
	const waiting = intermediateName(a);
	if (!(await isThere(waiting))) {
		return false;
	}

	if (!(await isThere(a))) {
		await rename(b, a);
		faultPoint('exchange/second');
		await syncParents(a, b);
	}

	if (await isThere(b)) {
		throw new Error(
			t(
				'{a}, {b} and {waiting} all exist, so an earlier exchange cannot be finished. Find out which of them is not needed, move it away and try again.',
				{a, b, waiting},
			),
		);
	}

	await rename(waiting, b);
	await syncParents(a, b);
	return true;
}

async function checkDirectories(a: string, b: string): Promise<void> {
	const [first, second] = await Promise.all([a, b].map(describe));
	if (first?.dev !== second?.dev) {
		throw new Error(t('{a} and {b} cannot be exchanged: they are on different filesystems. Put both on one.', {a, b}));
	}
}

async function describe(path: string) {
	const stat = await lstat(path).catch(() => undefined);
	if (!stat?.isDirectory()) {
		throw new Error(
			stat
				? t('{path} cannot be exchanged: it is not a directory.', {path})
				: t('{path} cannot be exchanged: it is not there.', {path}),
		);
	}

	return stat;
}

async function exchangeAtomically(runner: Runner, a: string, b: string): Promise<number> {
	const options = {accept: [0, ...Object.values(errno)], shownAs: `renameat2 RENAME_EXCHANGE ${a} ${b}`};
	for (const python of ['/usr/bin/python3.11', '/usr/bin/python3']) {
		if (await isExecutable(python)) {
			return runner.run([python, '-I', '-S', '-c', pythonScript, a, b], options);
		}
	}

	const number = systemCalls[process.arch];
	if (number !== undefined && (await isExecutable('/usr/bin/perl'))) {
		return runner.run(['/usr/bin/perl', '-e', perlScript, String(number), a, b], options);
	}

	return errno.ENOSYS;
}

async function syncParents(a: string, b: string): Promise<void> {
	for (const parent of new Set([dirname(a), dirname(b)])) {
		await syncDirectory(parent);
	}
}

async function isExecutable(path: string): Promise<boolean> {
	return access(path, constants.X_OK).then(
		() => true,
		() => false,
	);
}
