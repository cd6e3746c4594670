"""Other packages: each test is skipped without the one it is about."""

import numpy as np
import pytest
from sklearn import config_context

import gossamer as gs


def test_arrow_texts(texts):
    pa = pytest.importorskip("pyarrow")
    expected = gs.CountVectorizer().fit_transform(texts)
    whole = pa.array(texts)
    for given in [
        whole,
        whole.cast(pa.large_string()),
        pa.chunked_array([whole[:150], whole[150:]]),
    ]:
        assert (gs.CountVectorizer().fit_transform(given) != expected).nnz == 0
    assert (
        gs.CountVectorizer().fit_transform(whole[100:200])
        != gs.CountVectorizer().fit_transform(texts[100:200])
    ).nnz == 0
    odd = pa.array(["sun", None, "", "Σίσυφος"])
    np.testing.assert_array_equal(
        gs.CountVectorizer().fit_transform(odd).toarray(),
        [[1, 0], [0, 0], [0, 0], [0, 1]],
    )
    assert gs.CountVectorizer(vocabulary=["sun"]).transform(
        pa.array([], pa.string())
    ).shape == (0, 1)


def test_arrow_batches(texts, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    from gossamer import arrow

    table = pa.table({"text": texts, "number": range(len(texts))})
    parquet.write_table(table, tmp_path / "x.parquet", row_group_size=64)
    column = arrow.texts(
        parquet.ParquetFile(tmp_path / "x.parquet").iter_batches(batch_size=50)
    )
    assert column.to_pylist() == texts == arrow.texts(table).to_pylist()
    with pytest.raises(ValueError, match="no column nothing"):
        arrow.texts(table, "nothing")


def test_arrow_lists(counts):
    pa = pytest.importorskip("pyarrow")
    from gossamer import arrow

    rows = (
        np.split(counts.indices, counts.indptr[1:-1]),
        np.split(counts.data, counts.indptr[1:-1]),
    )
    table = pa.table(
        {
            "indices": [row.tolist() for row in rows[0]],
            "values": [row.tolist() for row in rows[1]],
        }
    )
    made = arrow.matrix(table.to_batches(max_chunksize=37), n_features=counts.shape[1])
    assert (made != counts).nnz == 0
    repeated = pa.table({"indices": [[1, 1, 0], [], [2]]})
    np.testing.assert_array_equal(
        arrow.matrix(repeated, values=None).toarray(), [[1, 2, 0], [0, 0, 0], [0, 0, 1]]
    )


def test_gensim(sae, words):
    pytest.importorskip("gensim")
    from gossamer.gensim import keyed_vectors

    vectors = keyed_vectors(sae)
    assert vectors.index_to_key == words
    np.testing.assert_array_equal(
        vectors["moon"], sae.components_[:, words.index("moon")]
    )
    with pytest.raises(ValueError, match="1 words"):
        keyed_vectors(sae, ["one"])


def test_anndata(counts, words):
    anndata = pytest.importorskip("anndata")
    from gossamer.anndata import embed, fit

    cells = anndata.AnnData(counts)
    cells.var_names = words
    model = fit(gs.SparseAutoencoder(4, max_iter=1, random_state=0), cells)
    np.testing.assert_array_equal(cells.obsm["X_gossamer"], model.transform(counts))
    assert cells.varm["X_gossamer_components"].shape == (counts.shape[1], 4)
    assert model.model_.words == words
    cells.layers["counts"] = counts * 2
    embed(model, cells, layer="counts", key="X_twice")
    assert cells.obsm["X_twice"].shape == (400, 4)


def test_plots(sae):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from gossamer.plots import plot_history, plot_unit

    axes = plot_unit(sae, 2, top=5)
    words = [label.get_text() for label in axes.get_yticklabels()]
    assert words == [row.word for row in sae.features(5).itertuples() if row.unit == 2]
    assert len(plot_history(sae).lines[0].get_xdata()) == sae.n_iter_
    with pytest.raises(ValueError, match="unit 99"):
        plot_unit(sae, 99)
    with pytest.raises(ValueError, match="nothing"):
        plot_history(sae, "nothing")


def test_html(sae):
    bundle = sae._repr_mimebundle_()
    for html in (bundle["text/html"], sae._repr_html_()):
        assert "SparseAutoencoder" in html and "16 units" in html and "4 more" in html
        assert all(word in html for word in sae.features(1).word)
    assert "units, the most important" not in gs.SparseAutoencoder()._repr_html_()
    with config_context(display="text"):
        assert "text/html" not in sae._repr_mimebundle_()
        assert not hasattr(sae, "_repr_html_")


def test_html_escapes_words(counts):
    names = ["<b>"] * counts.shape[1]
    model = gs.SparseAutoencoder(4, max_iter=1, random_state=0).fit(counts)
    from gossamer._html import unit_list

    html = unit_list(model.model_.features(top=2), names)
    assert "<b>" not in html and "&lt;b&gt;" in html
