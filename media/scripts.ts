import {fileURLToPath} from 'node:url';
import {translationsOf} from '../scripts/texts.js';
import type {Language} from '../source/locales/index.js';
import {keys} from '../test/terminal.js';

/*
What is played in front of the camera: what is typed, what is waited for, and which screens are kept. Nothing
here is drawn by hand, and no step waits for a time.
*/

export type Moment = string | RegExp | ((screen: string) => boolean);

export type Step =
	/** The program in a new pseudo-terminal, with further arguments. */
	| {readonly start: readonly string[]}
	| {readonly wait: Moment}
	| {readonly keys: string}
	/** Keeps the screen as text, and as a picture. `isLive`: a step is at work, so of its pane no two runs show the same. */
	| {readonly picture: string; readonly isLive?: boolean}
	/** Keeps the screen as text alone. */
	| {readonly screen: string}
	/** A picture of the recording, shown for so many milliseconds. */
	| {readonly frame: number}
	/** The console dies, and nothing else. */
	| {readonly kill: true}
	| {readonly end: true};

export type Script = {
	readonly name: string;
	/** `server` is a server with OMFLOW as far as a look at it goes; on `host` a rehearsal is made, which takes minutes. */
	readonly stage: 'server' | 'host';
	readonly language: Language;
	/** Whether the program is told the language, or has to ask for it. */
	readonly isTold: boolean;
	readonly steps: readonly Step[];
};

export const patch = '/root/omflow_patch_1_2_0_0.tar.gz';
export const media = fileURLToPath(new URL('.', import.meta.url));
/** The recording that the frames become. */
export const recording = 'rehearsal.gif';

const all: readonly Language[] = ['en', 'ja', 'zh-Hant'];
const homeIsThere = /\bf [^\n]*\be [^\n]*\bq /;
/** patch.sh speaks one language, and takes so short a time that the first frame with its lines may be that of its end. */
const patchAtWork: Moment = screen => /› [▶✔] [^\n]*\[8b]/.test(screen) && /│ \[3\/6]/.test(screen);
/** What is under the cursor of a question. */
const question = (text: string): Moment => new RegExp(`› ${quoted(text)}`);

/** What the program says for a text in a language. */
function sayer(language: Language): (text: string) => string {
	const known = language === 'en' ? {} : translationsOf(language);
	return text => known[text] ?? text;
}

function quoted(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A screen's name in a language; English has none of its own. */
function named(name: string, language: Language): string {
	return language === 'en' ? name : `${name}-${language}`;
}

/** Screens that need no run: seconds. */
export const screens: readonly Script[] = [
	...all.map(
		(language): Script => ({
			name: named('language', language),
			stage: 'server',
			language,
			isTold: false,
			steps: [{start: []}, {wait: 'Language / 言語 / 語言'}, {screen: named('language', language)}, {kill: true}],
		}),
	),
	...all.map(
		(language): Script => ({
			name: named('home', language),
			stage: 'server',
			language,
			isTold: true,
			steps: [
				{start: []},
				{wait: homeIsThere},
				{picture: named('home', language)},
				{keys: 'f'},
				{wait: /\bc [^\n]*\?/},
				...(language === 'en' ? [{picture: 'findings'}] : [{screen: named('findings', language)}]),
				{keys: keys.escape},
				{wait: homeIsThere},
				{keys: 'e'},
				{wait: /› [-\d]+ [:\d]+ [^\n]*1\.2\.0\.0/},
				{keys: keys.enter},
				{wait: '[check]'},
				{screen: named('evidence', language)},
				{keys: keys.left + keys.left},
				{wait: homeIsThere},
				{keys: 'q'},
				{end: true},
			],
		}),
	),
];

/** A whole rehearsal with the sample server, answered as a person would. */
const rehearsal: Script = {
	name: 'rehearsal',
	stage: 'host',
	language: 'en',
	isTold: true,
	steps: [
		{start: []},
		{wait: question('Rehearse with a sample server')},
		{frame: 1800},
		{keys: keys.enter},
		// Only then it is known that nobody else answers.
		{wait: /› ▶ [^\n]*Sample: packages[\s\S]*\bs stop/},
		{frame: 900},
		// Not while addresses of package sources are on the screen: they differ from place to place.
		{wait: screen => /Installing[\s\S]* [4-9]\d %/.test(screen) && !screen.includes('://')},
		{picture: 'packages', isLive: true},
		{frame: 1200},
		{wait: 'These Python packages will be installed'},
		{frame: 1500},
		{keys: 'a'},
		{wait: /Python packages \[6][\s\S]*(fetching|building|ready)/},
		{picture: 'python-packages', isLive: true},
		{frame: 1200},
		{kill: true},
		{start: []},
		{wait: /› ▶ Python packages \[6][\s\S]*(fetching|building|ready)[\s\S]*\bs stop/},
		{picture: 'resumed', isLive: true},
		{wait: 'Apache accepts this draft'},
		{picture: 'site'},
		{frame: 1800},
		{keys: keys.enter},
		{wait: 'Use these lines?'},
		{keys: keys.enter},
		{wait: 'Stop OMFLOW and upgrade'},
		{frame: 1500},
		{keys: keys.down},
		{wait: question('Stop OMFLOW and upgrade')},
		{frame: 900},
		{keys: keys.enter},
		{wait: patchAtWork},
		{picture: 'window', isLive: true},
		{frame: 900},
		{wait: /▶ Start OMFLOW/},
		{frame: 600},
		{wait: 'Keep 1.2.0.0'},
		{frame: 3500},
		{keys: keys.down},
		{wait: question('Roll back to 1.1.6.3')},
		{keys: keys.enter},
		{wait: 'The run is over'},
		{picture: 'rolled-back'},
		{keys: 'q'},
		{end: true},
	],
};

/** A rehearsal as far as its window, in another language. */
function inLanguage(language: Language): Script {
	const say = sayer(language);
	// Later words may be on the next row.
	const begin = (text: string) => say(text).slice(0, 10);
	return {
		name: named('rehearsal', language),
		stage: 'host',
		language,
		isTold: true,
		steps: [
			{start: ['rehearse', '--sample']},
			{wait: /a [^\n]*\bo [^\n]*\bd /},
			{keys: 'a'},
			{wait: begin('Apache accepts this draft together with the new environment.')},
			{keys: keys.enter},
			{wait: begin('Use these lines? Enter confirms, Esc goes back to them.')},
			{keys: keys.enter},
			{wait: say('Stop OMFLOW and upgrade')},
			{keys: keys.down},
			{wait: question(say('Stop OMFLOW and upgrade'))},
			{keys: keys.enter},
			{wait: patchAtWork},
			{picture: named('window', language), isLive: true},
			{wait: question(say('Keep {to}').replace('{to}', '1.2.0.0'))},
			{keys: keys.enter},
			{wait: begin('The run is over')},
			{keys: 'q'},
			{end: true},
		],
	};
}

/** Scripts with a rehearsal each: minutes. */
export const rehearsals: readonly Script[] = [rehearsal, inLanguage('ja'), inLanguage('zh-Hant')];

/** Where the text of a screen is kept. */
export function textFile(name: string): string {
	return `${media}screens/${name}.txt`;
}
