"""The wheel has the models, the pages and the schema beside the code, as mcfsm/shared; pyproject.toml says the rest."""

from pathlib import Path
from shutil import copytree, ignore_patterns

from setuptools import setup
from setuptools.command.build_py import build_py

SHARED = ("models", "docs")


class WithModels(build_py):
    """Copies what a user reads and runs; where the package is installed as it stands, it is found where it stands."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in SHARED:
                target = Path(self.build_lib, "mcfsm", "shared", name)
                copytree(name, target, dirs_exist_ok=True, ignore=ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": WithModels})
