import {basename} from 'node:path';
import type {Finding} from '../engine/state.js';
import {inspectArchive, type Member} from '../host/archive.js';
import {checkSha256, expectedSha256, sha256Of} from '../host/checksum.js';
import type {Hop} from '../omflow/route.js';
import {compareVersions, parseVersion, versionIn} from '../omflow/version.js';
import {baseAsDocumented, patchScriptFindings} from './patch-script.js';
import type {Subject} from './subject.js';

/** Whether there is a patch archive for each hop, and nothing wrong with what it holds. */
export async function archives({hops, installation, runner}: Subject): Promise<Finding[]> {
	return (await Promise.all(hops.map(hop => archive(runner, hop, installation.base)))).flat();
}

async function archive(runner: Subject['runner'], {archive, sha256, to}: Hop, base: string): Promise<Finding[]> {
	if (!archive) {
		return [
			{
				severity: 'blocker',
				id: 'archive-missing',
				sentence: `There is no patch archive for ${to}.`,
				remedy: `Get omflow_patch_${to.replaceAll('.', '_')}.tar.gz from the vendor and name it, or its folder, with --patch.`,
			},
		];
	}

	try {
		const expected = await expectedSha256(archive, sha256);
		if (expected !== undefined) {
			checkSha256(archive, await sha256Of(archive), expected);
		}

		const {members, script} = await inspectArchive(runner, archive);
		const text = await read(runner, archive, script);
		const checksum = expected === undefined ? 'no SHA-256 to compare it with' : 'its SHA-256 is as expected';
		return [
			{
				severity: 'info',
				id: 'archive',
				sentence: `${archive} brings ${to}: ${members.length} files, its script is ${script}, ${checksum}.`,
			},
			...(await versionInside(runner, archive, members, to)),
			...patchScriptFindings(text, await baseAsDocumented(base)),
		];
	} catch (error) {
		return [{severity: 'blocker', id: 'archive', sentence: (error as Error).message}];
	}
}

/** The vendor's own archive for 1.2.0.0 was once named after 1.1.6.4: what it holds tells better than its name. */
async function versionInside(
	runner: Subject['runner'],
	archive: string,
	members: readonly Member[],
	to: string,
): Promise<Finding[]> {
	const file = members.find(({kind, name}) => kind === 'file' && name.endsWith('/omflow/syscom/version.bin'));
	const version = file && versionIn(await read(runner, archive, file.name));
	return version === undefined || compareVersions(version, parseVersion(to)) === 0
		? []
		: [
				{
					severity: 'blocker',
					id: 'archive-version',
					sentence: `${basename(archive)} brings ${version.text}, as its version.bin says, not ${to}.`,
					remedy: `Name that with --to ${version.text}.`,
				},
			];
}

async function read(runner: Subject['runner'], archive: string, member: string): Promise<string> {
	const argv = ['tar', '--extract', '--gzip', '--to-stdout', '--force-local', '--file', archive, '--', member];
	return (await runner.capture(argv)).stdout;
}
