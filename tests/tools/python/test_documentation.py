"""What is public has a docstring, a type in the stubs and a test; the examples of docs/python.md run."""

import ast
import contextlib
import io
import os
import pathlib
import re
import shutil

from conftest import A, B, PAUSE, sounds, write_letters, write_wave

import harpy

SOURCES = pathlib.Path(os.environ["HARPY_SOURCE_DIR"])
SPECIAL = {"__init__", "__iter__", "__next__", "__aiter__"}


def public_members():
    """(class, name, member) of every class, and (None, name, function) of the module."""
    for name in harpy.__all__:
        thing = getattr(harpy, name)
        if not isinstance(thing, type):
            yield None, name, thing
            continue
        for member_name, member in vars(thing).items():
            if member_name in SPECIAL or not member_name.startswith("_"):
                yield name, member_name, member


def test_everything_public_has_a_docstring():
    for name in harpy.__all__:
        assert getattr(harpy, name).__doc__, name
    for owner, name, member in public_members():
        if name == "__iter__" or (name == "__init__" and not can_be_made(owner)):
            continue
        text = (member.__doc__ or "").strip()
        sentence = re.sub(r"\A\w+\(.*\n*", "", text)  # pybind11 puts the signature in front
        assert sentence.strip(), f"{owner}.{name}"


def can_be_made(owner):
    return owner in {"Model", "Recognizer", "Decoder", "Features"}


def test_the_stubs_say_what_there_is():
    stubs = ast.parse((SOURCES / "tools/python/harpy/__init__.pyi").read_text())
    described = set()
    for node in stubs.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            described |= {(node.name, item.name) for item in node.body if isinstance(item, ast.FunctionDef)}
        if isinstance(node, ast.FunctionDef):
            described.add((None, node.name))
    there = {(owner, name) for owner, name, _ in public_members() if name != "__init__" or can_be_made(owner)}
    assert described == there


def test_everything_public_is_used_in_a_test():
    tests = "".join(path.read_text() for path in pathlib.Path(__file__).parent.glob("test_[!d]*.py"))
    tests += (pathlib.Path(__file__).parent / "test_decoder.py").read_text()
    for owner, name, _ in public_members():
        if name not in SPECIAL:
            assert re.search(rf"[.]{name}\b", tests), f"{owner}.{name}"


def test_the_examples_of_the_documentation_run(tmp_path, monkeypatch, model_dir):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(model_dir, "model")
    write_wave(tmp_path / "talk.wav", sounds((0.0, 0.5), A, PAUSE, A, B, (0.0, 0.3)))
    write_letters(tmp_path)
    text = (SOURCES / "docs/python.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    outputs = re.findall(r"^```python\n.*?^```\n\n(?:```text\n(.*?)^```$)?", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) == len(outputs) >= 5
    names = {}
    for block, expected in zip(blocks, outputs):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, "docs/python.md", "exec"), names)
        assert printed.getvalue() == expected, block
