/**
What code written for Django 2.2 on Python 3.8 may use and does not find in Django 4.2 on Python 3.11. Found by
comparing the names that can be imported from 2.2.28 and 4.2.30, and from Python 3.8.18 and 3.11.7; of these, the ones
likely in a customer's urls, views, models and flows. Data only; `custom-code.ts` looks for it.
*/

/** The ABCs that lay in `collections` until Python 3.10. */
const collectionClasses = [
	...['AsyncGenerator', 'AsyncIterable', 'AsyncIterator', 'Awaitable', 'ByteString', 'Callable', 'Collection'],
	...['Container', 'Coroutine', 'Generator', 'Hashable', 'ItemsView', 'Iterable', 'Iterator', 'KeysView'],
	...['Mapping', 'MappingView', 'MutableMapping', 'MutableSequence', 'MutableSet', 'Reversible', 'Sequence'],
	...['Set', 'Sized', 'ValuesView'],
];

/** Dotted name, which stands for everything below it too, and what to write instead. */
export const goneNames: Readonly<Record<string, string>> = {
	'django.conf.urls.re_path': 'django.urls.re_path',
	'django.conf.urls.url': 'django.urls.re_path',
	'django.contrib.admin.ACTION_CHECKBOX_NAME': 'django.contrib.admin.helpers.ACTION_CHECKBOX_NAME',
	'django.contrib.admin.templatetags.admin_static': 'django.templatetags.static',
	'django.contrib.postgres.fields.FloatRangeField': 'django.contrib.postgres.fields.DecimalRangeField',
	'django.contrib.postgres.fields.jsonb.KeyTextTransform': 'django.db.models.fields.json.KeyTextTransform',
	'django.contrib.postgres.fields.jsonb.KeyTransform': 'django.db.models.fields.json.KeyTransform',
	'django.contrib.postgres.forms.FloatRangeField': 'django.contrib.postgres.forms.DecimalRangeField',
	'django.contrib.postgres.forms.JSONField': 'django.forms.JSONField',
	'django.contrib.staticfiles.storage.CachedStaticFilesStorage':
		'django.contrib.staticfiles.storage.ManifestStaticFilesStorage',
	'django.contrib.staticfiles.templatetags': 'django.templatetags.static',
	'django.core.cache.backends.memcached.MemcachedCache': 'django.core.cache.backends.memcached.PyMemcacheCache',
	'django.core.paginator.QuerySetPaginator': 'django.core.paginator.Paginator',
	'django.db.models.FieldDoesNotExist': 'django.core.exceptions.FieldDoesNotExist',
	'django.db.models.fields.FieldDoesNotExist': 'django.core.exceptions.FieldDoesNotExist',
	'django.db.models.query.EmptyResultSet': 'django.core.exceptions.EmptyResultSet',
	'django.db.models.sql.EmptyResultSet': 'django.core.exceptions.EmptyResultSet',
	'django.db.models.sql.datastructures.EmptyResultSet': 'django.core.exceptions.EmptyResultSet',
	'django.db.models.sql.query.EmptyResultSet': 'django.core.exceptions.EmptyResultSet',
	// An argument: Signal() itself is still there.
	'django.dispatch.Signal(providing_args)': 'Signal() without it',
	'django.forms.forms.BoundField': 'django.forms.boundfield.BoundField',
	'django.forms.forms.pretty_name': 'django.forms.utils.pretty_name',
	'django.forms.utils.format_html': 'django.utils.html.format_html',
	'django.shortcuts.render_to_response': 'django.shortcuts.render',
	'django.template.base.Context': 'django.template.Context',
	'django.template.base.RequestContext': 'django.template.RequestContext',
	'django.utils._os.abspathu': 'os.path.abspath',
	'django.utils._os.npath': 'the path itself',
	'django.utils._os.upath': 'the path itself',
	'django.utils.decorators.ContextDecorator': 'contextlib.ContextDecorator',
	'django.utils.decorators.available_attrs': 'functools.WRAPPER_ASSIGNMENTS',
	'django.utils.decorators.classproperty': 'django.utils.functional.classproperty',
	'django.utils.encoding.force_text': 'django.utils.encoding.force_str',
	'django.utils.encoding.python_2_unicode_compatible': 'the class without it',
	'django.utils.encoding.smart_text': 'django.utils.encoding.smart_str',
	'django.utils.functional.curry': 'functools.partial',
	'django.utils.html.SafeText': 'django.utils.safestring.SafeString',
	'django.utils.http.cookie_date': 'django.utils.http.http_date',
	'django.utils.http.is_safe_url': 'django.utils.http.url_has_allowed_host_and_scheme',
	'django.utils.http.urlquote': 'urllib.parse.quote',
	'django.utils.http.urlquote_plus': 'urllib.parse.quote_plus',
	'django.utils.http.urlunquote': 'urllib.parse.unquote',
	'django.utils.http.urlunquote_plus': 'urllib.parse.unquote_plus',
	'django.utils.lru_cache': 'functools.lru_cache',
	'django.utils.safestring.SafeBytes': 'bytes',
	'django.utils.six': 'what Python 3 has itself',
	'django.utils.text.unescape_entities': 'html.unescape',
	'django.utils.timezone.FixedOffset': 'django.utils.timezone.get_fixed_timezone',
	'django.utils.translation.LANGUAGE_SESSION_KEY': 'settings.LANGUAGE_COOKIE_NAME',
	'django.utils.translation.ugettext': 'django.utils.translation.gettext',
	'django.utils.translation.ugettext_lazy': 'django.utils.translation.gettext_lazy',
	'django.utils.translation.ugettext_noop': 'django.utils.translation.gettext_noop',
	'django.utils.translation.ungettext': 'django.utils.translation.ngettext',
	'django.utils.translation.ungettext_lazy': 'django.utils.translation.ngettext_lazy',
	'asyncio.coroutine': 'async def',
	'base64.decodestring': 'base64.decodebytes',
	'base64.encodestring': 'base64.encodebytes',
	binhex: 'binascii',
	...Object.fromEntries(collectionClasses.map(name => [`collections.${name}`, `collections.abc.${name}`])),
	dummy_threading: 'threading',
	formatter: 'code of your own',
	'fractions.gcd': 'math.gcd',
	'gettext.ldgettext': 'gettext.dgettext',
	'gettext.ldngettext': 'gettext.dngettext',
	'gettext.lgettext': 'gettext.gettext',
	'gettext.lngettext': 'gettext.ngettext',
	'inspect.formatargspec': 'inspect.signature',
	'inspect.getargspec': 'inspect.getfullargspec',
	parser: 'ast',
	'plistlib.readPlist': 'plistlib.load',
	'plistlib.readPlistFromBytes': 'plistlib.loads',
	'plistlib.writePlist': 'plistlib.dump',
	'plistlib.writePlistToBytes': 'plistlib.dumps',
	symbol: 'ast',
	'sys.getcheckinterval': 'sys.getswitchinterval',
	'sys.setcheckinterval': 'sys.setswitchinterval',
};

/** Fields that only old migrations may still have: with one in a model, Django's own check refuses to migrate. */
export const refusedFields: Readonly<Record<string, string>> = {
	'django.contrib.postgres.fields.JSONField': 'django.db.models.JSONField',
	'django.contrib.postgres.fields.jsonb.JSONField': 'django.db.models.JSONField',
	'django.db.models.NullBooleanField': 'django.db.models.BooleanField(null=True)',
	'django.db.models.fields.NullBooleanField': 'django.db.models.BooleanField(null=True)',
};

/** Gone from every request; found by its name alone, so never more than a warning. */
export const goneFromRequests: Readonly<Record<string, string>> = {
	is_ajax: "request.headers.get('X-Requested-With') == 'XMLHttpRequest'",
};

/** Of the names to write instead, those that Django 2.2 does not have, and the first that does. */
export const newSince: Readonly<Record<string, string>> = {
	'django.core.cache.backends.memcached.PyMemcacheCache': '3.2',
	'django.db.models.JSONField': '3.1',
	'django.db.models.fields.json.KeyTextTransform': '3.1',
	'django.db.models.fields.json.KeyTransform': '3.1',
	'django.forms.JSONField': '3.1',
	'django.utils.functional.classproperty': '3.1',
	'django.utils.http.url_has_allowed_host_and_scheme': '3.0',
};
