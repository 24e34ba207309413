import {mark, type Text} from '../locales/index.js';

/**
What is known about Python packages on the way from Python 3.8 with Django 2.2 to Python 3.11 with
Django 4.2. Names are normalised (PEP 503). Data only; `requirements.ts` applies it.
*/

export type DatabaseKind = 'sqlite' | 'postgresql' | 'mysql' | 'oracle' | 'mssql' | 'unknown';

/** `python -m venv` puts its own there; `pkg-resources==0.0.0` is a mistake of Debian's old pip. */
export const partOfEnvironment: ReadonlySet<string> = new Set(['pip', 'setuptools', 'pkg-resources', 'distribute']);

/** Copies of what Python 3.11 has itself. Some of them break it when they are installed. */
export const standardLibrary311: ReadonlySet<string> = new Set([
	'argparse',
	'asyncio',
	'backports-datetime-fromisoformat',
	'backports-functools-lru-cache',
	'backports-ssl-match-hostname',
	'backports-zoneinfo',
	'configparser',
	'contextvars',
	'dataclasses',
	'enum34',
	'functools32',
	'futures',
	'importlib',
	'importlib-metadata',
	'importlib-resources',
	'ipaddress',
	'ordereddict',
	'pathlib',
	'pickle5',
	'singledispatch',
	'statistics',
	'typing',
	'unittest2',
	'uuid',
	'wsgiref',
	'zipp',
]);

const replaced = mark('does not work with Django 4.2; mssql-django takes its place (ENGINE "mssql" in settings.py)');

export const tooOldForDjango42: Readonly<Record<string, Text>> = {
	'django-mssql': replaced,
	'django-mssql-backend': replaced,
	'django-pyodbc': replaced,
	'django-pyodbc-azure': replaced,
	'django-pytds': replaced,
	'django-sqlserver': replaced,
};

/**
For a file named by PIP_CONSTRAINT, which pip also applies where it builds packages. Old build scripts
(cx_Oracle's, for one) import pkg_resources, which setuptools 81 no longer has.
*/
export const buildConstraints: readonly string[] = ['setuptools<81'];

/** First versions that can be had for Python 3.11, or that Django 4.2 accepts. */
export const lowestFor311: Readonly<Record<string, string>> = {
	// Django 4.2 wants mysqlclient 1.4.3, and PyMySQL says it is one from 1.1.0 on.
	mysqlclient: '1.4.3',
	pymysql: '1.1.0',
	// First one that builds against Python 3.11.
	'mod-wsgi': '4.9.4',
	'mssql-django': '1.3',
	psycopg2: '2.9.5',
	'psycopg2-binary': '2.9.5',
};

/** The next major version of these changed what their callers see; all have builds for 3.11 below it. */
export const nextMajorBreaks: Readonly<Record<string, string>> = {
	// 2.x needs Django 5.2.
	'mssql-django': '2',
	numpy: '2',
	openpyxl: '4',
	ldap3: '3',
	'paho-mqtt': '2',
	pandas: '2',
	pydantic: '2',
	sqlalchemy: '2',
	urllib3: '2',
};

/** What the administrator should know about a line. */
export const remarks: Readonly<Record<string, Text>> = {
	'cx-oracle': mark(
		'has no build for Python 3.11: pip compiles it, which needs a compiler and an older setuptools (the build constraint)',
	),
	'mod-wsgi': mark('is compiled: needs apache2-dev and a compiler'),
	mysqlclient: mark('is compiled: needs default-libmysqlclient-dev, pkg-config and a compiler'),
	psycopg2: mark('is compiled: needs libpq-dev and a compiler; psycopg2-binary needs neither'),
	xlrd: mark('version 2 reads no .xlsx files, and version 1 cannot read them on Python 3.11; openpyxl can'),
};

/** Debian's packages with what these are compiled with. They bring what the result is linked with as well. */
export const compiledWith: Readonly<Record<string, readonly string[]>> = {
	mysqlclient: ['default-libmysqlclient-dev', 'pkg-config'],
	psycopg2: ['libpq-dev'],
	pyodbc: ['unixodbc-dev'],
	'python-ldap': ['libldap2-dev', 'libsasl2-dev'],
};

/** Drivers of which one must be there, and what to add when none is. From the vendor's requirements. */
export const driversOf: Readonly<
	Record<
		DatabaseKind,
		{readonly anyOf: readonly string[]; readonly add: readonly string[]; readonly remark: Text} | undefined
	>
> = {
	sqlite: undefined,
	unknown: undefined,
	postgresql: {
		anyOf: ['psycopg2', 'psycopg2-binary', 'psycopg'],
		add: ['psycopg2-binary>=2.9.5'],
		remark: mark('driver of the database in settings.py; the old environment lacks it'),
	},
	mysql: {
		anyOf: ['mysqlclient', 'pymysql'],
		add: ['mysqlclient>=1.4.3'],
		remark: mark(
			'driver of the database in settings.py; is compiled: needs default-libmysqlclient-dev, pkg-config and a compiler',
		),
	},
	oracle: {
		anyOf: ['cx-oracle'],
		add: ['cx_Oracle>=7.0'],
		remark: mark(
			'driver of the database in settings.py; pip compiles it, which needs a compiler and an older setuptools (the build constraint)',
		),
	},
	mssql: {
		anyOf: ['mssql-django'],
		add: ['mssql-django>=1.3,<2'],
		remark: mark('driver of the database in settings.py; takes the place of the old one'),
	},
};
