import assert from 'node:assert/strict';
import path from 'node:path';
import type {Finding} from '../../source/engine/state.js';
import {createRunner, plainEnvironment} from '../../source/host/process.js';
import {patchArchive, type Server} from '../lab/lab.js';
import {isAsPublished} from '../schema.js';

const runner = createRunner({log: '/dev/null', environment: plainEnvironment});

export type Checked = {
	readonly outcome: string;
	readonly kit: {readonly request?: {readonly host: string}};
	readonly findings: readonly Finding[];
};

/** What `kit check` says on a server about what its words name. */
export async function check(server: Server, words: readonly string[]): Promise<Checked> {
	const {stdout, stderr} = await server.exec(['omflow-tui', 'kit', 'check', ...words, '--json'], {timeout: 120_000});
	assert.ok(stdout, stderr);
	await isAsPublished(JSON.parse(stdout), 'kit-check');
	return JSON.parse(stdout) as Checked;
}

/**
On an older server that goes by a version between, a kit with the archives of both is complete; and so are folders with
the same packages, which lack an archive. `whole` is the kit as a folder.
*/
export async function acceptsOtherWays(server: Server, whole: string, name: string): Promise<void> {
	const version = '/opt/omflow/server/omflow/syscom/version.bin';
	await server.must(['sh', '-c', 'cp -a "$1" /root/version.bin && sed -i s/1.1.6.3/1.1.6.1/ "$1"', 'sh', version]);
	const via = ['--via', '1.1.6.3'];
	const archive = await check(server, [`/root/${name}`, ...via]);
	assert.equal(archive.outcome, 'complete', JSON.stringify(archive.findings));
	assert.deepEqual(of(archive, 'kit-way'), []);

	for (const folder of ['debs', 'wheels']) {
		await runner.capture(['cp', '--archive', path.join(whole, folder), server.path(`/root/${folder}`)]);
	}

	const folders = await check(server, [
		'--debs',
		'/root/debs',
		'--wheels',
		'/root/wheels',
		'--patch',
		patchArchive,
		...via,
	]);
	assert.equal(folders.outcome, 'complete', JSON.stringify(folders.findings));
	assert.equal(folders.kit.request, undefined);
	assert.deepEqual(
		of(folders, 'kit-pip').map(({severity}) => severity),
		['info'],
	);
	assert.match(of(folders, 'kit-way')[0]?.sentence ?? '', /no patch archive for 1\.1\.6\.3\./);
	await server.must(['mv', '/root/version.bin', version]);
}

function of({findings}: Checked, id: string): readonly Finding[] {
	return findings.filter(finding => finding.id === id);
}
