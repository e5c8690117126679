"""What a Debian machine lacks is installed where that is allowed, and is named exactly where it is not.

The machine is a folder of programs that is all of PATH: the script finds there what the test puts there.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy/system-parts"
TOOLS = ["bash", "sed", "head", "grep", "mktemp", "rm", "tail", "env", "cat", "chmod", "ln"]


class Machine:
    """A machine with the tools of every Debian and no more; programs are added to it."""

    def __init__(self, folder: Path, user_id: int = 0) -> None:
        self.folder = folder
        for tool in TOOLS:
            (folder / tool).symlink_to(Path(str(shutil.which(tool))).resolve())
        self.add("id", f"echo {user_id}")

    def add(self, program: str, script: str) -> None:
        (self.folder / program).write_text(f"#!{shutil.which('bash')}\n{script}\n")
        (self.folder / program).chmod(0o755)

    def add_java(self, version: str) -> None:
        self.add("java", f"echo 'openjdk version \"{version}\" 2025-04-15' >&2")

    def see_to(self, *parts: str) -> subprocess.CompletedProcess[str]:
        bash = str(shutil.which("bash"))
        return subprocess.run(
            [bash, SCRIPT, *parts],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )


def test_a_machine_with_everything_is_left_alone_without_a_word(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.add_java("17.0.15")
    for program in ("mvn", "chromium"):
        machine.add(program, "exit 1")
    machine.add("fc-list", "echo NotoSansCJK")
    machine.add("apt-get", "echo must not be called; exit 1")
    done = machine.see_to("kafka", "browser")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_the_right_to_install_it_stops_and_names_what_is_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user_id=1000)
    machine.add("sudo", "exit 1")
    machine.add("apt-get", "exit 1")
    done = machine.see_to("kafka", "browser")
    assert done.returncode == 1
    assert "apt-get install default-jre-headless maven chromium fontconfig fonts-noto-cjk" in done.stderr
    assert "make test PARTS=embedded" in done.stderr


def test_without_apt_it_stops_and_names_what_is_missing(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.add_java("21")
    done = machine.see_to("kafka")
    assert done.returncode == 1
    assert "Missing on this machine: maven\n" in done.stderr
    assert "no apt-get" in done.stderr


@pytest.mark.parametrize(
    ("version", "new_enough"), [("1.8.0_392", False), ("11.0.21", False), ("17", True), ("25.0.1", True)]
)
def test_java_older_than_17_counts_as_missing(tmp_path: Path, version: str, new_enough: bool) -> None:
    machine = Machine(tmp_path, user_id=1000)
    machine.add_java(version)
    machine.add("mvn", "exit 0")
    done = machine.see_to("kafka")
    assert (done.returncode == 0) == new_enough
    assert ("default-jre-headless" in done.stderr) != new_enough


@pytest.mark.parametrize("user_id", [0, 1000])
def test_root_and_an_administrator_get_what_is_missing(tmp_path: Path, user_id: int) -> None:
    machine = Machine(tmp_path, user_id)
    machine.add_java("17")
    machine.add("sudo", 'shift; [ "$1" = true ] && exit 0; exec "$@"')
    machine.add(
        "apt-get",
        f'echo "$*" >> {tmp_path}/apt.calls; case "$*" in *" install "*maven*) ln -s {tmp_path}/bash {tmp_path}/mvn;; esac',
    )
    done = machine.see_to("kafka")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Installing what this machine lacks: maven ...\n"
    update, install = (tmp_path / "apt.calls").read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith("install --no-install-recommends maven")


def test_an_apt_that_fails_shows_its_last_words(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.add_java("17")
    machine.add("apt-get", "echo 'E: Unable to locate package maven'; exit 100")
    done = machine.see_to("kafka")
    assert done.returncode == 1
    assert "E: Unable to locate package maven" in done.stderr
    assert "apt-get install maven" in done.stderr


def test_a_part_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    assert Machine(tmp_path).see_to("docker").returncode == 2
