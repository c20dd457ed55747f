"""Graph and Decoder."""

import numpy as np
import pytest
from conftest import runs_beside, scores_of, write_letters

import harpy


def test_a_graph_tells_what_it_knows(graph):
    assert graph.words == ["ab", "b"]
    assert graph.labels == ["<blank>", "a", "b", "|"]
    assert graph.arc_count > 0


def test_a_graph_is_saved_and_loaded(graph, tmp_path):
    graph.save(tmp_path / "letters.graph")
    loaded = harpy.Graph.load(tmp_path / "letters.graph")
    assert (loaded.words, loaded.labels, loaded.arc_count) == (graph.words, graph.labels, graph.arc_count)
    with pytest.raises(RuntimeError, match="no.graph"):
        harpy.Graph.load(tmp_path / "no.graph")


def test_compiling_takes_lexicons_and_words(tmp_path):
    write_letters(tmp_path)
    (tmp_path / "lexicon").write_text("ab b a\nb b\n")
    (tmp_path / "words").write_text("ab\n")
    graph = harpy.Graph.compile(
        tmp_path / "lm.arpa",
        tmp_path / "tokens.txt",
        lexicons=[tmp_path / "lexicon"],
        words=tmp_path / "words",
        word_cost=0.5,
    )
    assert graph.words == ["ab"]
    assert harpy.Decoder(graph).decode(scores_of("ba")).text == "ab"


def test_what_cannot_be_compiled_names_its_fault(tmp_path):
    write_letters(tmp_path)
    with pytest.raises(RuntimeError, match="no.arpa"):
        harpy.Graph.compile(tmp_path / "no.arpa", tmp_path / "tokens.txt")
    with pytest.raises(ValueError, match="blank: expected"):
        harpy.Graph.compile(tmp_path / "lm.arpa", tmp_path / "tokens.txt", blank="first")
    with pytest.raises(ValueError, match="topology"):
        harpy.Graph.compile(tmp_path / "lm.arpa", tmp_path / "tokens.txt", topology="star")
    with pytest.raises(ValueError, match="case: expected keep, lower or upper, got title"):
        harpy.Graph.compile(tmp_path / "lm.arpa", tmp_path / "tokens.txt", letter_case="title")


def test_scores_become_words_with_times(graph):
    event = harpy.Decoder(graph, frame_ms=100.0).decode(scores_of("ab|b|ab"))
    assert (event.kind, event.text) == ("final", "ab b ab")
    assert event.end == pytest.approx(2.1)
    assert [word.start for word in event.words] == pytest.approx([0.0, 0.9, 1.5], abs=0.11)


def test_numbers_of_any_kind_are_scores(graph):
    decoder = harpy.Decoder(graph)
    scores = scores_of("b|ab")
    for form in (scores.astype(np.float64), np.asfortranarray(scores), scores.tolist(), scores.astype(np.float16)):
        assert decoder.decode(form).text == "b ab"


def test_the_decoder_tells_what_is_asked_for(graph):
    decoder = harpy.Decoder(graph, confidences=True, alternatives=2, lattice=True)
    event = decoder.decode(scores_of("ab|b"))
    assert len(event.alternatives) == 2 and event.alternatives[0].text == event.text
    assert event.words[0].confidence > 0.5
    assert {arc.word for arc in event.lattice.arcs} >= {"ab", "b"}


def test_the_blank_may_be_any_column(graph):
    scores = scores_of("ab|b")
    last = np.roll(scores, -1, axis=1)
    assert harpy.Decoder(graph, blank="last").decode(last).text == "ab b"
    with pytest.raises(ValueError, match="blank: expected none, last, behind or a number from 0, got first"):
        harpy.Decoder(graph, blank="first")
    with pytest.raises(ValueError, match="blank none: the graph has blanks"):
        harpy.Decoder(graph, blank="none")


def test_settings_of_the_search_are_followed(graph):
    with pytest.raises(ValueError, match="beam"):
        harpy.Decoder(graph, beam=-1.0)
    with pytest.raises(ValueError, match="frame_ms"):
        harpy.Decoder(graph, frame_ms=0.0)
    decoder = harpy.Decoder(
        graph, beam=20.0, max_active=1000, acoustic_scale=0.9, blank_penalty=0.1, blank_skip_threshold=0.99
    )
    assert decoder.decode(scores_of("ab")).text == "ab"


def test_hot_phrases_are_preferred(graph):
    unsure = scores_of("b") * 0.01
    assert harpy.Decoder(graph, hot_phrases=[("ab", 15.0)]).decode(unsure).text.startswith("ab")


def test_a_batch_is_decoded_in_order_by_any_number_of_threads(graph):
    decoder = harpy.Decoder(graph)
    texts = ["ab", "b", "ab|b", "b|b"] * 10
    for threads in (0, 1, 3):
        events = decoder.decode_batch((scores_of(text) for text in texts), threads=threads)
        assert [event.text for event in events] == [text.replace("|", " ") for text in texts]
    assert decoder.decode_batch([]) == []


def test_scores_that_are_none_are_refused_with_their_place(graph):
    decoder = harpy.Decoder(graph)
    scores = scores_of("ab")
    scores[2, 1] = np.nan
    with pytest.raises(ValueError, match=r"\[2, 1\]"):
        decoder.decode(scores)
    with pytest.raises(ValueError, match=r"utterance 1: .*\[2, 1\]"):
        decoder.decode_batch([scores_of("ab"), scores])
    with pytest.raises(ValueError, match="3"):
        decoder.decode(scores_of("ab", "_ab"))
    with pytest.raises(ValueError):
        decoder.decode(np.exp(scores_of("ab")))
    for wrong in (np.zeros(3), "scores", np.zeros((1, 2, 3))):
        with pytest.raises(TypeError, match="scores: expected an array of numbers of two dimensions"):
            decoder.decode(wrong)


def test_likelihoods_may_be_above_zero(graph):
    scores = scores_of("ab") + 5.0
    with pytest.raises(ValueError):
        harpy.Decoder(graph).decode(scores)
    assert harpy.Decoder(graph, log_likelihoods=True).decode(scores).text == "ab"


def test_decoding_and_compiling_release_the_lock(graph, tmp_path):
    decoder = harpy.Decoder(graph)
    scores = scores_of("|".join(["ab"] * 3000))
    assert runs_beside(lambda: decoder.decode(scores))
    assert runs_beside(lambda: decoder.decode_batch([scores] * 2))
    words = sorted({format(number, "b").replace("0", "a").replace("1", "b") for number in range(1, 3000)})
    write_letters(tmp_path, words)
    assert runs_beside(lambda: harpy.Graph.compile(tmp_path / "lm.arpa", tmp_path / "tokens.txt"))
