"""`pip install .`, from the tree that was built, into a virtual environment made as docs/python.md says."""

import importlib.util
import os
import subprocess
import sys

import pytest


def test_pip_installs_a_module_that_works(tmp_path):
    if importlib.util.find_spec("ensurepip") is None:
        pytest.skip("needs python3-venv")
    environment = tmp_path / "environment"
    subprocess.check_call([sys.executable, "-m", "venv", "--system-site-packages", environment])
    # Without an index, as on a machine without a network.
    install = [environment / "bin/pip", "install", "--quiet", "--no-index", "--no-cache-dir"]
    install += ["--config-settings", f"build-dir={os.environ['HARPY_BUILD_DIR']}"]
    subprocess.check_call([*install, os.environ["HARPY_SOURCE_DIR"]])
    check = "import harpy; print(harpy.__file__, harpy.score('a', 'b').errors)"
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    python = environment / "bin/python"
    printed = subprocess.check_output([python, "-c", check], env=variables, text=True, cwd=tmp_path)
    module, errors = printed.split()
    assert module.startswith(f"{environment}/lib/") and module.endswith("/site-packages/harpy/__init__.py")
    assert errors == "1"
