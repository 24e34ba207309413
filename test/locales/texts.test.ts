import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {textsIn, textsInSource, translationsOf} from '../../scripts/texts.js';
import {type Language, languages, number, speak, t} from '../../source/locales/index.js';
import {languageOf} from '../../source/locales/locale.js';

const source = fileURLToPath(new URL('../../source', import.meta.url));
const texts = textsInSource();
const others = (Object.keys(languages) as Language[]).filter(name => name !== 'en');
const valuesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(match => match[1]).sort();

for (const language of others) {
	test(`${language} has every text of the source, with the same values, and no other`, () => {
		const translations = translationsOf(language);
		assert.deepEqual(
			texts.filter(text => (translations[text] ?? '') === ''),
			[],
			'not translated; see scripts/texts.ts',
		);
		assert.deepEqual(
			Object.keys(translations).filter(text => !texts.includes(text)),
			[],
			'no longer in the source',
		);
		for (const [text, translation] of Object.entries(translations)) {
			assert.deepEqual([...new Set(valuesOf(translation))], [...new Set(valuesOf(text))], text);
		}
	});

	test(`${language} keeps what is typed and named as it is`, () => {
		const literal = /--[a-z][\w-]+|“[^”]*(?:omflow-tui|apt-get|dpkg|systemctl)[^”]*”|settings\.py|patch\.sh|mod_wsgi/g;
		for (const [text, translation] of Object.entries(translationsOf(language))) {
			for (const [word] of text.matchAll(literal)) {
				assert.ok(translation.includes(word.replace(/[“”]/g, '')), `${word} in: ${translation}`);
			}
		}
	});
}

test('the source gives only literals and marked texts to be translated', () => {
	for (const name of readdirSync(source, {recursive: true, encoding: 'utf8'}).filter(each => /\.tsx?$/.test(each))) {
		const code = readFileSync(join(source, name), 'utf8');
		assert.doesNotMatch(code, /\b(?:t|mark)\(\s*`/, `${name}: a template is no key`);
		assert.doesNotMatch(code, /\b(?:t|mark)\(\s*(?:'[^'\n]*'|"[^"\n]*")\s*\+/, `${name}: half a text is no key`);
	}
});

test('a text is found in both forms of a literal, over lines, and with quotes inside', () => {
	assert.deepEqual(textsIn(`t('one') + mark(\n\t"it's", x) + t('say "it"') + set('no')`), ['one', "it's", 'say "it"']);
});

test('a text is said in the language that is spoken, and what is filled in is shown as it is', async t2 => {
	t2.after(() => speak('en'));
	const hostile = '{path} $t(Leave)';
	assert.equal(t('{file} is not there.', {file: hostile} as never), `${hostile} is not there.`);
	for (const language of others) {
		await speak(language);
		assert.equal(t('Leave'), translationsOf(language).Leave);
		assert.match(t('There is no option {option}.', {option: hostile}), /\{path\} \$t\(Leave\)/);
	}
});

test('numbers have the separators of the language', async () => {
	assert.equal(number(1_234_567), '1,234,567');
	assert.equal(number(0.25, 1), '0.3');
});

const locales: ReadonlyArray<readonly [env: Record<string, string>, language: Language]> = [
	[{LANG: 'ja_JP.UTF-8'}, 'ja'],
	[{LANG: 'zh_TW.UTF-8'}, 'zh-Hant'],
	[{LANG: 'zh_HK.utf8'}, 'zh-Hant'],
	[{LANG: 'de_DE.UTF-8'}, 'en'],
	[{LANG: 'en_US.UTF-8', LC_ALL: 'ja_JP.UTF-8'}, 'ja'],
	[{LANG: 'ja_JP.UTF-8', LC_MESSAGES: 'C', LC_CTYPE: 'ja_JP.UTF-8'}, 'en'],
	[{LANG: 'ja_JP.eucJP'}, 'en'],
	[{LANG: 'ja_JP.UTF-8', TERM: 'linux'}, 'en'],
	[{}, 'en'],
];

for (const [env, language] of locales) {
	test(`locale ${JSON.stringify(env)}: ${language}`, () => {
		assert.equal(languageOf(env), language);
	});
}
