import {mkdir, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import type {Finding} from '../../engine/state.js';
import {type Step, StepError} from '../../engine/step.js';
import {withoutLocal} from '../../host/apt-aside.js';
import {inspectArchive} from '../../host/archive.js';
import {freeBytes} from '../../host/files.js';
import {signFile} from '../../host/signature.js';
import {mark, t} from '../../locales/index.js';
import {agentOf, type BuildContext, type BuildFacts, built, requestOf} from './facts.js';

/** What a kit takes at most while it is made: packages, a root with them unpacked, wheels, and the archive. */
const room = 2_000_000_000;
const roomForArchive = 400_000_000;

/** Reads what the server asks for, and sees that a kit for it can be made here. Changes nothing. */
export const request: Step<BuildFacts> = {
	id: 'request',
	title: mark('Request'),
	phase: 'kit',
	async look() {
		return 'todo';
	},
	async do(context) {
		const asked = await requestOf(context);
		const {platform} = asked;
		context.show({
			kind: 'facts',
			facts: [
				[t('Server'), asked.host],
				[t('Way'), t('{from} to {to}', {from: asked.from, to: asked.to})],
				[
					t('System'),
					t('{id} {version} {architecture}, glibc {glibc}', {
						id: platform.id,
						version: platform.version,
						architecture: platform.architecture,
						glibc: platform.glibc,
					}),
				],
				['Python', asked.python],
				[t('Database'), asked.database],
				[t('Wanted from apt'), asked.aptPackages.join(' ')],
				[t('Python packages'), String(asked.requirements.filter(({line}) => !line.startsWith('#')).length)],
				[t('Kit'), context.facts.output],
			],
		});
		await requirePrograms(context);
		await mkdir(context.facts.cache, {recursive: true, mode: 0o700});
		await requireRoom(context);

		await trySigning(context);
		for (const patch of context.facts.patches) {
			await inspectArchive(context, patch).catch((error: Error) => {
				throw StepError.blocked('archive', error.message);
			});
		}
	},
	async verify(context) {
		const asked = await requestOf(context);
		const {left} = withoutLocal(asked.apt.sources);
		const {patches} = context.facts;
		const mayBeOld = Date.now() - asked.createdAt > longAgo;
		const findings: Finding[] = [
			...asked.requirements
				.filter(({line}) => line.startsWith('# dropped:'))
				.map(({line}) => ({severity: 'info', id: 'dropped', sentence: line.slice(2)}) as const),
			...(left.length > 0 && !context.facts.sources
				? [
						{
							severity: 'warning',
							id: 'local-sources',
							sentence: t('Some package sources can only be read on the server itself, and are left out.'),
							evidence: left.join('\n'),
						} as const,
					]
				: []),
			...(patches.length === 0
				? [
						{
							severity: 'warning',
							id: 'no-patch',
							sentence: t('The kit will hold no patch archive.'),
							remedy: t('Name it with --patch, or copy it to {host} as well.', {host: asked.host}),
						} as const,
					]
				: [
						{
							severity: 'info',
							id: 'patches',
							sentence: t('Patch archives: {patches}.', {patches: patches.map(path => basename(path)).join(', ')}),
						} as const,
					]),
			...(mayBeOld
				? [
						{
							severity: 'warning',
							id: 'old-request',
							sentence: t('The request is of {asked}; the server may have changed since.', {
								asked: new Date(asked.createdAt).toLocaleDateString('sv'),
							}),
							remedy: t('Make a new one there if packages were installed meanwhile.'),
						} as const,
					]
				: []),
		];
		return findings;
	},
};

/** Asked for once: a build that goes on has taken most of it already. */
async function requireRoom(context: BuildContext): Promise<void> {
	if (context.recall(built.room)) {
		return;
	}

	const {cache, output} = context.facts;
	for (const [path, bytes, remedy] of [
		[cache, room, t('or name another folder with --state-dir')],
		[dirname(output), roomForArchive, t('or name another file with --output')],
	] as const) {
		const free = await freeBytes(path);
		if (free < bytes) {
			const [has, wants] = [free, bytes].map(value => `${(value / 1e9).toFixed(1)} GB`);
			throw StepError.blocked(
				'room',
				t('{path} has {has} free, and a kit may take {wants} there. Make room, {remedy}.', {path, has, wants, remedy}),
			);
		}
	}

	await context.record(built.room, true);
}

/** Better now than when everything else is done. */
async function trySigning(context: BuildContext): Promise<void> {
	const {sign} = context.facts;
	if (!sign) {
		return;
	}

	const file = join(context.directory, 'to-sign');
	await writeFile(file, 'Whether the key can sign.\n', {mode: 0o600});
	await signFile(context, file, sign, await agentOf(context)).catch((error: Error) => {
		throw StepError.blocked('sign', error.message);
	});
	await Promise.all([file, `${file}.sig`].map(path => rm(path, {force: true})));
}

const longAgo = 30 * 24 * 3_600_000;

const programs: ReadonlyArray<readonly [program: string, name: string]> = [
	['apt-get', 'apt'],
	['dpkg-deb', 'dpkg'],
	['tar', 'tar'],
	['unshare', 'util-linux'],
	['chroot', 'coreutils'],
	['setpriv', 'util-linux'],
];

async function requirePrograms(context: BuildContext): Promise<void> {
	for (const [program, name] of programs) {
		const {exitCode} = await context.capture(['which', program], {accept: [0, 1]});
		if (exitCode !== 0) {
			throw StepError.blocked(
				'programs',
				t('This machine has no {program} (package {name}). Kits are built on Debian or Ubuntu.', {program, name}),
			);
		}
	}

	try {
		await context.capture(['unshare', '-m', '--propagation', 'private', '--', 'true']);
	} catch {
		throw StepError.blocked(
			'namespaces',
			t(
				'This machine does not allow private mounts, which unpacking the server’s Python beside its own needs. Build on a machine of its own, not in a container without that right.',
			),
		);
	}
}
