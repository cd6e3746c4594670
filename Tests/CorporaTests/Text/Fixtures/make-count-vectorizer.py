"""Makes count-vectorizer.json: what scikit-learn's CountVectorizer counts in small texts full of oddities.

Run with scikit-learn installed: python make-count-vectorizer.py > count-vectorizer.json
"""
import json

from sklearn.feature_extraction.text import CountVectorizer

texts = [
    "The cat sat on the mat. The CAT, however, was not amused: cats aren't!",
    "",
    "snake_case and __dunder__ and x_1 1x 2001 3.14 a b c",
    "STRASSE Straße straße ß ẞ Großer",
    "İstanbul'da ISPARTA ıspanak i̇stanbul",
    "ΟΔΥΣΣΕΥΣ ΣΑΣ ΣΑΣ' Σ ΑΣ.Β ΑΣ\u00adΒ ΑΣ΄ 'ΑΣ' ΌΣΟΣ σας",
    "naïve café cafe\u0301 e\u0301te\u0301 Å\u030a ﬁnance",
    "日本語 テキスト 한국어 中 文字",
    "हिन्दी भाषा ภาษาไทย العَرَبِيَّة עִבְרִית",
    "½ ²³ x² Ⅷ ⅷ ⅧⅨ ①② ٣٤ ৬৭ 〇〇 ㊿㊿",
    "\U0001d400\U0001d401 \U00010400\U00010428 \U0001f600\U0001f600 \U00020000\U00020001 \U0001e900\U0001e922",
    "K K\u212a\u212b \u01c5\u01c5 \u1e9e\u1e9e \u2160\u2161",
    "zero\u200bwidth soft\u00adhyphen no\u00a0break\u2028line\u2029par tab\tand\nnewline\r\nend\u0085next\x1csep\x00nul",
    "well-known e-mail@example.org http://example.org/a_b?c=d#e it's o'clock rock'n'roll",
    "running runs ran runner easily fairly generously happiness happy",
    "the the the and of to in is you that it he was for on are",
    "\ufeffbom inside \ufffd replacement \ue000\ue001 private \u0378 unassigned",
    "Zebra apple zebra Apple ÉCLAIR éclair Éclair zoo",
    "ͅ \u0345\u0345 ªº \u02b0\u02b1 _ __ ___ \u203f\u2040",
    "a  b   cc dd  cc dd cc",
    "  我 们\u3000\u3000在\u3000一起 ภาษา ไทย\n\nです。\t \u00a0カタカナ\x1c\x1fend\n",
    " \t\n ",
    "\u3000",
]
cases = {
    "defaults": {},
    "no lowercasing": {"lowercase": False},
    "bigrams": {"ngram_range": (1, 2)},
    "trigrams only": {"ngram_range": (3, 3)},
    "one to four": {"ngram_range": (1, 4), "min_df": 2},
    "min-df 2": {"min_df": 2},
    "min-df share": {"min_df": 0.1},
    "max-df 1": {"max_df": 1},
    "max-df share": {"max_df": 0.1},
    "between": {"min_df": 2, "max_df": 0.15},
    "max-features": {"max_features": 5},
    "max-features after limits": {"max_features": 3, "min_df": 1, "max_df": 1},
    "english": {"stop_words": "english"},
    "english bigrams": {"stop_words": "english", "ngram_range": (2, 2)},
    "listed": {"stop_words": ["the", "and", "éclair", "日本語"]},
    "single characters": {"token_pattern": r"(?u)\b\w+\b"},
    "three at least": {"token_pattern": r"(?u)\b\w\w\w+\b"},
    "letters": {"token_pattern": r"[a-zA-Z]+"},
    "apostrophes": {"token_pattern": r"(?u)\b\w[\w'-]*\w\b"},
    "one group": {"token_pattern": r"(?u)\b(\w\w)\w*\b"},
    "not space": {"token_pattern": r"\S+"},
    "word edges": {"token_pattern": r"\B\w\b"},
    "ascii": {"token_pattern": r"(?a)\b\w\w+\b"},
    "named": {"token_pattern": r"(?P<word>[^\W\d_]{2,})"},
    "characters": {"analyzer": "char"},
    "character pairs": {"analyzer": "char", "ngram_range": (2, 2)},
    "characters, one to three": {"analyzer": "char", "ngram_range": (1, 3), "min_df": 2, "lowercase": False},
    "long runs of characters": {"analyzer": "char", "ngram_range": (9, 11), "max_features": None},
    "characters within words": {"analyzer": "char_wb"},
    "pairs within words": {"analyzer": "char_wb", "ngram_range": (2, 2)},
    "two to four within words": {"analyzer": "char_wb", "ngram_range": (2, 4)},
    "beyond words": {"analyzer": "char_wb", "ngram_range": (5, 8), "lowercase": False},
    "vocabulary of characters": {"analyzer": "char_wb", "ngram_range": (1, 3), "vocabulary": [" a", "a", "at ", "本"]},
    "vocabulary": {"vocabulary": ["zebra", "cat", "éclair", "nowhere", "日本語", "the"]},
}
expected = []
for name, options in cases.items():
    vectorizer = CountVectorizer(**options)
    counts = vectorizer.fit_transform(texts).tocsr()
    counts.sort_indices()
    rows = [
        [[int(c), int(n)] for c, n in zip(row.indices, row.data)] for row in (counts[[i]] for i in range(len(texts)))
    ]
    options = {
        key: ("%r" % value if key in ("min_df", "max_df") else list(value) if key == "ngram_range" else value)
        for key, value in options.items()
    }
    expected.append(
        {"name": name, "options": options, "words": vectorizer.get_feature_names_out().tolist(), "rows": rows}
    )
lines = ",\n".join(json.dumps(case) for case in expected)
print('{"texts": %s,\n"cases": [\n%s\n]}' % (json.dumps(texts), lines))
