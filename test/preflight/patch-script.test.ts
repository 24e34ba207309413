import assert from 'node:assert/strict';
import {mkdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {test} from 'node:test';
import {baseAsDocumented, patchScriptFindings} from '../../source/preflight/patch-script.js';
import {workshop} from '../host/support.js';

for (const [text, ...expected] of [
	['#!/bin/bash\ncp -r server/* /opt/omflow/server/\n', 'patch-base 2'],
	['BASE=/opt/omflow\r\ncd "/opt/omflow"\r\n', 'patch-base 1', 'patch-base 2'],
	[`cp a /opt/omflow_old/ /srv/opt/omflow "\${ROOT}/opt/omflow"\n# cd /opt/omflow\necho "not in /opt/omflow"`],
	['cd "$(dirname "$0")"\ncp -r server "$OMFLOW"\n'],
	['read -p "Continue? " answer\n', 'patch-asks 1'],
	['if [ -z "$1" ]; then read name; fi\nselect x in a b; do break; done', 'patch-asks 1', 'patch-asks 2'],
	['while read line; do :; done < file\nread x < file\necho a | read x\nreadlink -f x\necho "read this"\necho read\n'],
	['cat <<EOF\nread me\nreboot\nEOF\nshutdown -r now\n', 'patch-reboots 5'],
	['sleep 1 && sudo /sbin/reboot\nsystemctl reboot\ninit 6', 'patch-reboots 1', 'patch-reboots 2', 'patch-reboots 3'],
	['echo "please reboot"\n./shutdown.sh\nsystemctl restart apache2\nshutdown() { :; }\n# reboot\necho reboot\ninit 3'],
	[''],
] as const) {
	test(`patch.sh: ${JSON.stringify(text).slice(0, 60)}`, () => {
		const findings = patchScriptFindings(text, '/srv/omflow');
		assert.deepEqual(
			findings.flatMap(({id, evidence = ''}) =>
				evidence.split('\n').map(line => `${id} ${/^patch\.sh:(\d+): /.exec(line)?.[1]}`),
			),
			expected,
		);
		assert.ok(findings.every(({id, severity}) => severity === (id === 'patch-base' ? 'blocker' : 'warning')));
		assert.equal(
			patchScriptFindings(text, '/opt/omflow').some(({id}) => id === 'patch-base'),
			false,
		);
	});
}

test('patch.sh: a command that can be typed, and a text that does nothing to a screen', () => {
	const [finding] = patchScriptFindings('cd /opt/omflow \u001B[31m\n', '/srv/our omflow');
	assert.match(finding?.remedy ?? '', /“ln -sT '\/srv\/our omflow' \/opt\/omflow”/);
	assert.equal(finding?.evidence, 'patch.sh:1: cd /opt/omflow \\u{1b}[31m');
});

test('patch.sh: a link from the documented place is as good as the place', async t => {
	const {directory} = await workshop(t);
	const [base, place] = [join(directory, 'base'), join(directory, 'place')];
	await mkdir(base);
	assert.equal(await baseAsDocumented(base, place), base);
	await symlink(base, place);
	assert.equal(await baseAsDocumented(base, place), place);
	assert.equal(await baseAsDocumented(place, base), base);
});
