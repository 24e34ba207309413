import type {SampleShape} from './sample-shape.js';

/** How an Apache site is written. */
type Site = 'A' | 'B' | 'C';

/** The site of a sample that has a server. */
export function siteOf(shape: SampleShape): Site {
	return shape === 'A' || shape === 'C' ? shape : 'B';
}

export type SiteParts = {
	/** Path of mod_wsgi's module inside the environment. */
	readonly module: string;
	/** The environment's site-packages. */
	readonly sitePackages: string;
};

/** Where shape A loads the module: outside of the site file. */
export const moduleFile = '/etc/apache2/mods-available/wsgi.load';

/** Certificate and key of shape C. */
export const tls = {certificate: '/etc/ssl/omflow/omflow.crt', key: '/etc/ssl/omflow/omflow.key'} as const;

const script = 'WSGIScriptAlias / /opt/omflow/server/omflow/wsgi.py';

const folders = (indent: string) =>
	[
		'Alias /static /opt/omflow/server/static',
		'<Directory /opt/omflow/server/static>',
		'\tRequire all granted',
		'</Directory>',
		'<Directory /opt/omflow/server/omflow>',
		'\t<Files wsgi.py>',
		'\t\tRequire all granted',
		'\t</Files>',
		'</Directory>',
	].map(line => indent + line);

/** Text of `sites-available/django.conf` in one of the shapes real servers have. */
export function siteText(site: Site, {module, sitePackages}: SiteParts): string {
	const load = `LoadModule wsgi_module ${module}`;
	const withPath = `python-path=/opt/omflow/server:${sitePackages}`;
	const lines = {
		A: [
			'<VirtualHost *:80>',
			'\tWSGIDaemonProcess omflow python-path=/opt/omflow/server python-home=/opt/omflow/python',
			'\tWSGIProcessGroup omflow',
			`\t${script}`,
			'\tWSGIPassAuthorization On',
			...folders('\t'),
			'</VirtualHost>',
		],
		B: [
			load,
			'',
			'<VirtualHost *:80>',
			`\tWSGIDaemonProcess omflow ${withPath}`,
			'\tWSGIProcessGroup omflow',
			`\t${script}`,
			'\tWSGIPassAuthorization On',
			...folders('\t'),
			'</VirtualHost>',
		],
		C: [
			load,
			`WSGIDaemonProcess omflow ${withPath}`,
			'WSGIProcessGroup omflow',
			script,
			'WSGIPassAuthorization On',
			'',
			'<IfModule mod_ssl.c>',
			'\t<VirtualHost 127.0.0.1:443>',
			'\t\tSSLEngine On',
			`\t\tSSLCertificateFile ${tls.certificate}`,
			`\t\tSSLCertificateKeyFile ${tls.key}`,
			...folders('\t\t'),
			'\t</VirtualHost>',
			'</IfModule>',
		],
	};
	return `${lines[site].join('\n')}\n`;
}

/** Text of `moduleFile`. */
export function moduleText({module}: SiteParts): string {
	return `LoadModule wsgi_module ${module}\n`;
}
