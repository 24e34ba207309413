/**
Takes the readme's pictures from the real program, which is played in a pseudo-terminal: all of them, or those of the
scripts that are named. `--check` writes nothing and compares what is on the screens with what was kept.
*/
import {access, mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gifOf} from './gif.js';
import {hostStage, play, type Shot, type Stage, serverStage} from './player.js';
import {svgPng, wideFonts} from './record.js';
import {media, recording, rehearsals, type Script, screens, textFile} from './scripts.js';

const given = process.argv.slice(2);
const isCheck = given.includes('--check');
const names = given.filter(argument => argument !== '--check');
const scripts = [...screens, ...rehearsals];
const unknown = names.filter(name => name !== 'screens' && !scripts.some(script => script.name === name));
if (unknown.length > 0) {
	fail(`There is no script ${unknown.join(', ')}. There are: screens, ${scripts.map(({name}) => name).join(', ')}`);
}

if (!isCheck) {
	for (const font of wideFonts) {
		await access(font).catch(() => fail(`${font} is missing. Install it first: apt-get install fonts-noto-cjk`));
	}
}

const isWanted = ({name}: Script) => names.length === 0 || names.includes(name);
const quick = screens.filter(script => isWanted(script) || names.includes('screens'));
let different = 0;
if (quick.length > 0) {
	const stage = await serverStage();
	await withStage(stage, async () => {
		for (const script of quick) {
			await record(script, stage);
		}
	});
}

for (const script of rehearsals.filter(isWanted)) {
	const stage = await hostStage();
	await withStage(stage, () => record(script, stage));
}

process.exitCode = different > 0 ? 1 : 0;

async function withStage(stage: Stage, work: () => Promise<void>): Promise<void> {
	try {
		await work();
	} finally {
		await stage.close();
	}
}

async function record(script: Script, stage: Stage): Promise<void> {
	const {shots, frames} = await play(script, stage);
	for (const shot of shots) {
		await (isCheck ? compare(shot) : keep(shot));
	}

	if (frames.length > 0 && !isCheck) {
		await save(recording, gifOf(frames));
	}
}

async function keep({name, text, svg, isPicture}: Shot): Promise<void> {
	await mkdir(join(media, 'screens'), {recursive: true});
	await writeFile(textFile(name), text);
	if (isPicture) {
		await save(`${name}.png`, svgPng(svg));
	}
}

async function compare({name, text}: Shot): Promise<void> {
	const kept = await readFile(textFile(name), 'utf8').catch(() => '');
	if (kept === text) {
		process.stdout.write(`${name}: as kept\n`);
		return;
	}

	different++;
	process.stdout.write(`${name}: differs from what is kept; it is now\n${text}\n`);
}

async function save(name: string, bytes: Uint8Array): Promise<void> {
	await writeFile(join(media, name), bytes);
	process.stdout.write(`media/${name} ${Math.ceil(bytes.length / 1000)} kB\n`);
}

function fail(sentence: string): never {
	process.stderr.write(`${sentence}\n`);
	process.exit(2);
}
