"""Model, Recognizer and Session."""

import asyncio
import os
import select
import subprocess
import threading

import numpy as np
import pytest
from conftest import A, B, PAUSE, as_integers, runs_beside, sounds, write_wave

import harpy

TALK = sounds((0.0, 0.5), A, PAUSE, A, B, (0.0, 0.3))


def events_of(session, samples, piece=1600):
    for begin in range(0, len(samples), piece):
        session.push(samples[begin : begin + piece])
    session.finish()
    return list(session)


def finals(events):
    return [event.text for event in events if event.kind == "final" and event.text]


def test_a_model_tells_what_it_is(model):
    assert (model.name, model.language, model.sample_rate) == ("tones", "en", 16000.0)
    assert model.knows("AN") and not model.knows("BUT")


def test_a_model_that_is_not_there_is_an_error_with_its_name(tmp_path):
    with pytest.raises(RuntimeError, match="no-model"):
        harpy.Model(tmp_path / "no-model")
    with pytest.raises(ValueError, match="gpu"):
        harpy.Model(tmp_path, device="gpu")


def test_search_settings_replace_those_of_the_model(model_dir):
    with pytest.raises(ValueError, match="beam"):
        harpy.Recognizer(harpy.Model(model_dir, beam=-1.0, max_active=7000))


def test_a_session_tells_partials_and_finals_with_times(recognizer):
    events = events_of(recognizer.open(), TALK)
    assert finals(events) == ["AN", "AND"]
    assert "partial" in [event.kind for event in events]
    final = next(event for event in events if event.kind == "final")
    word = final.words[0]
    assert (word.text, word.confidence, word.phones) == ("AN", None, [])
    assert word.start == pytest.approx(0.5, abs=0.06) and word.end == pytest.approx(0.7, abs=0.06)
    assert final.start == 0.0 and final.end > word.end
    assert (final.written, final.alternatives, final.lattice) == ([], [], None)
    assert repr(final) == "<harpy.Event final: AN>" and repr(word) == "<harpy.Word AN>"


def test_a_session_tells_what_is_asked_for(recognizer):
    options = dict(confidences=True, alternatives=2, lattice=True, phones=True, speech_starts=True)
    events = events_of(recognizer.open(**options), sounds(A, (0.0, 0.3)))
    assert events[0].kind == "speech_start" and events[0].start < 0.2
    final = events[-1]
    assert 0.0 < final.words[0].confidence <= 1.0
    phone = final.words[0].phones[0]
    assert phone.name == "A" and phone.start < phone.end
    best = final.alternatives[0]
    assert best.text == "AN" and best.words[0].text == "AN" and best.score < 0.0 and best.probability > 0.0
    arc = final.lattice.arcs[0]
    assert (arc.source, arc.word) == (0, "AN") and arc.target > 0
    assert np.isfinite(arc.graph_cost + arc.acoustic_cost)
    assert len(final.lattice.final_costs) == len(final.lattice.frames)
    assert final.lattice.text("talk").startswith("talk\n0 ")


def test_the_words_are_those_of_harpy_transcribe(recognizer, model_dir, tmp_path):
    write_wave(tmp_path / "talk.wav", TALK)
    command = [os.environ["HARPY_PROGRAM"], "transcribe", "--model", str(model_dir), str(tmp_path / "talk.wav")]
    expected = subprocess.check_output(command, text=True).split()
    assert expected == ["AN", "AND"]
    assert " ".join(finals(events_of(recognizer.open(), as_integers(TALK)))).split() == expected
    assert [event.text for event in recognizer.transcribe(tmp_path / "talk.wav")] == expected
    assert [event.text for event in recognizer.transcribe(TALK, sample_rate=16000)] == expected


def test_integers_and_strided_arrays_are_heard_like_floats(recognizer):
    twice = np.repeat(TALK, 2)
    for samples in (TALK, as_integers(TALK), twice[::2], as_integers(twice)[::2]):
        assert finals(events_of(recognizer.open(partials=False), samples)) == ["AN", "AND"]


def test_audio_far_ahead_of_recognition_waits(model):
    session = harpy.Recognizer(model, workers=1).open(partials=False)
    minutes = sounds(*[A, PAUSE] * 60)
    assert finals(events_of(session, minutes, len(minutes))) == ["AN"] * 60


def test_asyncio_gets_the_same_events(recognizer):
    async def hear():
        session = recognizer.open()
        task = asyncio.ensure_future(push(session))
        texts = [event.text async for event in session if event.kind == "final" and event.text]
        await task
        return texts

    async def push(session):
        for begin in range(0, len(TALK), 1600):
            session.push(TALK[begin : begin + 1600])
            await asyncio.sleep(0)
        session.finish()

    async def hear_twice():
        return await asyncio.gather(hear(), hear())

    assert asyncio.run(hear_twice()) == [["AN", "AND"]] * 2


def test_poll_does_not_wait(recognizer):
    session = recognizer.open()
    assert session.poll() is None and not session.ended
    session.push(TALK)
    session.finish()
    events = []
    while not session.ended:
        assert select.select([session.fileno()], [], [], 60.0)[0]
        while event := session.poll():
            events.append(event)
    assert finals(events) == ["AN", "AND"]
    assert session.poll() is None and list(session) == []


def test_cancelling_ends_the_events(recognizer):
    session = recognizer.open()
    session.push(TALK)
    session.cancel()
    assert list(session) == [] and session.ended


def test_who_waits_for_events_lets_others_run(recognizer):
    session = recognizer.open()
    heard = []
    thread = threading.Thread(target=lambda: heard.extend(session))
    thread.start()
    session.push(TALK)  # would never begin if the other thread kept the lock
    session.finish()
    thread.join()
    assert finals(heard) == ["AN", "AND"]


def test_transcribing_releases_the_lock(recognizer):
    assert runs_beside(lambda: recognizer.transcribe(TALK))


def test_endpoints_can_be_moved_and_turned_off(recognizer):
    talk = sounds(A, B, PAUSE, A, B)
    assert finals(events_of(recognizer.open(), talk)) == ["AND", "AND"]
    assert finals(events_of(recognizer.open(endpoints=False), talk)) == ["AND AND"]
    assert finals(events_of(recognizer.open(end_silence=10.0, start_max=20.0, end_max=60.0), talk)) == ["AND AND"]


def test_steering_is_followed(recognizer):
    assert finals(events_of(recognizer.open(phrase_list=["AN"]), sounds(A, B, PAUSE))) == ["AN"]
    hot = recognizer.open(hot_phrases=["AN", ("AND", -20.0)], new_word_cost=9.0)
    assert finals(events_of(hot, sounds(A, B, PAUSE)))[0].startswith("AN AN ")
    assert finals(events_of(recognizer.open(grammar="#JSGF V1.0; grammar g; public <g> = AND;"), TALK)) == ["AND", "AND"]


@pytest.mark.parametrize("value", [[0.0], b"12", np.zeros(4), np.zeros((2, 2), np.float32), np.zeros(4, np.int32)])
def test_samples_of_other_kinds_are_refused(recognizer, value):
    with pytest.raises(TypeError, match="samples: expected an array of float32 or int16 of one dimension, got"):
        recognizer.open().push(value)


def test_options_that_are_wrong_are_named(recognizer):
    with pytest.raises(TypeError, match="there is no option partial; there are: .*partials"):
        recognizer.open(partial=True)
    with pytest.raises(TypeError, match="alternatives: expected an int, got str"):
        recognizer.open(alternatives="many")
    with pytest.raises(ValueError, match="max_alternatives"):
        recognizer.open(alternatives=-1)
    with pytest.raises(ValueError, match="100"):
        recognizer.open(sample_rate=100)
    with pytest.raises(ValueError, match="phrase_list"):
        list_until_end(recognizer.open(phrase_list=["?"]))


def list_until_end(session):
    session.push(TALK)
    session.finish()
    return list(session)


def test_a_recording_that_is_none_is_an_error_with_its_name(recognizer, tmp_path):
    (tmp_path / "noise.wav").write_bytes(b"no audio")
    with pytest.raises(RuntimeError, match="noise.wav"):
        recognizer.transcribe(tmp_path / "noise.wav")
