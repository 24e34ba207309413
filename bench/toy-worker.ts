/**
A worker with a toy runbook for the bench: `begin` and `end` last until somebody writes into their pipes,
`flood` runs what the plan says in between. The engine under it is the real one.
*/
import {access, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Step} from '../source/engine/step.js';
import {work} from '../source/engine/worker.js';

type Facts = {readonly world: string; readonly flood: readonly string[]};

const flood: Step<Facts> = {
	id: 'flood',
	title: 'Print many lines',
	phase: 'prepare',
	wanted: ({facts}) => facts.flood.length > 0,
	look: async () => 'todo',
	async do({facts, run}) {
		// The last argument is for the bench, which ends what names its folder.
		await run([...facts.flood, join(facts.world, 'flood')], {cuttable: true});
	},
	verify: async () => [],
};

function wait(id: string): Step<Facts> {
	const over = ({world}: Facts) => join(world, `${id}-over`);
	return {
		id,
		title: `Wait for the pipe: ${id}`,
		phase: 'prepare',
		look: async ({facts}) => ((await isThere(over(facts))) ? 'done' : 'todo'),
		async do({facts, run}) {
			await run(['/bin/cat', join(facts.world, id)], {cuttable: true});
			await writeFile(over(facts), '');
		},
		verify: async () => [],
	};
}

async function isThere(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

const [state = '', id = ''] = process.argv.slice(2);
process.on('SIGHUP', () => {});
void work<Facts>(state, id, plan => ({
	hops: [
		{
			to: plan.to,
			steps: [wait('begin'), flood, wait('end')],
			facts: {world: String(plan.options.world), flood: plan.options.flood as string[]},
		},
	],
	probe: async () => undefined,
}));
