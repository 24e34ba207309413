import {mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';

export const oldModule =
	'/opt/omflow/python/lib/python3.8/site-packages/mod_wsgi/server/mod_wsgi-py38.cpython-38-x86_64-linux-gnu.so';
export const newModule =
	'/opt/omflow/python/lib/python3.11/site-packages/mod_wsgi/server/mod_wsgi-py311.cpython-311-x86_64-linux-gnu.so';
export const oldPath = 'python-path=/opt/omflow/server:/opt/omflow/python/lib/python3.8/site-packages';
export const newPath = 'python-path=/opt/omflow/server:/opt/omflow/python/lib/python3.11/site-packages';

const alias = 'WSGIScriptAlias / /opt/omflow/server/omflow/wsgi.py';

/** Site files as real servers have them, with what must become of each. The rest of a line never changes. */
export const shapes: ReadonlyArray<{
	readonly name: string;
	readonly site: string;
	/** Content of `mods-enabled/wsgi.load`. */
	readonly load?: string;
	/** Replacements in the site, in order. */
	readonly expected: ReadonlyArray<readonly [string, string]>;
}> = [
	{
		name: 'A: all in the virtual host, the module elsewhere',
		load: `LoadModule wsgi_module ${oldModule}\n`,
		site: `<VirtualHost *:80>\n\tWSGIDaemonProcess omflow python-path=/opt/omflow/server python-home=/opt/omflow/python\n\tWSGIProcessGroup omflow\n\t${alias}\n\tWSGIPassAuthorization On\n</VirtualHost>\n`,
		expected: [],
	},
	{
		name: 'B: the module on top, site-packages in python-path',
		site: `LoadModule wsgi_module ${oldModule}\n\n<VirtualHost *:80>\n\tWSGIDaemonProcess omflow ${oldPath}\n\tWSGIProcessGroup omflow\n\t${alias}\n</VirtualHost>\n`,
		expected: [
			[oldModule, newModule],
			[oldPath, newPath],
		],
	},
	{
		name: 'C: WSGI at top level, TLS in a condition',
		site: `LoadModule wsgi_module ${oldModule}\nWSGIDaemonProcess omflow ${oldPath}\nWSGIProcessGroup omflow\n${alias}\n\n<IfModule mod_ssl.c>\n\t<VirtualHost 127.0.0.1:443>\n\t\tSSLEngine On\n\t</VirtualHost>\n</IfModule>\n`,
		expected: [
			[oldModule, newModule],
			[oldPath, newPath],
		],
	},
	{
		name: 'CRLF, tabs, continuation, quotes, letter case',
		site: `# LoadModule wsgi_module /nowhere.so \\\r\n and this line too\r\n\tloadMODULE\twsgi_module \\\r\n\t\t"${oldModule}"  \r\nwsgidaemonprocess omflow python-path="/opt/omflow/my server:/opt/omflow/python/lib/python3.8" \\\r\n processes=2\r\n${alias}\r\n`,
		expected: [
			[oldModule, newModule],
			['/opt/omflow/python/lib/python3.8"', '/opt/omflow/python/lib/python3.11"'],
		],
	},
	{
		name: 'variables, and a second line that a condition switches off',
		site: `Define OMFLOW /opt/omflow\nDefine LIB \${OMFLOW}/python/lib/python3.8\n<IfModule !wsgi_module>\nLoadModule wsgi_module \${LIB}${oldModule.slice('/opt/omflow/python/lib/python3.8'.length)}\n</IfModule>\n<IfModule !wsgi_module>\nLoadModule wsgi_module /usr/lib/other.so\n</IfModule>\n<IfDefine NEVER>\nLoadModule wsgi_module /usr/lib/third.so\n</IfDefine>\nWSGIDaemonProcess omflow python-path=\${OMFLOW}/server:\${LIB}/site-packages\n${alias}\n`,
		expected: [
			[`\${LIB}${oldModule.slice('/opt/omflow/python/lib/python3.8'.length)}`, newModule],
			[`\${LIB}/site-packages\n`, '/opt/omflow/python/lib/python3.11/site-packages\n'],
		],
	},
];

/** Lays out Debian's structure below `root`: the site is a link from sites-enabled, as a2ensite makes it. */
export async function writeDebian(root: string, {site, load}: {site: string; load?: string}): Promise<void> {
	for (const directory of ['mods-available', 'mods-enabled', 'sites-available', 'sites-enabled', 'conf-enabled']) {
		await mkdir(path.join(root, directory), {recursive: true});
	}

	await writeFile(
		path.join(root, 'apache2.conf'),
		`ServerRoot "${root}"\nErrorLog \${APACHE_LOG_DIR}/error.log\nIncludeOptional mods-enabled/*.load\nInclude conf-enabled\nIncludeOptional sites-enabled/*.conf\n`,
	);
	await writeFile(
		path.join(root, 'envvars'),
		'SUFFIX=\nexport APACHE_RUN_USER=www-data\nexport APACHE_LOG_DIR=/var/log/apache2$SUFFIX\n',
	);
	await writeFile(path.join(root, 'sites-available/django.conf'), Buffer.from(site, 'latin1'), {mode: 0o640});
	await symlink('../sites-available/django.conf', path.join(root, 'sites-enabled/django.conf'));
	if (load !== undefined) {
		await writeFile(path.join(root, 'mods-available/wsgi.load'), load);
		await symlink('../mods-available/wsgi.load', path.join(root, 'mods-enabled/wsgi.load'));
	}
}

/** `text` with each replacement made once. */
export function replaceAll(text: string, replacements: ReadonlyArray<readonly [string, string]>): string {
	return replacements.reduce((result, [from, to]) => {
		const at = result.lastIndexOf(from);
		return at === -1 ? `missing: ${from}` : result.slice(0, at) + to + result.slice(at + from.length);
	}, text);
}
