import {chmod, readFile, readlink, rm, stat, symlink, writeFile} from 'node:fs/promises';
import type {Context, Step} from '../engine/step.js';
import {list, t} from '../locales/index.js';
import {databaseServers, databasesLine} from './sample-database.js';
import {
	exists,
	insideViewOnly,
	isMarked,
	makeParent,
	place,
	refuseRealInstallation,
	type SampleOptions,
	setMark,
} from './sample-place.js';
import {databaseServerOf, rolesOf, type SampleRole, type SampleShape, sampleShapes} from './sample-shape.js';
import {moduleFile, moduleText, type SiteParts, siteOf, siteText, tls} from './sample-site.js';
import {archivesIn, makeArchives, makeTree} from './sample-tree.js';

/** With the old environment first, as the vendor's scripts expect it. */
const environment = {PATH: `${place.environment}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`};

export function sampleServer<Facts>(options: SampleOptions): Step<Facts> {
	const {shape = 'B'} = options;
	const roles = rolesOf(shape);
	return {
		id: 'sample-server',
		title: t('Sample: {roles}, database and patch', {roles: list(roles)}),
		phase: 'sample',
		async look(context) {
			await insideViewOnly();
			if ((await isMarked('complete')) || (await problems(context, options)).length === 0) {
				return 'done';
			}

			return (await anyExists(roles.map(role => place[role]))) ? 'partial' : 'todo';
		},
		async do(context) {
			await insideViewOnly();
			await refuseRealInstallation();
			await setMark('begun');
			for (const role of roles) {
				await makeTree(role, sampleShapes[shape].version);
			}

			if (roles.includes('server')) {
				await configureServer(context, options);
			}

			for (const role of roles) {
				await makeDatabase(context, role);
			}

			if (roles.includes('server')) {
				// Apache's user writes the database, logs and uploads, and removes what an update left to be done.
				await context.run(['chown', '-R', 'www-data:www-data', place.server]);
				await makeSite(context, shape);
			}

			await makeArchives(context, options.patches);
		},
		async verify(context) {
			if (await isMarked('complete')) {
				return [];
			}

			return (await problems(context, options)).map(sentence => ({
				severity: 'blocker' as const,
				id: 'sample-server-incomplete',
				sentence,
				remedy: t('Look into the log of this step, then retry; it starts afresh.'),
			}));
		},
	};
}

async function configureServer<Facts>(context: Context<Facts>, options: SampleOptions): Promise<void> {
	const {shape = 'B'} = options;
	if (options.oldCustomUrls) {
		const lines = ["# The customer's own pages.", 'from django.conf.urls import url', '', 'urlpatterns = []', ''];
		await writeFile(`${place.server}/omcustom/urls.py`, lines.join('\n'));
	}

	const databaseServer = databaseServerOf(shape);
	if (databaseServer) {
		const line = databasesLine(await databaseServers[databaseServer].create(context));
		const settings = `${place.server}/omflow/settings.py`;
		const text = await readFile(settings, 'utf8');
		await writeFile(
			settings,
			text.replace(/^DATABASES = .*$/m, () => line),
		);
		await writeFile(`${place.server}/omflow/__init__.py`, databaseServers[databaseServer].code);
	}

	const [port, protocol] = shape === 'C' ? ['443', 'https'] : ['80', 'http'];
	await context.run([`${place.server}/omflow_config.sh`, '127.0.0.1', port, protocol]);
}

async function makeDatabase<Facts>(context: Context<Facts>, role: SampleRole): Promise<void> {
	const manage = (...argv: string[]) =>
		context.run(['python3', 'manage.py', ...argv], {cwd: place[role], env: environment});
	await manage('migrate', '--noinput');
	await manage('loaddata', 'sample');
}

async function makeSite<Facts>(context: Context<Facts>, shape: SampleShape): Promise<void> {
	const parts = await siteParts(context);
	const site = siteOf(shape);
	await writeFile(place.site, siteText(site, parts));
	await writeFile(`${place.server}/django.conf`, siteText(site, parts));
	await link('../sites-available/django.conf', place.siteLink);
	await rm('/etc/apache2/sites-enabled/000-default.conf', {force: true});
	if (site === 'A') {
		await writeFile(moduleFile, moduleText(parts));
		await link('../mods-available/wsgi.load', '/etc/apache2/mods-enabled/wsgi.load');
	}

	if (site === 'C') {
		await context.run(['a2enmod', '-q', 'ssl']);
		await makeParent(tls.key);
		const subject = ['-subj', '/CN=omflow.example.com', '-addext', 'subjectAltName=IP:127.0.0.1'];
		const certificate = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '365', ...subject];
		await context.run(['openssl', 'req', ...certificate, '-keyout', tls.key, '-out', tls.certificate]);
		await chmod(tls.key, 0o600);
	}
}

/** What the site names, from mod_wsgi itself and from the environment's Python. */
async function siteParts<Facts>(context: Context<Facts>): Promise<SiteParts> {
	const module = await context.capture([`${place.environment}/bin/mod_wsgi-express`, 'module-location']);
	const purelib = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
	const packages = await context.capture([place.python, '-c', purelib]);
	return {module: module.stdout.trim(), sitePackages: packages.stdout.trim()};
}

/** What is not as it should be, one sentence each; asks the database and Apache themselves. */
async function problems<Facts>(context: Context<Facts>, {shape = 'B', patches}: SampleOptions): Promise<string[]> {
	const roles = rolesOf(shape);
	const found: string[] = [];
	for (const role of roles) {
		if ((await countRows(context, shape, role)) !== '3') {
			found.push(t('The database of the sample {role} does not have its three rows.', {role}));
		}
	}

	if (found.length === 0 && roles.includes('server')) {
		found.push(...(await siteProblems(context)));
	}

	for (const archive of archivesIn(patches)) {
		for (const file of [archive, `${archive}.sha256`]) {
			if (!(await exists(file))) {
				found.push(t('{file} is missing.', {file}));
			}
		}
	}

	return found;
}

async function countRows<Facts>(context: Context<Facts>, shape: SampleShape, role: SampleRole): Promise<string> {
	const database = `${place[role]}/db.omflow`;
	const query = 'select count(*) from ommission_mission';
	const databaseServer = databaseServerOf(shape);
	if (databaseServer && (await exists(place[role]))) {
		return databaseServers[databaseServer].ask(context, query);
	}

	if (!(await exists(database))) {
		return '';
	}

	const script = `import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("${query}").fetchone()[0])`;
	const counted = await context.capture([place.python, '-c', script, database], {accept: [0, 1]});
	return counted.stdout.trim();
}

async function siteProblems<Facts>(context: Context<Facts>): Promise<string[]> {
	const found: string[] = [];
	if ((await stat(place.server)).uid === 0) {
		found.push(t("{server} does not belong to Apache's user.", {server: place.server}));
	}

	if ((await readlink(place.siteLink).catch(() => '')) !== '../sites-available/django.conf') {
		return [...found, t('{siteLink} is not linked.', {siteLink: place.siteLink})];
	}

	const {exitCode, stderr} = await context.capture(['apache2ctl', '-t'], {accept: [0, 1]});
	if (exitCode !== 0) {
		found.push(
			t('Apache does not accept the site of the sample server: {stderr}', {stderr: stderr.trim().split('\n').at(-1)}),
		);
	}

	return found;
}

async function anyExists(paths: readonly string[]): Promise<boolean> {
	return (await Promise.all(paths.map(exists))).includes(true);
}

async function link(target: string, path: string): Promise<void> {
	await rm(path, {force: true});
	await symlink(target, path);
}
