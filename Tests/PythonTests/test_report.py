"""The page of `gossamer report`, in a real browser."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Page, chromium, run_program
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "datasets/eight-subjects.tsv"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, its page and LDAvis' data."""
    folder = tmp_path_factory.mktemp("report")
    run_program(
        "train",
        "sae",
        TEXTS,
        "--latent",
        "24",
        "--out",
        folder / "m.safetensors",
        "--validation",
        "0.1",
        "--report",
        folder / "trained.html",
        "--progress",
        "none",
    )
    run_program(
        "report",
        folder / "m.safetensors",
        "--corpus",
        TEXTS,
        "--out",
        folder / "page.html",
        "--ldavis",
        folder / "ldavis.json",
        "--progress",
        "none",
    )
    return folder


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as driver:
        yield Page(driver)


@pytest.fixture(scope="module")
def ranked(folder: Path) -> dict[int, list[tuple[str, float, float]]]:
    """Of each unit, the words with the logarithms of probability and lift that Swift computed."""
    data = json.loads((folder / "ldavis.json").read_text())
    units: dict[int, list[tuple[str, float, float]]] = {unit: [] for unit in range(24)}
    terms = data["tinfo"]
    for term, category, probability, lift in zip(
        terms["Term"],
        terms["Category"],
        terms["logprob"],
        terms["loglift"],
        strict=True,
    ):
        if category != "Default":
            unit = data["topic.order"][int(category.removeprefix("Topic")) - 1] - 1
            units[unit].append((term, probability, lift))
    return units


def expected_words(words: list[tuple[str, float, float]], weight: float) -> list[float]:
    return sorted(
        (weight * p + (1 - weight) * lift for _, p, lift in words), reverse=True
    )[:15]


@pytest.mark.parametrize(
    "view",
    [
        "",
        "#unit-7",
        "#documents",
        "#document-12",
        "#overview",
        "#word-moon",
        "#nothing",
    ],
)
def test_opens_without_errors_or_requests(page: Page, folder: Path, view: str) -> None:
    page.open(folder / "page.html", view)
    assert page.errors() == []
    assert page.requests() == [(folder / "page.html").as_uri()]


def test_training_makes_the_same_page(page: Page, folder: Path) -> None:
    page.open(folder / "trained.html", "#overview")
    assert any("Unexplained" in heading for heading in page.texts("h2"))
    assert page.run("return gossamer.documents.count") == 400


def test_a_click_on_the_map_selects_a_unit(page: Page, folder: Path) -> None:
    page.open(folder / "page.html")
    canvas = page.driver.find_element(By.ID, "map")
    box = page.run(
        "const b = arguments[0].getBoundingClientRect(); return [b.width, b.height]",
        canvas,
    )
    for unit in [3, 11, 20]:
        x, y = page.run("return gossamer.map.place(arguments[0])", unit)
        hit = page.run("return gossamer.map.hit(...arguments)", x, y)
        ActionChains(page.driver).move_to_element_with_offset(
            canvas, x - box[0] / 2, y - box[1] / 2
        ).click().perform()
        assert page.run("return location.hash") == f"#unit-{hit}"
        page.wait(
            "return document.getElementById('panel-title').textContent === arguments[0]",
            f"Unit {hit}",
        )
        assert len(page.texts("#words li")) == 15
    assert page.errors() == []


def test_words_are_those_of_features_everywhere(page: Page, folder: Path) -> None:
    described = json.loads(
        run_program(
            "features",
            folder / "m.safetensors",
            "--sort",
            "unit",
            "--top",
            "15",
            "--json",
        )
    )
    lists = [[word["word"] for word in unit["lift"]] for unit in described["units"]]
    for unit in [2, 8, 17]:
        page.open(folder / "page.html", f"#unit-{unit}")
        assert page.texts("#words .name") == lists[unit]
        assert page.text(".gist") == " ".join(lists[unit][:5])
    # The search names the unit that names the word first.
    word = lists[8][1]
    naming = [
        (words.index(word), unit) for unit, words in enumerate(lists) if word in words
    ]
    page.driver.find_element(By.ID, "search").send_keys(word)
    page.wait("return document.querySelectorAll('#results li').length > 0")
    assert page.texts("#results .what")[0] == word
    first = min(place for place, _ in naming)
    assert page.text("#results .figure") in [
        f"unit {unit}" for place, unit in naming if place == first
    ]
    page.driver.find_element(By.ID, "search").send_keys(Keys.ENTER)
    page.wait(
        "return document.getElementById('panel-title').textContent.includes(arguments[0])",
        word,
    )
    shown = page.texts("#panel .links b")
    assert set(shown[: len(naming)]) == {str(unit) for _, unit in naming[:12]}


def test_a_model_alone_shows_what_it_remembers(page: Page, folder: Path) -> None:
    run_program(
        "report",
        folder / "m.safetensors",
        "--out",
        folder / "alone.html",
        "--progress",
        "none",
    )
    page.open(folder / "alone.html", "#document-3")
    assert page.text("#panel-title") == "sample 3"
    assert "remembers" in page.text("#panel .gist") and "row" not in page.text(
        "#panel .gist"
    )
    assert page.errors() == []


def test_pictures_stand_beside_their_reconstructions(
    page: Page, tmp_path: Path
) -> None:
    rows = [
        f"{i % 2} "
        + " ".join(
            f"{k + 1}:1"
            for k in range(16)
            if (k // 4 + i) % 2 == 0 or (7 * k + 5 * i) % 11 == 0
        )
        for i in range(60)
    ]
    (tmp_path / "p.svm").write_text("\n".join(rows) + "\n")
    run_program(
        "train",
        "vae",
        tmp_path / "p.svm",
        "--likelihood",
        "bernoulli",
        "--latent",
        "2",
        "--hidden",
        "8",
        "--epochs",
        "3",
        "--features",
        "16",
        "--out",
        tmp_path / "p.safetensors",
        "--progress",
        "none",
    )
    run_program(
        "report",
        tmp_path / "p.safetensors",
        "--corpus",
        tmp_path / "p.svm",
        "--image-shape",
        "4,4",
        "--out",
        tmp_path / "p.html",
        "--progress",
        "none",
    )
    for view, least in [("#unit-1", 3), ("#document-7", 2)]:
        page.open(tmp_path / "p.html", view)
        shades = page.run(
            "return [...document.querySelectorAll('canvas.picture')].map(c => [c.width, c.height, ...c.getContext('2d').getImageData(0, 0, 4, 4).data])"
        )
        assert len(shades) >= least and all(
            s[:2] == [4, 4] and len(set(s[2:])) > 1 for s in shades
        )
    # Ones are white and zeros black.
    assert [255 if f" {k + 1}:1" in rows[6] else 0 for k in range(16)] == shades[0][
        2::4
    ]
    assert page.texts("figcaption") == ["document", "reconstruction"]
    assert page.errors() == []


def test_keys_go_from_unit_to_unit(page: Page, folder: Path) -> None:
    page.open(folder / "page.html")
    canvas = page.driver.find_element(By.ID, "map")
    canvas.send_keys(Keys.PAGE_DOWN)
    order = page.run(
        "return [...gossamer.units.importance].map((v, u) => [v, u]).sort((a, b) => b[0] - a[0] || a[1] - b[1]).map(p => p[1])"
    )
    page.wait(
        "return document.getElementById('panel-title').textContent === arguments[0]",
        f"Unit {order[1]}",
    )
    seen = {page.run("return location.hash")}
    for key in [Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT, Keys.ARROW_UP] * 3:
        before = page.run(
            "return [gossamer.map.selected, gossamer.map.place(gossamer.map.selected)]"
        )
        canvas.send_keys(key)
        after = page.run(
            "return [gossamer.map.selected, gossamer.map.place(gossamer.map.selected)]"
        )
        if before[0] != after[0]:
            axis, sign = {
                Keys.ARROW_RIGHT: (0, 1),
                Keys.ARROW_LEFT: (0, -1),
                Keys.ARROW_DOWN: (1, 1),
                Keys.ARROW_UP: (1, -1),
            }[key]
            assert sign * (after[1][axis] - before[1][axis]) > 0
            page.wait(
                "return document.getElementById('panel-title').textContent === `Unit ${gossamer.map.selected}`"
            )
        seen.add(page.run("return location.hash"))
    assert len(seen) > 3
    canvas.send_keys(Keys.ENTER)
    assert page.run("return document.activeElement.id") == "panel"
    # Tab reaches whatever can be used.
    page.open(folder / "page.html")
    reached = set()
    for _ in range(40):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        reached.add(
            page.run(
                "return document.activeElement.id || document.activeElement.dataset.view || document.activeElement.tagName"
            )
        )
    assert {"search", "map", "layout", "colour", "BUTTON"} <= reached


def test_lambda_reorders_words_as_the_library_does(
    page: Page, folder: Path, ranked: dict[int, list[tuple[str, float, float]]]
) -> None:
    for unit in [0, 9, 23]:
        page.open(folder / "page.html", f"#unit-{unit}")
        page.driver.find_element(By.CSS_SELECTOR, "[data-words=relevance]").click()
        orders = []
        for weight in [0, 0.25, 0.6, 1]:
            page.run(
                "const s = document.getElementById('lambda'); s.value = arguments[0]; s.dispatchEvent(new Event('input'))",
                weight,
            )
            shown = page.texts("#words .name")
            values = {
                term: weight * p + (1 - weight) * lift for term, p, lift in ranked[unit]
            }
            wanted = expected_words(ranked[unit], weight)
            # Words are the most relevant ones; equally relevant ones may stand in any order.
            assert len(shown) == 15
            assert all(
                math.isclose(values[word], value, abs_tol=1e-5)
                for word, value in zip(shown, wanted, strict=True)
            )
            orders.append(shown)
        assert orders[0] != orders[-1]


def test_search_finds_words_units_and_documents(page: Page, folder: Path) -> None:
    page.open(folder / "page.html")
    box = page.driver.find_element(By.ID, "search")
    box.send_keys("moon")
    page.wait("return document.querySelectorAll('#results li').length > 1")
    assert page.texts("#results .what")[0] == "moon"
    box.send_keys(Keys.ENTER)
    page.wait(
        "return document.getElementById('panel-title').textContent.includes('moon')"
    )
    assert page.texts(".bars.wide .name")
    box.clear()
    box.send_keys("chess-03")
    page.wait(
        "return [...document.querySelectorAll('#results .what')].some(e => e.textContent === 'chess-03')"
    )
    box.send_keys(Keys.ENTER)
    page.wait(
        "return document.getElementById('panel-title').textContent === 'chess-03'"
    )
    assert page.texts("#panel .excerpt")
    box.clear()
    box.send_keys("unit 5", Keys.ENTER)
    page.wait("return document.getElementById('panel-title').textContent === 'Unit 5'")
    box.clear()
    box.send_keys("zzqqxx")
    page.wait(
        "return document.querySelector('#results').textContent.includes('Nothing found')"
    )
    assert page.errors() == []


def test_an_area_lists_its_documents(page: Page, folder: Path) -> None:
    page.open(folder / "page.html", "#documents")
    canvas = page.driver.find_element(By.ID, "map")
    (
        ActionChains(page.driver)
        .key_down(Keys.SHIFT)
        .move_to_element_with_offset(canvas, -150, -150)
        .click_and_hold()
        .move_by_offset(200, 200)
        .release()
        .key_up(Keys.SHIFT)
        .perform()
    )
    inside = page.run("return gossamer.map.inside(gossamer.map.area).length")
    assert inside > 0
    assert page.text("#panel-title") == f"{inside} documents"
    assert len(page.texts("#selected li")) == min(200, inside)
    # A document of the list, and back.
    page.driver.find_element(By.CSS_SELECTOR, "#selected a").click()
    page.wait(
        "return document.getElementById('panel-title').textContent !== arguments[0]",
        f"{inside} documents",
    )
    page.driver.back()
    page.wait(
        "return document.getElementById('panel-title').textContent === arguments[0]",
        f"{inside} documents",
    )
    page.driver.find_element(By.ID, "clear").click()
    page.wait(
        "return gossamer.map.chosen === null && document.getElementById('clear') === null"
    )
    # All that can be seen, by keyboard.
    canvas.send_keys("a")
    page.wait(
        "return document.getElementById('panel-title').textContent === `${gossamer.documents.count} documents`"
    )
    assert page.errors() == []


@pytest.mark.parametrize("pointer", ["mouse", "touch"])
def test_a_lasso_lists_what_is_inside(page: Page, folder: Path, pointer: str) -> None:
    page.open(
        folder / "page.html", "#documents", width=1280 if pointer == "mouse" else 400
    )
    page.driver.find_element(By.CSS_SELECTOR, "[data-tool=lasso]").click()
    box = page.run(
        "const c = document.getElementById('map'); c.scrollIntoView({ block: 'center' }); const b = c.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]"
    )
    middle = (box[0] + box[2] / 2, box[1] + box[3] / 2)
    corners = [
        (
            middle[0] + 0.4 * box[2] * math.cos(k * math.pi / 8),
            middle[1] + 0.4 * box[3] * math.sin(k * math.pi / 8),
        )
        for k in range(16)
    ]
    if pointer == "mouse":

        def send(kind: str, at: tuple[float, float]) -> None:
            page.driver.execute_cdp_cmd(
                "Input.dispatchMouseEvent",
                {
                    "type": f"mouse{kind}",
                    "x": at[0],
                    "y": at[1],
                    "button": "left",
                    "buttons": 1,
                    "clickCount": 1,
                },
            )

        send("Pressed", corners[0])
        for corner in corners[1:]:
            send("Moved", corner)
        send("Released", corners[-1])
    else:

        def touch(kind: str, at: list[tuple[float, float]]) -> None:
            page.driver.execute_cdp_cmd(
                "Input.dispatchTouchEvent",
                {
                    "type": f"touch{kind}",
                    "touchPoints": [{"x": x, "y": y} for x, y in at],
                },
            )

        touch("Start", corners[:1])
        for corner in corners[1:]:
            touch("Move", [corner])
        touch("End", [])
    page.wait("return gossamer.map.chosen !== null && location.hash === '#selection'")
    chosen = page.run("return [...gossamer.map.chosen]")
    # The documents inside an ellipse's polygon, computed apart.
    places = page.run(
        "return Array.from({ length: gossamer.documents.count }, (_, i) => gossamer.map.place(i))"
    )
    ring = [(x - box[0], y - box[1]) for x, y in corners]

    def is_inside(x: float, y: float) -> bool:
        sides = [
            (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True)
        ]
        return min(sides) > 1 or max(sides) < -1

    inside = {i for i, (x, y) in enumerate(places) if is_inside(x, y)}
    # Places are whole pixels for the pointer, so those on the border may be either.
    assert 0 < len(inside) and len(inside ^ set(chosen)) <= 8
    assert page.text("#panel-title") == f"{len(chosen)} documents"
    assert page.errors() == []


def test_dark_and_light_have_contrast(page: Page, folder: Path) -> None:
    for dark in [False, True]:
        page.open(folder / "page.html", "#unit-1", dark=dark)
        assert page.run("return document.documentElement.dataset.theme") == (
            "dark" if dark else "light"
        )
        assert page.run(CONTRASTS) == []
    page.driver.find_element(By.ID, "theme").click()
    assert page.run("return document.documentElement.dataset.theme") == "light"


def test_paper_is_white_and_shows_the_map(page: Page, folder: Path) -> None:
    page.open(folder / "page.html", "#unit-3", dark=True)
    scheme = {"name": "prefers-color-scheme", "value": "dark"}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": [scheme]})
    try:
        page.run("dispatchEvent(new Event('beforeprint'))")
        assert page.run("return document.documentElement.dataset.theme") == "light"
        for hidden in [".controls", ".search", ".views", ".steps"]:
            assert page.run("return getComputedStyle(document.querySelector(arguments[0])).display", hidden) == "none"
        painted = (
            "const c = document.getElementById('map');"
            "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
        )
        assert page.run(painted)
        pages = page.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})["data"]
        assert len(pages) > 10_000
        page.run("dispatchEvent(new Event('afterprint'))")
        assert page.run("return document.documentElement.dataset.theme") == "dark"
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("view", ["#unit-2", "#documents", "#overview"])
def test_small_screens_need_no_sideways_scrolling(
    page: Page, folder: Path, view: str
) -> None:
    page.open(folder / "page.html", view, width=380, height=800)
    assert page.run("return document.documentElement.scrollWidth") <= 380
    assert page.errors() == []


HOSTILE = [
    "</script><script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    '"><b>bold</b>',
    "'\\\"`${1}",
    "<!--<script>",
    "\u2028\u2029\u0000\u202e",
    "{{title}}{{{data}}}",
    "&lt;script&gt;&amp;",
    "javascript:window.harmed=1",
    "😀\u0301a",
]


@pytest.mark.parametrize("seed", range(4))
def test_hostile_texts_and_labels_do_no_harm(
    page: Page, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)

    def piece() -> str:
        marks = "<>&\"'`\\/=;{}()[]!-\u2028"
        noise = "".join(chance.choice(marks) for _ in range(chance.randint(0, 6)))
        return chance.choice(HOSTILE) + noise

    rows = []
    for i in range(60):
        text = " ".join(
            chance.choice([piece(), f"word{chance.randint(0, 30)}", f"other{i % 4}"])
            for _ in range(20)
        )
        rows.append({"text": text, "label": f"{piece()}{i % 3}", "id": f"{piece()}{i}"})
    corpus = tmp_path / "hostile.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    model = tmp_path / "<img src=x onerror=alert(1)>.safetensors"
    run_program(
        "train",
        "sae",
        corpus,
        "--latent",
        "4",
        "--epochs",
        "3",
        "--token-pattern",
        r"[^ ]+",
        "--no-lowercase",
        "--out",
        model,
        "--progress",
        "none",
    )
    run_program(
        "report",
        model,
        "--corpus",
        corpus,
        "--out",
        tmp_path / "page.html",
        "--progress",
        "none",
    )
    for view in ["", "#unit-2", "#documents", "#document-5", "#overview"]:
        page.open(tmp_path / "page.html", view)
        assert page.errors() == []
        assert (
            page.run(
                "return window.harmed === undefined && document.querySelectorAll('img, script').length"
            )
            == 2
        )
    page.open(tmp_path / "page.html")
    assert page.text("h1") == "<img src=x onerror=alert(1)>"
    # Every word of every unit leads to its panel, whatever stands in it.
    names = page.run("return gossamer.words.names")
    for name in chance.sample(names, min(8, len(names))):
        page.run("location.hash = `#word-${encodeURIComponent(arguments[0])}`", name)
        page.wait(
            "return document.getElementById('panel-title').textContent === `“${arguments[0]}”`",
            name,
        )
    assert page.run("return window.harmed") is None


def test_pyldavis_computes_the_same(folder: Path) -> None:
    pyldavis = pytest.importorskip("pyLDAvis")
    np = pytest.importorskip("numpy")
    weights, words = decoder_of(folder / "m.safetensors")
    described = json.loads(
        run_program(
            "features",
            folder / "m.safetensors",
            "--corpus",
            TEXTS,
            "--sort",
            "unit",
            "--json",
        )
    )
    importance = np.array([unit["importance"] for unit in described["units"]])
    data = json.loads((folder / "ldavis.json").read_text())
    # What the page counted of the corpus.
    totals = {
        t: f
        for t, f, c in zip(
            data["tinfo"]["Term"],
            data["tinfo"]["Total"],
            data["tinfo"]["Category"],
            strict=True,
        )
        if c != "Default"
    }
    prepared = pyldavis.prepare(
        weights / weights.sum(axis=1, keepdims=True),
        importance[None, :],
        [data_tokens(TEXTS, words)],
        words,
        np.ones(len(words)),
        n_jobs=1,
        R=30,
    )
    # The map of topics, up to the direction of each axis.
    for axis in ["x", "y"]:
        coordinates = np.array(prepared.topic_coordinates[axis].astype(complex)).real
        mine = np.array(data["mdsDat"][axis])
        assert (
            min(np.abs(coordinates - mine).max(), np.abs(coordinates + mine).max())
            < 1e-4
        )
    assert prepared.topic_order == data["topic.order"]
    theirs = prepared.topic_info
    ours = {
        (t, c): (p, lift)
        for t, c, p, lift in zip(
            *(data["tinfo"][k] for k in ["Term", "Category", "logprob", "loglift"]),
            strict=True,
        )
    }
    # pyLDAvis rounds to four decimals, so its formula is applied to the same numbers without.
    p_word = (importance[:, None] * weights / weights.sum(axis=1, keepdims=True)).sum(
        axis=0
    )
    place = {word: i for i, word in enumerate(words)}
    for topic, unit in enumerate(np.array(prepared.topic_order) - 1, start=1):
        p = weights[unit] / weights[unit].sum()
        of_topic = theirs[theirs.Category == f"Topic{topic}"]
        for row in of_topic.itertuples():
            probability, lift = ours[row.Term, row.Category]
            assert (
                abs(probability - row.logprob) <= 1e-4
                and abs(lift - row.loglift) <= 1e-4
            )
            i = place[row.Term]
            assert (
                abs(probability - math.log(p[i])) < 1e-6
                and abs(lift - math.log(p[i] / p_word[i])) < 1e-6
            )
            # The shares of units were rounded to what Float and a printed figure hold.
            assert math.isclose(totals[row.Term], row.Total, rel_tol=1e-5)
        for weight in np.arange(0, 1.01, 0.05):
            mine = expected_words(
                [(t, *v) for (t, c), v in ours.items() if c == f"Topic{topic}"], weight
            )
            held = p > 0
            logs = np.log(p[held])
            relevance = np.sort(
                weight * logs + (1 - weight) * (logs - np.log(p_word[held]))
            )[::-1][:15]
            assert np.abs(np.array(mine) - relevance).max() < 1e-6


def decoder_of(model: Path) -> tuple[Any, list[str]]:
    """The weights above zero of a model file's decoder, units × features, and its words."""
    import numpy as np

    content = model.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])

    def tensor(name: str) -> bytes:
        first, last = header[name]["data_offsets"]
        return content[start + first : start + last]

    weights = np.frombuffer(tensor("decoder.weight"), dtype=np.float32).reshape(
        header["decoder.weight"]["shape"]
    )
    return np.maximum(weights.T.astype(np.float64), 0), tensor(
        "vocabulary"
    ).decode().splitlines()


def data_tokens(path: Path, words: list[str]) -> float:
    """How many words of the corpus the model knows."""
    from sklearn.feature_extraction.text import CountVectorizer

    texts = [line.split("\t")[2] for line in path.read_text().splitlines()]
    return float(CountVectorizer(vocabulary=words).transform(texts).sum())


# The texts whose contrast with what is behind them is below 4.5 (WCAG 2.1, 1.4.3).
CONTRASTS = """
const luminance = c => { const v = c.map(x => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
const parse = text => { const m = text.match(/[\\d.]+/g).map(Number); return m.length > 3 && m[3] === 0 ? null : m.slice(0, 3); };
const bad = [];
for (const e of document.querySelectorAll('body *')) {
  if (e.closest('[aria-disabled], [hidden], noscript, svg, script, style') || e.getClientRects().length === 0) continue;
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim() !== '')) continue;
  const style = getComputedStyle(e);
  let behind = e, ground = null;
  while (behind && !(ground = parse(getComputedStyle(behind).backgroundColor))) behind = behind.parentElement;
  const [a, b] = [luminance(parse(style.color)), luminance(ground ?? [255, 255, 255])].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) bad.push([e.tagName, e.className, style.color, ground, e.textContent.slice(0, 30)]);
}
return bad;
"""
