import {chmod, cp, mkdir, readlink, rename, rm, stat, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Context, Step} from '../engine/step.js';
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
import {moduleFile, moduleText, type SiteParts, siteText, tls} from './sample-site.js';

/** Beside this file in the source, and beside the bundle that holds it. */
const files = fileURLToPath(new URL('./sample/', import.meta.url));

/** As the vendor ships it, the folder inside has another name than the archive. */
const patchFolder = 'omflow_patch_1_2_0_0_upgrade4';

const programs = ['manage.py', 'omflow_server', 'omflow_config.sh'];
const emptyFolders = ['logs', 'uploads', 'staticfiles', 'locale'];

/** With the old environment first, as the vendor's scripts expect it. */
const environment = {PATH: `${place.environment}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`};

export function sampleServer<Facts>(options: SampleOptions): Step<Facts> {
	const shape = options.shape ?? 'B';
	return {
		id: 'sample-server',
		title: 'Sample: server, database and patch',
		phase: 'sample',
		async look(context) {
			await insideViewOnly();
			if ((await isMarked('complete')) || (await problems(context, options)).length === 0) {
				return 'done';
			}

			return (await exists(place.server)) ? 'partial' : 'todo';
		},
		async do(context) {
			await insideViewOnly();
			await refuseRealInstallation();
			await setMark('begun');
			await copyTree(options);
			const [port, protocol] = shape === 'C' ? ['443', 'https'] : ['80', 'http'];
			await context.run([`${place.server}/omflow_config.sh`, '127.0.0.1', port, protocol]);
			await makeDatabase(context);
			// Apache's user writes the database, logs and uploads, and removes what an update left to be done.
			await context.run(['chown', '-R', 'www-data:www-data', place.server]);
			await makeSite(context, shape);
			await makePatch(context, options.patch);
		},
		async verify(context) {
			if (await isMarked('complete')) {
				return [];
			}

			return (await problems(context, options)).map(sentence => ({
				severity: 'blocker' as const,
				id: 'sample-server-incomplete',
				sentence,
				remedy: 'Look into the log of this step, then retry; it starts afresh.',
			}));
		},
	};
}

async function copyTree(options: SampleOptions): Promise<void> {
	await rm(place.server, {recursive: true, force: true});
	await cp(join(files, 'server'), place.server, {recursive: true});
	for (const name of programs) {
		await chmod(join(place.server, name), 0o755);
	}

	for (const name of emptyFolders) {
		await mkdir(join(place.server, name), {recursive: true});
	}

	if (options.oldCustomUrls) {
		const lines = ["# The customer's own pages.", 'from django.conf.urls import url', '', 'urlpatterns = []', ''];
		await writeFile(join(place.server, 'omcustom/urls.py'), lines.join('\n'));
	}
}

async function makeDatabase<Facts>(context: Context<Facts>): Promise<void> {
	const manage = (...argv: string[]) =>
		context.run(['python3', 'manage.py', ...argv], {cwd: place.server, env: environment});
	await manage('migrate', '--noinput');
	await manage('loaddata', 'sample');
}

async function makeSite<Facts>(context: Context<Facts>, shape: 'A' | 'B' | 'C'): Promise<void> {
	const parts = await siteParts(context);
	await writeFile(place.site, siteText(shape, parts));
	await writeFile(`${place.server}/django.conf`, siteText(shape, parts));
	await link('../sites-available/django.conf', place.siteLink);
	await rm('/etc/apache2/sites-enabled/000-default.conf', {force: true});
	if (shape === 'A') {
		await writeFile(moduleFile, moduleText(parts));
		await link('../mods-available/wsgi.load', '/etc/apache2/mods-enabled/wsgi.load');
	}

	if (shape === 'C') {
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

async function makePatch<Facts>(context: Context<Facts>, archive: string): Promise<void> {
	await makeParent(archive);
	const unfinished = `${archive}.new`;
	const owner = ['--owner=0', '--group=0', '--numeric-owner', '--mode=u+rwX,go+rX,go-w', '--sort=name'];
	const names = ['--transform', `s,^\\.,${patchFolder},`, '-C', join(files, 'patch'), '.'];
	await context.run(['tar', '-czf', unfinished, ...owner, ...names]);
	await rename(unfinished, archive);
}

/** What is not as it should be, one sentence each; asks the database and Apache themselves. */
async function problems<Facts>(context: Context<Facts>, options: SampleOptions): Promise<string[]> {
	const found: string[] = [];
	if (!(await exists(place.database))) {
		return ['The sample server has no database.'];
	}

	const rows =
		'import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("select count(*) from ommission_mission").fetchone()[0])';
	const counted = await context.capture([place.python, '-c', rows, place.database], {accept: [0, 1]});
	if (counted.stdout.trim() !== '3') {
		found.push('The database of the sample server does not have its three rows.');
	}

	if ((await stat(place.server)).uid === 0) {
		found.push(`${place.server} does not belong to Apache's user.`);
	}

	if ((await readlink(place.siteLink).catch(() => '')) !== '../sites-available/django.conf') {
		found.push(`${place.siteLink} is not linked.`);
	} else {
		const {exitCode, stderr} = await context.capture(['apache2ctl', '-t'], {accept: [0, 1]});
		if (exitCode !== 0) {
			found.push(`Apache does not accept the site of the sample server: ${stderr.trim().split('\n').at(-1)}`);
		}
	}

	if (!(await exists(options.patch))) {
		found.push(`The patch archive ${options.patch} is missing.`);
	}

	return found;
}

async function link(target: string, path: string): Promise<void> {
	await rm(path, {force: true});
	await symlink(target, path);
}
