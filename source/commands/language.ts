import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {makeState} from '../engine/places.js';
import {writeDurably} from '../host/files.js';
import {isLanguage, type Language, languages, speak} from '../locales/index.js';
import {canShow, languageOf} from '../locales/locale.js';
import type {Arguments} from './usage.js';

/** Lets this process speak the language of `--lang`, else what was chosen on this machine, else the locale’s. */
export async function speakAsAsked({lang, state}: Pick<Arguments, 'lang' | 'state'>): Promise<void> {
	await speak(lang ?? (canShow(process.env) ? await chosenLanguage(state) : undefined) ?? languageOf(process.env));
}

/**
Asks for the language where nobody has chosen one yet, as the vendor’s installer does, and remembers it for this machine.
Who leaves without an answer is asked again next time.
Returns whether to go on.
*/
export async function askLanguage(given: Arguments): Promise<boolean> {
	if (given.lang !== undefined || !canShow(process.env) || (await chosenLanguage(given.state)) !== undefined) {
		return true;
	}

	const first = languageOf(process.env);
	const names = (Object.keys(languages) as Language[]).sort((a, b) => Number(b === first) - Number(a === first));
	const {runHome} = await import('../console/main.js');
	const chosen = await runHome<Language>({
		title: 'Language / 言語 / 語言',
		facts: [],
		// Each explains itself in its own language.
		choices: names.map(value => ({value, label: languages[value], explanation: explanations[value]})),
		ascii: given.ascii,
		color: given.color,
		stdin: process.stdin,
		stdout: process.stdout,
	});
	if (chosen === undefined) {
		return false;
	}

	await makeState(given.state);
	await writeDurably(languageFile(given.state), `${chosen}\n`, {mode: 0o600});
	await speak(chosen);
	return true;
}

const explanations: Readonly<Record<Language, string>> = {
	en: 'For this machine; omflow-tui --lang asks for another one.',
	ja: 'このマシンで使う言語です。omflow-tui --lang で別の言語にできます。',
	'zh-Hant': '這台機器使用的語言；可用 omflow-tui --lang 改用其他語言。',
};

function languageFile(state: string): string {
	return join(state, 'language');
}

/** Undefined where nothing was chosen, or nothing that there is. */
async function chosenLanguage(state: string): Promise<Language | undefined> {
	const name = (await readFile(languageFile(state), 'utf8').catch(() => '')).trim();
	return isLanguage(name) ? name : undefined;
}
