"""Makes token-patterns.json: what Python's re.findall finds in small texts full of oddities.

Run with any Python: python -W ignore make-token-patterns.py > token-patterns.json
"""
import json
import re

texts = [
    'na\u0308ive caf\xe9_1 \xbd \xb2 \u2167 x\u203fy _a a-b',
    'line one\nline two\n',
    '\x1cA\x1d b\x85c\xa0d\u200be\u180ef',
    '\u017ftrong Kelvin \u212a STRASSE \xdf \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2',
    'aab ab b [x] ]y^',
    'one1 two22 \u0663\u0664 \u0967\u0968',
    'a\x0bb\x0cc',
    '',
    '\u203fa\ufe4db\u2040',
]

patterns = [
    r"\w+",
    r"\W+",
    r"[^\W\d_]+",
    r"[\w\S]+",
    r"[^\s]+",
    r"[\W]",
    r"\b\w",
    r"\w\b",
    r"\B\w",
    r"\d+",
    r"\D+",
    r"[^\D]+",
    r"(?a)\w+",
    r"(?a)\W+",
    r"(?a)[^\W]+",
    r"(?a)\b\w+\b",
    r"(?a)\d+",
    r"(?i)[k-s]+",
    r"(?m)^\w+",
    r"(?m)\w+$",
    r"\w+$",
    r"\w+\Z",
    r"(?s)e.l",
    r"e.l",
    r"[[]x[]]",
    r"[]y]+",
    r"[a&&b~~]+",
    r"a{,2}b",
    r"a{,b}|x",
    r"(?P<t>a)(?P=t)?",
    r"(a)b",
    r"(?:a)(b)?",
    r"a*",
    r"a*?b?",
    r"\u0061+",
    r"[\u0061-\u0062]+",
    r"\v",
    r"\s+",
    r"[^\S]+",
    r"(?x) a  b # comment",
    r"(?<=a)b",
    r"[^a\W]+",
    r"\U00000061b",
    r"(?u)\b\w\w+\b",
    r"x*",
]

cases = [
    {"pattern": pattern, "tokens": [[t for t in re.findall(pattern, text) if t] for text in texts]}
    for pattern in patterns
]
print(json.dumps({"texts": texts, "cases": cases}))
