import {basename} from 'node:path';
import type {Finding} from '../engine/state.js';
import {inspectArchive, type Member} from '../host/archive.js';
import {checkSha256, expectedSha256, sha256Of} from '../host/checksum.js';
import {CommandError} from '../host/process.js';
import {t} from '../locales/index.js';
import {patchName} from '../omflow/patches.js';
import type {Hop} from '../omflow/route.js';
import {compareVersions, parseVersion, type Version, versionIn} from '../omflow/version.js';
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
				sentence: t('There is no patch archive for {to}.', {to}),
				remedy: t('Get {to} from the vendor and name it, or its folder, with --patch.', {to: patchName(to)}),
			},
		];
	}

	try {
		const expected = await expectedSha256(archive, sha256);
		if (expected !== undefined) {
			checkSha256(archive, await sha256Of(archive), expected);
		}

		const {members, script} = await inspectArchive(runner, archive);
		const text = await read(runner, archive, memberOf(members, script));
		const versions = await versionsInside(runner, archive, members);
		const checksum = expected === undefined ? t('no SHA-256 to compare it with') : t('its SHA-256 is as expected');
		const sentence = t('{archive} is for {to}: {members} files, its script is {script}, {checksum}.', {
			archive,
			to,
			members: members.length,
			script,
			checksum,
		});
		return [
			...judgeVersions(archive, versions, to, {severity: 'info', id: 'archive', sentence}),
			...patchScriptFindings(text, await baseAsDocumented(base)),
		];
	} catch (error) {
		if (error instanceof CommandError) {
			return [
				{
					severity: 'blocker',
					id: 'archive',
					sentence: t('{archive} cannot be read: {message}.', {archive: basename(archive), message: error.message}),
					evidence: error.lastOutput.split('\n')[0] ?? '',
					remedy: t('Fetch the patch from the vendor again and compare its checksum.'),
				},
			];
		}

		return [{severity: 'blocker', id: 'archive', sentence: (error as Error).message}];
	}
}

/** The vendor's own archive for 1.2.0.0 was once named after 1.1.6.4: what it holds tells better than its name. */
function judgeVersions(archive: string, versions: readonly Version[], to: string, good: Finding): Finding[] {
	const [version, ...more] = versions;
	if (!version || more.length > 0 || compareVersions(version, parseVersion(to)) === 0) {
		// Parts may have versions of their own; which of them counts only the script knows.
		return [good];
	}

	const name = basename(archive);
	return [
		{
			severity: 'blocker',
			id: 'archive-version',
			sentence: t('{name} brings {version}, as its version.bin says, not {to}.', {name, version: version.text, to}),
			remedy: t('Name it alone with --patch and --to {version}, or copy it as {text}.', {
				version: version.text,
				text: patchName(version.text),
			}),
		},
	];
}

/** The different versions that the version.bin files of an archive name: of the server alone, where it has one. */
async function versionsInside(
	runner: Subject['runner'],
	archive: string,
	members: readonly Member[],
): Promise<readonly Version[]> {
	const files = members.filter(({kind, name}) => kind === 'file' && /(?:^|\/)omflow\/syscom\/version\.bin$/.test(name));
	const own = files.filter(({name}) => /(?:^|\/)server\/omflow\/syscom\/version\.bin$/.test(name));
	const texts = await Promise.all((own.length > 0 ? own : files).map(member => read(runner, archive, member)));
	const versions = texts.flatMap(text => versionIn(text) ?? []);
	return [...new Map(versions.map(version => [version.numbers.join('.'), version])).values()];
}

function memberOf(members: readonly Member[], name: string): Member | undefined {
	return members.find(member => member.name === name);
}

async function read(runner: Subject['runner'], archive: string, member: Member | undefined): Promise<string> {
	const argv = ['tar', '--extract', '--gzip', '--to-stdout', '--force-local', '--absolute-names', '--file', archive];
	return (await runner.capture([...argv, '--', member?.listed ?? ''])).stdout;
}
