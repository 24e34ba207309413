import {t} from '../locales/index.js';
import {withoutSecrets} from './environment.js';
import {normalizeName, type PipProgress} from './pip-progress.js';

/** Debian's package for a header, by the end of its path. Seen when these packages were built. */
const headers: ReadonlyArray<readonly [header: string, debian: string]> = [
	['Python.h', 'python3.11-dev'],
	['sasl/sasl.h', 'libsasl2-dev'],
	['lber.h', 'libldap2-dev'],
	['ldap.h', 'libldap2-dev'],
	['mysql.h', 'libmysqlclient-dev or default-libmysqlclient-dev'],
	['libpq-fe.h', 'libpq-dev'],
	['sql.h', 'unixodbc-dev'],
	['ffi.h', 'libffi-dev'],
	['openssl/ssl.h', 'libssl-dev'],
	['jpeglib.h', 'libjpeg-dev'],
	['zlib.h', 'zlib1g-dev'],
	['libxml/xmlversion.h', 'libxml2-dev and libxslt1-dev'],
	['krb5.h', 'libkrb5-dev'],
	['gssapi/gssapi.h', 'libkrb5-dev'],
];

const programs: Readonly<Record<string, string>> = {
	mysql_config: 'libmysqlclient-dev or default-libmysqlclient-dev',
	mariadb_config: 'libmariadb-dev',
	pg_config: 'libpq-dev',
	'pkg-config': 'pkg-config',
	gcc: 'build-essential',
	cc: 'build-essential',
	'x86_64-linux-gnu-gcc': 'build-essential',
	'aarch64-linux-gnu-gcc': 'build-essential',
	apxs: 'apache2-dev',
};

/** What pip failed with, in sentences. */
export class PipFailure extends Error {
	override readonly name = 'PipFailure';

	constructor(
		message: string,
		/** What could not be built, and Debian's packages that it takes: they belong to the host it is built on. */
		readonly lacks: {readonly what: string; readonly packages: string} | undefined,
		cause: unknown,
	) {
		super(message, {cause});
	}
}

/** What is known about a failure of pip; undefined as `explainPip`. */
export function pipFailure(progress: PipProgress, lastOutput: string, cause: unknown): PipFailure | undefined {
	const sentence = explainPip(progress, lastOutput);
	return sentence === undefined
		? undefined
		: new PipFailure(sentence, lackOf(progress, [...progress.evidence, lastOutput].join('\n')), cause);
}

/**
Why `pip install` failed and what to do, in sentences; undefined when nothing known is in the output.
`lastOutput` is the end of what pip printed.
*/
export function explainPip(progress: PipProgress, lastOutput: string): string | undefined {
	const text = [...progress.evidence, lastOutput].join('\n');
	// Before the missing distribution: without a network pip ends with that as well.
	return (
		explainDisk(text) ??
		explainReach(text) ??
		explainBuild(progress, text) ??
		explainConflict(text) ??
		explainMissing(text)
	);
}

function explainReach(text: string): string | undefined {
	if (/CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError/.test(text)) {
		return t(
			'The package index\'s certificate is not trusted. Name your certificate authority\'s file in PIP_CERT or as "cert" in /etc/pip.conf, and try again.',
		);
	}

	if (/ProxyError|Cannot connect to proxy/.test(text)) {
		return t(
			'The proxy does not let pip through to the package index. Check https_proxy in /etc/environment or "proxy" in /etc/pip.conf.',
		);
	}

	const broken = /connection broken by '(\w+)\((.*)/.exec(text);
	if (broken || /Max retries exceeded|ReadTimeoutError|ConnectTimeoutError/.test(text)) {
		const reason = /\[Errno -?\d+\] ([\w ]+)|(Read timed out|timed out)/.exec(text);
		const said = reason?.[1] ?? reason?.[2] ?? t('the connection broke');
		// pip names them when there are others than its own.
		const index = /Looking in indexes: (.+)/.exec(text)?.[1];
		const named = index ? ` ${withoutSecrets(index)}` : '';
		return t(
			'The package index{named} is out of reach ({said}). Check network, proxy and index in /etc/environment and /etc/pip.conf.',
			{named, said},
		);
	}

	return undefined;
}

function explainDisk(text: string): string | undefined {
	return /No space left on device/.test(text)
		? t('There is no room left on the disk for the Python packages. Make room and try again.')
		: undefined;
}

function explainBuild(progress: PipProgress, text: string): string | undefined {
	const {failed} = progress;
	if (failed === undefined) {
		return undefined;
	}

	const name = progress.packages[failed]?.name ?? failed;
	const missing = missingOf(name, text);
	if (missing) {
		const {packages, what} = missing;
		return `${what} ${
			packages === undefined
				? t('Install the package that has it and try again, or give a version with a wheel.')
				: t('Install {packages} and try again, or give a version with a wheel.', {packages})
		}`;
	}

	if (/Can not find valid pkg-config name/.test(text)) {
		return t(
			'{name} could not be built: its C library is not there. Install its development package (for MySQL libmysqlclient-dev) and pkg-config, and try again.',
			{name},
		);
	}

	const library = /cannot find -l(\S+)/.exec(text)?.[1];
	if (library) {
		return t(
			'{name} could not be built: the library {library} is missing. Install its development package and try again.',
			{name, library},
		);
	}

	return t(
		'{name} could not be built. The log shows why; give a version that has a wheel for this Python, or install what it lacks.',
		{name},
	);
}

/** A header or program that building wants, and which package of Debian has it as far as that is known. */
function missingOf(
	name: string,
	text: string,
): {readonly what: string; readonly packages: string | undefined} | undefined {
	const header = /fatal error: (\S+): No such file/.exec(text)?.[1];
	if (header) {
		return {
			what: t('{name} could not be built: the header {header} is missing.', {name, header}),
			packages: headers.find(([end]) => header === end || header.endsWith(`/${end}`))?.[1],
		};
	}

	const program =
		/(?:^|[\s:])([\w+-]+): (?:command )?not found/m.exec(text)?.[1] ??
		/No such file or directory: '([^']+)'/.exec(text)?.[1] ??
		(/apxs\S* command appears not|missing Apache httpd server packages/.test(text) ? 'apxs' : undefined) ??
		/OSError: (\w+) not found/.exec(text)?.[1];
	return program === undefined
		? undefined
		: {
				what: t('{name} could not be built: the program {program} is missing.', {name, program}),
				packages: programs[program],
			};
}

function lackOf(progress: PipProgress, text: string): PipFailure['lacks'] {
	const {failed} = progress;
	const missing = failed === undefined ? undefined : missingOf(progress.packages[failed]?.name ?? failed, text);
	return missing?.packages === undefined ? undefined : {what: missing.what, packages: missing.packages};
}

function explainConflict(text: string): string | undefined {
	const conflict = /Cannot install (.+?) because these package versions have conflicting/.exec(text);
	if (!conflict && !/ResolutionImpossible/.test(text)) {
		return undefined;
	}

	const reasons = [...text.matchAll(/^\s*(\S+ \S+ depends on .+|The user requested .+)$/gm)].map(match => match[1]);
	const because = reasons.length > 0 ? ` (${[...new Set(reasons)].slice(0, 3).join('; ')})` : '';
	return t('{packages} cannot be installed together{because}. Change one of these lines in the requirements.', {
		packages: conflict?.[1] ?? t('The wanted packages'),
		because,
	});
}

function explainMissing(text: string): string | undefined {
	if (/DO NOT MATCH THE HASHES/.test(text)) {
		return t(
			'A downloaded file is not the one the requirements name. Clear the cache and try again; if it stays, a proxy in between changes files.',
		);
	}

	const missing =
		/No matching distribution found for (\S+)/.exec(text) ??
		/Could not find a version that satisfies the requirement (\S+)/.exec(text);
	if (!missing?.[1]) {
		return undefined;
	}

	const none = /\(from versions: none\)/.test(text);
	const name = normalizeName(/^[\w.-]*\w/.exec(missing[1])?.[0] ?? missing[1]);
	return none
		? t(
				'The package index has no {missing} for this Python. Check the spelling of {name}, or name an index that has it in /etc/pip.conf.',
				{missing: missing[1], name},
			)
		: t('No version of {name} fits {missing} and this Python. Choose another version in the requirements.', {
				name,
				missing: missing[1],
			});
}
