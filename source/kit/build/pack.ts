import {copyFile, mkdir, rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {type Step, StepError} from '../../engine/step.js';
import type {PackageFile} from '../../host/apt-files.js';
import {licenceIn} from '../../host/build-root.js';
import {sha256Of} from '../../host/checksum.js';
import {isThere} from '../../host/files.js';
import {signFile} from '../../host/signature.js';
import {mark, t} from '../../locales/index.js';
import {type KitManifest, kitFiles} from '../manifest.js';
import {sealKit} from '../seal.js';
import {writeKit} from '../write.js';
import {agentOf, type BuildContext, type BuildFacts, buildPaths, built, requestOf} from './facts.js';
import {aptPackages} from './packages.js';
import type {Origin} from './report.js';

/** Size and SHA-256 of a finished kit. */
export type Packed = {readonly file: string; readonly bytes: number; readonly sha256: string};

/** Puts everything into one archive, with a manifest of it, signed if so asked. */
export const pack: Step<BuildFacts> = {
	id: 'pack',
	title: mark('Pack'),
	phase: 'kit',
	async look(context) {
		const packed = context.recall<Packed>(built.archive);
		return packed?.file === context.facts.output && (await isThere(packed.file)) ? 'done' : 'todo';
	},
	async do(context) {
		const {facts} = context;
		const kit = buildPaths.kit(context);
		await takePatches(context);
		context.show({kind: 'progress', stage: t('Reading and hashing'), facts: []});
		await requireUnchanged(context, await describe(context));
		if (facts.sign) {
			await signFile(context, join(kit, kitFiles.manifest), facts.sign, await agentOf(context)).catch(
				(error: Error) => {
					throw new StepError(error.message);
				},
			);
		}

		const {bytes, sha256} = await writeKit(kit, facts.output, (done, total) =>
			context.show({
				kind: 'progress',
				stage: t('Writing'),
				percent: Math.round((done / total) * 100),
				facts: [[t('Kit'), facts.output]],
			}),
		);
		await context.record(built.archive, {file: facts.output, bytes, sha256} satisfies Packed);
	},
	async verify(context) {
		const packed = context.recall<Packed>(built.archive);
		if (!packed || (await sha256Of(packed.file).catch(() => '')) !== packed.sha256) {
			return [
				{
					severity: 'blocker',
					id: 'archive',
					sentence: t('{output} does not read back as it was written.', {output: context.facts.output}),
					remedy: t('Look at the disk it lies on, and try again.'),
				},
			];
		}

		const {host} = await requestOf(context);
		context.show({
			kind: 'facts',
			facts: [
				[t('Kit'), packed.file],
				[t('Size'), `${(packed.bytes / 1e6).toFixed(0)} MB`],
				['SHA-256', packed.sha256],
				[t('Signed'), context.facts.sign ? t('with {sign}', {sign: context.facts.sign}) : t('no')],
				[t('Copy it'), `scp ${packed.file} root@${host}:/root/`],
				[t('Then there'), `omflow-tui kit check /root/${basename(packed.file)}`],
			],
		});
		return [];
	},
};

async function takePatches(context: BuildContext): Promise<void> {
	const folder = join(buildPaths.kit(context), 'patches');
	await rm(folder, {recursive: true, force: true});
	await mkdir(folder, {recursive: true, mode: 0o700});
	for (const patch of context.facts.patches) {
		await copyFile(patch, join(folder, basename(patch)));
	}
}

/** What was fetched days ago may have been damaged since, and a manifest would vouch for that. */
async function requireUnchanged(context: BuildContext, {files}: KitManifest): Promise<void> {
	const packages = context.recall<readonly PackageFile[]>(built.packages) ?? [];
	const known = new Map([
		...packages.map(({file, sha256}) => [`debs/${file}`, sha256] as const),
		...Object.entries(context.recall<Record<string, string>>(built.wheels) ?? {}),
	]);
	const changed = files.find(({path, sha256}) => known.has(path) && known.get(path) !== sha256);
	if (changed) {
		// Both steps begin anew with that.
		await rm(buildPaths.kit(context), {recursive: true, force: true});
		throw new StepError(
			t('{path} was damaged since it was fetched.', {path: changed.path}),
			t('Look at the disk, and start it again.'),
		);
	}
}

async function describe(context: BuildContext): Promise<KitManifest> {
	const {facts} = context;
	const asked = await requestOf(context);
	const {foreign: _, glibc: __, ...platform} = asked.platform;
	return sealKit(
		context,
		buildPaths.kit(context),
		{
			program: facts.program,
			createdAt: Date.now(),
			request: {sha256: await sha256Of(facts.request), host: asked.host, createdAt: asked.createdAt},
			from: asked.from,
			to: asked.to,
			platform,
			python: asked.python,
			aptPackages: await aptPackages(context, asked),
			toBuild: context.recall<readonly string[]>(built.toBuild) ?? [],
		},
		await originsOf(context),
	);
}

async function originsOf(context: BuildContext): Promise<ReadonlyMap<string, Origin>> {
	const files = context.recall<readonly PackageFile[]>(built.packages) ?? [];
	const root = {directory: context.recall<string>(built.root) ?? ''};
	const debs = await Promise.all(
		files.map(async ({file, url}): Promise<[string, Origin]> => {
			const licence = await licenceIn(root, file.split('_')[0] ?? '');
			return [`debs/${file}`, {origin: url, ...(licence ? {licence} : {})}];
		}),
	);
	const wheels = Object.entries(context.recall<Record<string, Origin>>(built.origins) ?? {});
	const patches = context.facts.patches.map((patch): [string, Origin] => [
		`patches/${basename(patch)}`,
		{origin: 'the vendor'},
	]);
	return new Map([...debs, ...wheels, ...patches]);
}
