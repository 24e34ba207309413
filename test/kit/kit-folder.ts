import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import type {KitManifest} from '../../source/kit/manifest.js';
import {sealKit} from '../../source/kit/seal.js';

export const runner = createRunner({log: '/dev/null', environment: plainEnvironment});

export async function scratch(t: TestContext): Promise<string> {
	const directory = await mkdtemp(join(tmpdir(), 'omflow-tui-kit-'));
	t.after(() => rm(directory, {recursive: true, force: true}));
	return directory;
}

export const head = {
	program: '1.0.0',
	createdAt: 1_700_000_000_000,
	request: {sha256: 'a'.repeat(64), host: 'server', createdAt: 1_700_000_000_000},
	from: '1.1.6.3',
	to: '1.2.0.0',
	platform: {id: 'debian', version: '12', codename: 'bookworm', architecture: 'amd64'},
	python: '3.11',
	aptPackages: ['python3.11'],
	toBuild: [],
} as const satisfies Omit<KitManifest, 'files' | 'kind' | 'schema'>;

/** A small kit as a folder: two wheels, which are none inside, no packages, and a patch. */
export async function makeKitFolder(directory: string): Promise<KitManifest> {
	for (const folder of ['debs', 'wheels', 'patches']) {
		await mkdir(join(directory, folder), {recursive: true, mode: 0o700});
	}

	await writeFile(join(directory, 'wheels/asgiref-3.8.1-py3-none-any.whl'), 'asgiref '.repeat(4000));
	await writeFile(join(directory, 'wheels/django-4.2.16-py3-none-any.whl'), 'django '.repeat(20_000));
	await writeFile(join(directory, 'patches/omflow_patch_1_2_0_0.tar.gz'), 'patch');
	await writeFile(join(directory, 'requirements.txt'), 'django>=4.2,<4.3\n');
	await writeFile(join(directory, 'lock.txt'), 'asgiref==3.8.1\ndjango==4.2.16\n');
	return sealKit(runner, directory, head, new Map());
}
