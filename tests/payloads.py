"""What attackers, broken robots and unlucky people send, each under a name.

Texts are as Python has them; what cannot be written so (half a character, a wrong charset) is bytes.
"""

# What is typed into a field, and might break it.
AWKWARD_TEXTS = {
    "a NUL": "An\x00na",
    "control characters": "An\x07\x1b[31mna\x9d",
    "a bidirectional override": "\u202eannA\u202c \u2067x\u2069",
    "marks of direction": "\u200fAnna\u200e\u061c",
    "a flood of marks": "A" + "\u0335\u0489" * 300 + "nna",
    "nothing that can be seen": "\u200b\u2060\u3164\u2800",
    "the last character of Unicode": "\U0010ffff\ufffe",
    "no end": "x" * 50_000,
    "lines": "Anna\r\nBcc: everybody@example.com\r\n\r\nHello",
    "figures without end": "9" * 5_000,
    "figures of another script": "٠٧٧٠٠٩٠٠٩٨٢",
    "a figure that is none": "²",
    "less than nothing": "-1",
    "not a number": "nan",
    "more than a number": "1e999",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "the last moment": "9999-12-31T23:59:59+00:00",
    "a moment before the first": "0001-01-01T00:00:00+23:59",
    "a day that is none": "2026-02-30",
    "a moment without a zone": "2026-11-24T10:30",
    "JSON with a NUL": '{"a": "\\u0000"}',
    "nothing": "",
}

# What would do something, were it read as anything but text.
MARKUP = {
    "a script": "<script>alert(1)</script>",
    "out of an attribute": '"><img src=x onerror=alert(1)>',
    "out of an attribute, single": "' autofocus onfocus=alert(1) x='",
    "out of a script": "</script><script>alert(1)</script>",
    "out of a section": "]]><svg onload=alert(1)>",
    "out of a title": "</title><h1>x</h1>",
    "out of a field": "</textarea><h1>x</h1>",
    "out of a comment": "--><h1>x</h1>",
    "an entity": "&lt;b&gt;&#x3c;i&#x3e;",
    "an address that runs": "javascript:alert(1)",
    "a variable": "{{ 7|add:42 }}{{ request.user.password }}",
    "a tag": "{% load static %}{% csrf_token %}",
    "a format": "%(password)s %s {0.__class__} ${7*7}",
    "a formula": '=HYPERLINK("https://evil.example","x")',
    "a sum": "+1+1",
    "a difference": "-2+3",
    "a call": "@SUM(1)",
    "a header": "x%0d%0aBcc: everybody@example.com",
}

# Addresses and queries, as they stand in the first line of a request.
QUERIES = {
    "not UTF-8": "%ff%fe",
    "half a character": "%ED%A0%80",
    "a NUL": "a%00b",
    "no end": "a" * 3_000,
    "too many fields": "&".join(["x=1"] * 1_001),
    "broken percent": "%zz%",
    "twice": "a&q=b&day=2026-11-24",
    "markup": "%22%3E%3Cscript%3E",
    "a direction": "%E2%80%AE",
    "a figure without end": "9" * 5_000,
    "past the largest number": "9223372036854775808",
    "less than nothing": "-1",
    "the last day": "9999-12-31",
    "the first day": "0001-01-01",
    "the last moment": "9999-12-31T23:59:59%2B00:00",
    "a list": "1,2,x",
}
PATHS = {
    "not UTF-8": "/%ff/",
    "half a character": "/guides/%ED%A0%80/",
    "overlong": "/%C0%AF",
    "no end": "/" + "a" * 7_000 + "/",
    "a token without end": "/callback/" + "a" * 7_000 + "/",
    "a token that is not UTF-8": "/callback/%ff/",
    "a signature of nothing": "/preview/a:b:c/",
    "a signature without end": "/preview/" + ":" * 7_000 + "/",
    "somebody else's host": "//evil.example/guides/",
    "up and out": "/static/../../../etc/passwd",
    "up and out, coded": "/static/%2e%2e/%2e%2e/etc/passwd",
    "a NUL in a file": "/static/%00.css",
    "a file without end": "/static/" + "a" * 5_000,
    "a number without end": "/admin/callbacks/callbackrequest/" + "9" * 5_000 + "/change/",
    "past the largest number": "/admin/callbacks/callbackrequest/9223372036854775808/claim/",
    "of a page past it": "/admin/pages/page/99999999999999999999/publish/",
    "a page that is no number": "/admin/pages/page/%ff/change/",
    "a quoted line": "/admin/pages/page/_0A/history/",
    "a person past it": "/admin/firm_site/user/99999999999999999999/password/",
}

_NAMED = b'--b\r\nContent-Disposition: form-data; name="full_name"'
_MULTIPART = "multipart/form-data; boundary=b"
_FORM = "application/x-www-form-urlencoded"
# Content-Type and body.
BODIES = {
    "not UTF-8": (_FORM, b"full_name=%ff&phone=%ED%A0%80&when=%C0%AF"),
    "raw bytes": (_FORM, b"\xff\xfe=\x00&=&&&="),
    "1,001 fields": (_FORM, b"&".join(b"f%d=x" % n for n in range(1_001))),
    "every field twice": (_FORM, b"full_name=a&full_name=b&phone=1&phone=07700900982&when=x&when=asap"),
    "latin-1": (_FORM + "; charset=latin-1", b"full_name=%e9"),
    "UTF-16": (_FORM + "; charset=utf-16", b"full_name=a"),
    "UTF-7, which hides half characters": (
        _MULTIPART + "; charset=utf-7",
        _NAMED + b"\r\n\r\n+2AA-\r\n--b--",
    ),
    "JSON": ("application/json", b'{"full_name": "a", "when": null}'),
    "plain text": ("text/plain", b"full_name=a"),
    "no type": ("", b"full_name=a"),
    "a type that is none": ("/;;;=", b"full_name=a"),
    "no boundary": ("multipart/form-data", _NAMED + b"\r\n\r\nAnna\r\n--b--\r\n"),
    "a boundary without end": ("multipart/form-data; boundary=" + "b" * 500, b"--b\r\n"),
    "another boundary": (
        _MULTIPART,
        b'--c\r\nContent-Disposition: form-data; name="full_name"\r\n\r\nAnna\r\n--c--',
    ),
    "cut off in a part": (_MULTIPART, _NAMED + b"\r\n\r\nAnn"),
    "cut off in a head": (_MULTIPART, _NAMED[:30]),
    "a head without end": (
        _MULTIPART,
        b'--b\r\nContent-Disposition: form-data; name="' + b"n" * 100_000 + b'"\r\n\r\nx\r\n--b--',
    ),
    "heads without end": (_MULTIPART, b"--b\r\n" + b"X: y\r\n" * 20_000 + b"\r\nx\r\n--b--"),
    "a part without a name": (_MULTIPART, b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    "a name in a charset that is none": (
        _MULTIPART,
        b"--b\r\nContent-Disposition: form-data; name*=hex''%ff\r\n\r\nx\r\n--b--",
    ),
    "base64 that is none": (
        _MULTIPART,
        _NAMED + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--\r\n",
    ),
    "a file in place of a name": (
        _MULTIPART,
        _NAMED + b'; filename="../../x\x00.txt"\r\n\r\nAnna\r\n--b--\r\n',
    ),
    "150 files": (
        _MULTIPART,
        b"".join(_NAMED + b'; filename="a"\r\n\r\nx\r\n' for _ in range(150)) + b"--b--\r\n",
    ),
    "3 MB": (_FORM, b"message=" + b"x" * 3_000_000),
    "3 MB in a part": (_MULTIPART, _NAMED + b"\r\n\r\n" + b"x" * 3_000_000 + b"\r\n--b--\r\n"),
}  # fmt: skip

_FROM_OUR_PROXY = {"REMOTE_ADDR": "10.0.0.1"}
# As WSGI has them.
HEADERS = {
    "another host": {"HTTP_HOST": "evil.example"},
    "no host": {"HTTP_HOST": ""},
    "a port that is none": {"HTTP_HOST": "testserver:99999999"},
    "half an address": {"HTTP_HOST": "[::1"},
    "an address with a zone": {"HTTP_HOST": "[fe80::1%25eth0]"},
    "two hosts": {"HTTP_HOST": "testserver@evil.example"},
    "a host without end": {"HTTP_HOST": "a" * 5_000},
    "another host, forwarded": {"HTTP_X_FORWARDED_HOST": "evil.example"},
    "an address of nobody": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_FOR": "unknown"},
    "an address with its port": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_FOR": "203.0.113.7:4711"},
    "an address with its zone": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_FOR": "fe80::1%eth0"},
    "addresses without end": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_FOR": "1.1.1.1, " * 3_000},
    "an address of no letters": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_FOR": "\xff\xfe"},
    "two schemes": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_PROTO": "https,http"},
    "a scheme that is none": _FROM_OUR_PROXY | {"HTTP_X_FORWARDED_PROTO": "gopher"},
    "a moment that is none": {"HTTP_IF_MODIFIED_SINCE": "Wed, 31 Feb 2026 25:61:61 GMT"},
    "a moment past all": {"HTTP_IF_MODIFIED_SINCE": "Thu, 01 Jan 99999 00:00:00 GMT"},
    "a tag that is none": {"HTTP_IF_NONE_MATCH": '"\xff'},
    "a range that is none": {"HTTP_RANGE": "bytes=-,9-1,x"},
    "languages without end": {"HTTP_ACCEPT_LANGUAGE": "en;q=x," * 3_000},
    "an origin that is none": {"HTTP_ORIGIN": "http://["},
    "a page before that is none": {"HTTP_REFERER": "http://[::x"},
    "a session with a NUL": {"HTTP_COOKIE": 'sessionid="abcdefgh\\000ijkl"'},
    "a session without end": {"HTTP_COOKIE": "sessionid=" + "a" * 4_000},
    "a session of no letters": {"HTTP_COOKIE": "sessionid=\xff\xfe\xff\xfe\xff\xfe\xff\xfe"},
    "a token with a NUL": {"HTTP_COOKIE": 'csrftoken="\\000"'},
    "messages that are none": {"HTTP_COOKIE": 'messages="\\377W10:1x"'},
    "cookies that are none": {"HTTP_COOKIE": ";;;=;=a;a"},
}  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]
