import {readFile} from 'node:fs/promises';

/**
What decides how programs reach the network: proxies, certificates, pip's index. Nothing else is handed on, since
a PIP_TARGET or PIP_USER of the caller's would send packages elsewhere.
*/
const networkNames =
	/^(?:(?:https?|ftp|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_(?:CERT|CLIENT_CERT|PROXY|INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|TRUSTED_HOST|DEFAULT_TIMEOUT|TIMEOUT|RETRIES|CONFIG_FILE))$/i;

/**
Settings for programs with network, from this process's environment and, since sudo drops them there, from
/etc/environment; the process's own win. Values may hold a proxy's password: show them only through
`withoutSecrets`.
*/
export async function networkEnvironment(
	own: Readonly<Record<string, string | undefined>> = process.env,
	file = '/etc/environment',
): Promise<Record<string, string>> {
	const text = await readFile(file, 'utf8').catch(() => '');
	const result: Record<string, string> = {};
	for (const [name, value] of [...parseEnvironmentFile(text), ...Object.entries(own)]) {
		if (value !== undefined && value !== '' && networkNames.test(name)) {
			result[name] = value;
		}
	}

	return result;
}

/** Lines of /etc/environment, as pam_env reads them: `NAME=value`, an optional `export`, quotes, comments. */
export function parseEnvironmentFile(text: string): Array<[name: string, value: string]> {
	return text.split('\n').flatMap(line => {
		const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line);
		if (!match?.[1]) {
			return [];
		}

		const raw = (match[2] ?? '').trim();
		const quoted = /^(["'])(.*)\1/.exec(raw);
		return [[match[1], quoted ? (quoted[2] ?? '') : raw.replace(/\s*#.*$/, '')] as [string, string]];
	});
}

/** A text with the user names and passwords of all addresses in it taken out. */
export function withoutSecrets(text: string): string {
	return text.replaceAll(/(\/\/)[^/\s@]*@/g, '$1…@').replaceAll(/^[^/\s@:]+:[^/\s@]+@/g, '…@');
}
