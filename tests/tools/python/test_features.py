"""Features and score."""

import numpy as np
import pytest
from conftest import as_integers, runs_beside, sounds, write_wave

import harpy

TONE = sounds((1000.0, 1.0))


def test_features_have_the_shape_of_their_options():
    features = harpy.Features()
    assert (features.dim, features.sample_rate) == (80, 16000.0)
    assert features.compute(TONE).shape == (98, 80)
    assert harpy.Features(kind="mfcc", cepstrum_count=20, snip_edges=False).compute(TONE).shape == (100, 20)
    assert harpy.Features().compute(TONE[:100]).shape == (0, 80)


def test_a_tone_is_loudest_in_its_own_frequency():
    spectrogram = harpy.Features(kind="power_spectrogram", window="rectangular", preemphasis=0).compute(TONE)
    assert set(spectrogram.argmax(axis=1)) == {round(1000 / 16000 * 512)}


def test_values_are_not_copied():
    values = harpy.Features().compute(TONE)
    assert values.dtype == np.float32 and values.flags.c_contiguous and values.flags.writeable
    assert not values.flags.owndata and values.base is not None


def test_integers_and_files_give_the_same_values(tmp_path):
    features = harpy.Features()
    write_wave(tmp_path / "tone.wav", TONE)
    expected = features.compute(as_integers(TONE))
    assert np.array_equal(features.compute(as_integers(TONE).astype(np.float32) / 32768), expected)
    assert np.array_equal(features.compute_file(tmp_path / "tone.wav"), expected)


def test_options_that_are_wrong_are_named(tmp_path):
    with pytest.raises(ValueError, match='unknown feature option "bins"'):
        harpy.Features(bins=40)
    with pytest.raises(ValueError, match="bin_count"):
        harpy.Features(bin_count="many")
    with pytest.raises(RuntimeError, match="no.wav"):
        harpy.Features().compute_file(tmp_path / "no.wav")
    with pytest.raises(TypeError, match="samples: expected"):
        harpy.Features().compute([0.0])


def test_computing_features_releases_the_lock():
    minutes = np.tile(TONE, 600)
    assert runs_beside(lambda: harpy.Features().compute(minutes))


def test_errors_are_counted():
    errors = harpy.score("the cat sat down", "a cat sat right down")
    assert (errors.reference_words, errors.substitutions, errors.deletions, errors.insertions) == (4, 1, 0, 1)
    assert (errors.errors, errors.error_rate) == (2, 50.0)
    assert harpy.score(["a b", "c"], ["a", "c"]).deletions == 1
    assert harpy.score("abc", "abd", unit="characters").reference_words == 3


def test_texts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="as many hypotheses as references, 1, got 2"):
        harpy.score(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="unit: expected words or characters, got letters"):
        harpy.score("a", "a", unit="letters")
