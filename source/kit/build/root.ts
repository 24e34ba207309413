import {createHash} from 'node:crypto';
import {chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import {type BuildRoot, essentials, homeOf, inWork, isWholeRoot, unpackRoot} from '../../host/build-root.js';
import {isThere, removeTree, syncFilesystem} from '../../host/files.js';
import {CommandError} from '../../host/process.js';
import {nobody} from '../../host/unpack.js';
import {mark, t} from '../../locales/index.js';
import {architectureOf} from '../ask.js';
import {type BuildContext, type BuildFacts, buildPaths, built, requestOf} from './facts.js';
import {configurationFor} from './lists.js';
import {aptPackages, fetchPackages} from './packages.js';

/**
Unpacks the server's own release beside this machine's, as far as Python and a compiler go, so that pip decides and
compiles with the very interpreter and libraries the server will have. Nothing is installed.
*/
export const buildRoot: Step<BuildFacts> = {
	id: 'build-root',
	title: mark('Build root'),
	phase: 'kit',
	async look(context) {
		const root = context.recall<string>(built.root);
		return root && (await isWholeRoot(root)) ? 'done' : 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const configuration = await configurationFor(context, asked, await architectureOf(context), true);
		const names = [...(await aptPackages(context, asked)), ...essentials];
		const files = await fetchPackages(context, names, configuration, t('Downloading what the build root lacks'));
		// One of the same packages serves again.
		const key = createHash('sha256')
			.update(files.map(({file, sha256}) => `${file} ${sha256}\n`).join(''))
			.digest('hex');
		const roots = buildPaths.roots(context);
		const root = join(roots, key.slice(0, 16));
		await removeOthers(roots, basename(root));
		if (!(await isWholeRoot(root))) {
			const packages = {folder: buildPaths.archives(context), names: files.map(({file}) => file)};
			const show = (unpacked: number) =>
				context.show({
					kind: 'progress',
					stage: t('Unpacking'),
					percent: Math.round((unpacked / packages.names.length) * 100),
					facts: [[t('Packages'), t('{unpacked} of {names}', {unpacked, names: packages.names.length})]],
				});
			show(0);
			await unpackRoot(context, `${root}.unfinished`, packages, show).catch(error => {
				throw explained(error);
			});
			await syncFilesystem(context, `${root}.unfinished`);
			await rm(root, {recursive: true, force: true});
			await rename(`${root}.unfinished`, root);
		}

		await context.record(built.root, root);
	},
	async verify(context) {
		const {python} = await requestOf(context);
		const root = await rootOf(context);
		return (await isThere(join(root.directory, `usr/bin/python${python}`)))
			? [
					{
						severity: 'info',
						id: 'build-root',
						sentence: t("Python {python} of the server's release is unpacked.", {python}),
					},
				]
			: [
					{
						severity: 'blocker',
						id: 'build-root',
						sentence: t('The packages have no /usr/bin/python{python}.', {python}),
					},
				];
	},
};

/** The build root, ready to work in. */
export async function rootOf(context: BuildContext): Promise<BuildRoot> {
	const root = {directory: context.recall<string>(built.root) ?? '', work: buildPaths.work(context)};
	await mkdir(homeOf(root), {recursive: true, mode: 0o700});
	await chmod(root.work, 0o755);
	await chown(homeOf(root), nobody, nobody);
	const trusted = await Promise.all(context.facts.trusted.map(path => readFile(path, 'utf8')));
	await writeFile(join(root.work, inWork.trusted), trusted.join('\n'), {mode: 0o644});
	return root;
}

async function removeOthers(roots: string, kept: string): Promise<void> {
	for (const name of await readdir(roots).catch(() => [])) {
		if (name !== kept) {
			await removeTree(join(roots, name));
		}
	}
}

function explained(error: unknown): unknown {
	return error instanceof CommandError && /unknown compression|not a Debian format/.test(error.lastOutput)
		? new StepError(
				t("The dpkg of this machine cannot unpack the server's packages: {lastOutput}", {
					lastOutput: error.lastOutput.split('\n').at(-1),
				}),
				t('Build the kit on a newer Debian or Ubuntu.'),
			)
		: error;
}
