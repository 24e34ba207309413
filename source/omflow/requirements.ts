import {normalizeName} from '../host/pip.js';
import {t} from '../locales/index.js';
import type {Needs} from './releases.js';
import {
	compiledWith,
	type DatabaseKind,
	driversOf,
	lowestFor311,
	nextMajorBreaks,
	partOfEnvironment,
	remarks as remarkTable,
	standardLibrary311,
	tooOldForDjango42,
} from './requirement-rules.js';

export type Rewritten = {
	/** The new requirements file, one line an entry; dropped ones stay as comments. */
	readonly lines: readonly string[];
	/** What to tell the administrator beside a line, by index into `lines`. */
	readonly remarks: ReadonlyArray<{readonly index: number; readonly remark: string}>;
	/** Lines of the old list that will not be installed. */
	readonly dropped: ReadonlyArray<{readonly line: string; readonly reason: string}>;
};

const droppedMark = '# dropped: ';

/**
Turns the package list of the old environment into one that pip can resolve on the new Python.

A pin made for Python 3.8 becomes a lower bound (`name==1.2` → `name>=1.2`): packages with C code have no
build of the old version for 3.11, and keeping the pins of the others stops pip from choosing a set that
fits together. Where the next major version is known to break its callers, that is the upper bound. The old
version stands in the remark, so that a pin can be put back. Nothing is left out in silence: what cannot
be kept stays as a comment line with its reason, which `missingFrom` understands.

@param frozen - Lines of `pip list --format=freeze`; comments and empty lines are passed over.
*/
export function rewriteRequirements(frozen: readonly string[], needs: Needs, database: DatabaseKind): Rewritten {
	const lines: string[] = [];
	const remarks: Array<{index: number; remark: string}> = [];
	const dropped: Array<{line: string; reason: string}> = [];
	const names = new Set<string>();
	const keep = (line: string, remark?: string) => {
		if (remark) {
			remarks.push({index: lines.length, remark});
		}

		lines.push(line);
	};

	const required = new Map(needs.pythonPackages.map(name => [normalizeName(name), name]));
	for (const raw of frozen) {
		const line = raw.trim();
		if (line === '' || line.startsWith('#')) {
			continue;
		}

		const entry = parseLine(line);
		const reason = 'problem' in entry ? entry.problem : reasonToDrop(entry.name);
		if ('problem' in entry || reason) {
			dropped.push({line, reason: reason ?? ''});
			keep(`${droppedMark}${line} - ${reason}`, reason);
			continue;
		}

		if (names.has(entry.name)) {
			continue;
		}

		names.add(entry.name);
		const written = entry.name === 'django' ? `${entry.written}${needs.django}` : relax(entry);
		const was =
			entry.version === undefined || written === line ? undefined : t('was {version}', {version: entry.version});
		keep(written, [was, remarkTable[entry.name]].filter(Boolean).join('; '));
	}

	for (const [name, written] of required) {
		if (!names.has(name)) {
			names.add(name);
			keep(
				name === 'django' ? `${written}${needs.django}` : written,
				t('the new OMFLOW needs it; the old environment lacks it'),
			);
		}
	}

	const drivers = driversOf[database];
	if (drivers && !drivers.anyOf.some(name => names.has(name))) {
		for (const line of drivers.add) {
			keep(line, t(drivers.remark));
		}
	}

	return {lines, remarks, dropped};
}

/**
Packages that the old environment has or the requirements name, and the new environment lacks: the check
the vendor's Windows updater repeats until nothing is missing. What the requirements drop in a comment line
is not missed; a line that was just deleted is. Returns normalised names, sorted.

@param oldList - Lines of `pip list --format=freeze` of the old environment.
@param newList - The same of the new one.
@param requirements - Lines of the requirements as the administrator accepted them.
*/
export function missingFrom(
	oldList: readonly string[],
	newList: readonly string[],
	requirements: readonly string[],
): string[] {
	const present = new Set(newList.map(nameOfLine));
	const given = new Set(requirements.map(nameOfDropped));
	const wanted = new Set<string>();
	for (const line of requirements) {
		const entry = line.trim().startsWith('#') ? undefined : parseLine(line.trim());
		if (entry && 'name' in entry) {
			wanted.add(entry.name);
		}
	}

	for (const line of oldList) {
		const name = nameOfLine(line);
		if (name !== undefined && !given.has(name) && !partOfEnvironment.has(name)) {
			wanted.add(name);
		}
	}

	return [...wanted].filter(name => !present.has(name)).sort();
}

/** Debian's packages that are wanted to compile what requirements name, besides a compiler and Python's own headers. */
export function developmentPackages(requirements: readonly string[]): string[] {
	const names = requirements.map(line => (line.trim().startsWith('#') ? undefined : nameOfLine(line)));
	return [...new Set(names.flatMap(name => (name === undefined ? [] : (compiledWith[name] ?? []))))];
}

/** pip reads options from a requirements file; those that lead elsewhere than the configured index are refused. */
export function refuseOptions(text: string): string | undefined {
	const bad = text.split('\n').find(line => /^\s*-/.test(line) && !/^\s*(-e|--editable)\b/.test(line));
	return bad
		? t("“{bad}” is an option of pip, not a package. Set it in pip's configuration instead.", {bad: bad.trim()})
		: undefined;
}

type Entry = {
	/** Normalised. */
	readonly name: string;
	/** Name and extras as the line has them. */
	readonly written: string;
	/** Of a `==` pin. */
	readonly version?: string;
	/** Everything after the name, when it is not a plain pin. */
	readonly rest: string;
};

function parseLine(line: string): Entry | {readonly problem: string} {
	if (/^(-e|--editable)\b/.test(line)) {
		return {problem: t('was installed from a working copy; install that one into the new environment by hand')};
	}

	if (line.startsWith('-') || /^\w+:\/\//.test(line) || /^[./]/.test(line)) {
		return {problem: t('is not a package name and a version')};
	}

	const match = /^([A-Za-z\d](?:[\w.-]*[A-Za-z\d])?)(\s*\[[^\]]*\])?\s*(.*)$/.exec(line);
	if (!match) {
		return {problem: t('is not a package name and a version')};
	}

	const [, written = '', extras = '', rest = ''] = match;
	const name = normalizeName(written);
	if (/^@\s*file:/.test(rest)) {
		return {
			problem: t(
				'was installed from a file; give pip a file or a version of it that suits the new Python, or leave it out',
			),
		};
	}

	const version = /^===?\s*([^\s,;*]+)$/.exec(rest)?.[1];
	return {name, written: written + extras.trim(), rest, ...(version === undefined ? {} : {version})};
}

/** The package of a line that was turned into a comment, by this program or by a person. Words are no package. */
export function nameOfDropped(line: string): string | undefined {
	const text = line.trim();
	return text.startsWith(droppedMark)
		? nameOfLine(text.slice(droppedMark.length))
		: /^#\s*[A-Za-z\d][\w.-]*(\[[^\]]*])?\s*([=<>!~@;].*)?$/.test(text)
			? nameOfLine(text.slice(1))
			: undefined;
}

/** The normalised name of the package that a line of requirements, or of a list, is about. */
export function nameOfLine(line: string): string | undefined {
	const name =
		/^(?:-e|--editable)\b.*#egg=([\w.-]+)/.exec(line)?.[1] ??
		/^\s*([A-Za-z\d][\w.-]*?)\s*(?:[[=<>!~;@\s]|$)/.exec(line)?.[1];
	return name === undefined ? undefined : normalizeName(name);
}

function reasonToDrop(name: string): string | undefined {
	if (partOfEnvironment.has(name)) {
		return t('every new environment brings its own');
	}

	if (standardLibrary311.has(name)) {
		return t('is part of Python 3.11');
	}

	const reason = tooOldForDjango42[name];
	return reason === undefined ? undefined : t(reason);
}

/** The line to install: at least the old version and at least the first that has a chance on Python 3.11. */
function relax(entry: Entry): string {
	if (entry.version === undefined) {
		return `${entry.written}${/^[;@]/.test(entry.rest) ? ' ' : ''}${entry.rest}`;
	}

	// A local version (1.2+ubuntu1) cannot be compared with what an index offers.
	const old = entry.version.split('+')[0] ?? entry.version;
	const lowest = lowestFor311[entry.name];
	const bound = lowest !== undefined && compareNumbers(lowest, old) > 0 ? lowest : old;
	const ceiling = nextMajorBreaks[entry.name];
	const upper = ceiling !== undefined && compareNumbers(old, ceiling) < 0 ? `,<${ceiling}` : '';
	return `${entry.written}>=${bound}${upper}`;
}

/** By the numbers alone; versions of Python packages are not semver (`2021.1`, `1.0.post1`). */
function compareNumbers(a: string, b: string): number {
	const left = a.split('.').map(part => Number.parseInt(part, 10) || 0);
	const right = b.split('.').map(part => Number.parseInt(part, 10) || 0);
	for (let index = 0; index < Math.max(left.length, right.length); index++) {
		const difference = (left[index] ?? 0) - (right[index] ?? 0);
		if (difference !== 0) {
			return difference;
		}
	}

	return 0;
}
