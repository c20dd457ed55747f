"""Builds the wheel of the Python module with CMake; what pip calls (PEP 517). It needs nothing but Python, CMake and
Ninja, so that `pip install .` works without a network.

`--config-settings build-dir=DIR` takes a build tree that is there; without it build/python is made.
"""

import base64
import hashlib
import pathlib
import re
import subprocess
import sys
import sysconfig
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    package = _build((config_settings or {}).get("build-dir")) / "python" / "harpy"
    tag = _tag()
    name = f"harpy-{_version()}"
    wheel = f"{name}-{tag}.whl"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        record = []

        def add(path, content):
            archive.writestr(path, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(content)}\n")

        for file in sorted(package.iterdir()):
            if file.is_file():
                add(f"harpy/{file.name}", file.read_bytes())
        add(f"{name}.dist-info/METADATA", _metadata().encode())
        add(f"{name}.dist-info/WHEEL", _wheel_file(tag).encode())
        record.append(f"{name}.dist-info/RECORD,,\n")
        archive.writestr(f"{name}.dist-info/RECORD", "".join(record))
    return wheel


def _build(build_dir):
    build = pathlib.Path(build_dir).resolve() if build_dir else ROOT / "build" / "python"
    if not build_dir:
        subprocess.check_call(
            ["cmake", "--preset", "program", "-B", build, "-DHARPY_PYTHON=ON", f"-DPython_EXECUTABLE={sys.executable}"],
            cwd=ROOT,
        )
    subprocess.check_call(["cmake", "--build", build, "--target", "harpy_python"])
    return build


def _version():
    return re.search(r"project\(harpy VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)


def _tag():
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
    return f"{python}-{python}-{platform}"


def _metadata():
    return (
        f"Metadata-Version: 2.1\nName: harpy\nVersion: {_version()}\n"
        "Summary: A speech recogniser\nRequires-Python: >=3.9\nRequires-Dist: numpy\n"
    )


def _wheel_file(tag):
    return f"Wheel-Version: 1.0\nGenerator: harpy\nRoot-Is-Purelib: false\nTag: {tag}\n"
