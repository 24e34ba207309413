import {t} from '../locales/index.js';
import {normalizeName} from './pip-progress.js';
import type {Runner} from './process.js';

/** A host that Python packages are for. */
export type PythonPlatform = {
	/** Minor version, for example `3.11`. */
	readonly python: string;
	/** As dpkg names it, for example `amd64`. */
	readonly architecture: string;
	/** For example `2.36`. */
	readonly glibc: string;
};

/** What the name of a wheel says; rule of PEP 427. */
export type WheelName = {
	/** Normalised. */
	readonly name: string;
	readonly version: string;
	readonly build?: string;
	readonly python: readonly string[];
	readonly abi: readonly string[];
	readonly platform: readonly string[];
};

/** Undefined for what is not the name of a wheel. */
export function parseWheelName(file: string): WheelName | undefined {
	const match = /^([A-Za-z\d][\w.]*)-([\w.!+]+)(?:-(\d\w*))?-([\w.]+)-([\w.]+)-([\w.]+)\.whl$/.exec(file);
	if (!match) {
		return undefined;
	}

	const [, name = '', version = '', build, python = '', abi = '', platform = ''] = match;
	return {
		name: normalizeName(name),
		version,
		...(build === undefined ? {} : {build}),
		python: python.split('.'),
		abi: abi.split('.'),
		platform: platform.split('.'),
	};
}

/** Name and version of a source archive. */
export function parseSourceName(file: string): {readonly name: string; readonly version: string} | undefined {
	const [, name, version] = /^([A-Za-z\d][\w.-]*)-(\d[\w.!+]*?)\.(?:tar\.gz|zip)$/.exec(file) ?? [];
	return name === undefined || version === undefined ? undefined : {name: normalizeName(name), version};
}

/** dpkg's name of an architecture, and the kernel's, which wheels have. */
const machines: Readonly<Record<string, string>> = {
	amd64: 'x86_64',
	arm64: 'aarch64',
	armhf: 'armv7l',
	i386: 'i686',
	ppc64el: 'ppc64le',
	riscv64: 'riscv64',
	s390x: 's390x',
};

/** Older names of what `manylinux_X_Y` says; see PEP 600. */
const legacy: Readonly<Record<string, string>> = {manylinux1: '2.5', manylinux2010: '2.12', manylinux2014: '2.17'};

/** Tags of the platforms whose wheels a host can use, the best first. */
export function platformTags({architecture, glibc}: PythonPlatform): string[] {
	const machine = machines[architecture] ?? architecture;
	const newest = Number(glibc.split('.')[1] ?? 0);
	const minors = Array.from({length: Math.max(0, newest - 4)}, (_, index) => newest - index);
	return [
		...minors.flatMap(minor => [
			`manylinux_2_${minor}_${machine}`,
			...Object.entries(legacy).flatMap(([name, version]) => (version === `2.${minor}` ? [`${name}_${machine}`] : [])),
		]),
		`linux_${machine}`,
	];
}

/** Why a wheel cannot be installed on a host, in words that follow its name; undefined when it can. Rules: PEP 425, PEP 600. */
export function unfit(wheel: WheelName, host: PythonPlatform): string | undefined {
	if (!wheel.python.some(tag => wheel.abi.some(abi => suits(tag, abi, host.python)))) {
		return t('is for {wheel}, not Python {python}', {
			wheel: wheel.python.map(pythonOf).join(' or '),
			python: host.python,
		});
	}

	const machine = machines[host.architecture] ?? host.architecture;
	const why = wheel.platform.map(tag => unfitPlatform(tag, machine, host.glibc));
	return why.includes(undefined) ? undefined : why[0];
}

function suits(tag: string, abi: string, python: string): boolean {
	const [major = '', minor = ''] = python.split('.');
	if (abi === 'none' || abi === 'abi3') {
		const [, kind, own, lowest] = /^(py|cp)(\d)(\d*)$/.exec(tag) ?? [];
		const isPlain = abi === 'none' && kind === 'cp' && lowest !== '';
		return own === major && (isPlain ? lowest === minor : lowest === '' || Number(lowest) <= Number(minor));
	}

	return tag === `cp${major}${minor}` && abi === tag;
}

function pythonOf(tag: string): string {
	const [, kind, major, minor] = /^(py|cp|pp)(\d)(\d*)$/.exec(tag) ?? [];
	return major === undefined ? tag : `${kind === 'pp' ? 'PyPy' : 'Python'} ${major}${minor ? `.${minor}` : ''}`;
}

function unfitPlatform(tag: string, machine: string, glibc: string): string | undefined {
	if (tag === 'any') {
		return undefined;
	}

	const [, kind = '', major, minor, named, of = ''] =
		/^(?:(manylinux|musllinux)_(\d+)_(\d+)|(manylinux\d+|linux|win|macosx.*?))_?(.*)$/.exec(tag) ?? [];
	const wanted = named === undefined ? `${major}.${minor}` : legacy[named];
	if (kind === 'musllinux') {
		return t('is for systems with musl');
	}

	if (named !== undefined && wanted === undefined && named !== 'linux') {
		return t('is for {tag}', {tag});
	}

	if (of !== machine) {
		return t('is for {tag}, not {machine}', {tag: of || tag, machine});
	}

	return wanted !== undefined && isNewer(wanted, glibc)
		? t('needs glibc {wanted}, and the host has {glibc}', {wanted, glibc})
		: undefined;
}

function isNewer(a: string, b: string): boolean {
	const [left = [], right = []] = [a, b].map(text => text.split('.').map(Number));
	return (left[0] ?? 0) !== (right[0] ?? 0) ? (left[0] ?? 0) > (right[0] ?? 0) : (left[1] ?? 0) > (right[1] ?? 0);
}

/** The C library of this host, for example `2.36`. Throws an Error where it is another one. */
export async function glibcVersion(runner: Runner): Promise<string> {
	const {stdout} = await runner.capture(['getconf', 'GNU_LIBC_VERSION'], {accept: [0, 1]});
	const version = /^glibc (\d+\.\d+)/.exec(stdout)?.[1];
	if (version === undefined) {
		throw new Error(t('This host does not say which glibc it has (getconf GNU_LIBC_VERSION).'));
	}

	return version;
}
