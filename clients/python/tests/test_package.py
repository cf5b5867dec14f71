"""Tests the wheel in an empty environment: the README's examples run and pass mypy --strict."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import School

HERE = Path(__file__).parents[1]


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}:\n{result.stdout}{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    pip = (sys.executable, "-m", "pip", "--quiet")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, HERE, cwd=folder)
    (built,) = folder.glob("gradus_client-*.whl")
    return built


def test_the_wheel_contains_types_and_licence_but_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "gradus_client/py.typed" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not [name for name in names if "test" in name or "template" in name]


def test_the_examples_of_the_readme_run_in_an_empty_environment(school: School, wheel: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", (HERE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    example = tmp_path / "example.py"
    example.write_text("\n".join(blocks).replace("http://127.0.0.1:8080/api/v1", school.api))
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    output = run(python, example, cwd=tmp_path)
    for line in (
        "wakatime_key_rejected: ",
        "Ada Brandt is connected: 6 of 6 days known",
        "Evening Class: 1 student, 30 days",
        "students are connected",
        "Ada Brandt student",
    ):
        assert line in output
    run(sys.executable, "-m", "mypy", "--strict", "--python-executable", python, example, cwd=tmp_path)


def test_the_data_frame_of_the_guide_keeps_unknown_days_apart(school: School, tmp_path: Path) -> None:
    guide = (HERE.parents[1] / "docs" / "guides" / "clients.md").read_text()
    (block,) = (b for b in re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL) if "pandas" in b)
    example = tmp_path / "frame.py"
    example.write_text(block + "\nprint(frame['hours'].isna().sum(), frame['hours'].notna().sum())\n")
    environment = os.environ | {
        "GRADUS_URL": school.api,
        "GRADUS_TOKEN": school.sign_in("mira@school.example")(),
        "PYTHONPATH": str(HERE / "src"),
    }
    result = subprocess.run([sys.executable, example], env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "known days" in result.stdout and "Ada Brandt" in result.stdout
    unknown, known = map(int, result.stdout.splitlines()[-1].split())
    assert unknown > 0 and known > 0
