"""`pip install .`, from the tree that was built, into a folder of its own."""

import importlib.util
import os
import subprocess
import sys

import pytest


def test_pip_installs_a_module_that_works(tmp_path):
    if importlib.util.find_spec("pip") is None:
        pytest.skip("needs pip")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-cache-dir"]
    install += ["--target", str(tmp_path), "--config-settings", f"build-dir={os.environ['HARPY_BUILD_DIR']}"]
    subprocess.check_call([*install, os.environ["HARPY_SOURCE_DIR"]])
    check = "import harpy; print(harpy.__file__, harpy.score('a', 'b').errors)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    printed = subprocess.check_output([sys.executable, "-c", check], env=environment, text=True)
    assert printed == f"{tmp_path}/harpy/__init__.py 1\n"
    assert list(tmp_path.glob("harpy-*.dist-info/METADATA"))
