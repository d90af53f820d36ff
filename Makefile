# Two commands do everything on a machine with python3 and make: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
MODEL := models/mc_migration
SECOND := $(MODEL)/communication.yaml
WORKERS ?= auto
SITE ?= build/site
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist worksteal
SOON := tests/unit tests/diagnostics tests/cli "tests/conformance/test_exhaustive.py::test_models_that_are_kept" tests/plugin/test_pytest_plugin.py "tests/examples/test_machines.py::test_parallel_states_are_states_of_the_model_together"
# YAML by both parsers; click and rich; pictures; walks, which Hypothesis draws; pages and documents; machines of transitions; schemas;
# checkpoints, also in a bucket, and the search; the plugin of pytest; TLA+; the coverage by which mutants find their tests
SAMPLE := tests/diagnostics tests/cli/test_narrow.py tests/cli/test_help_and_completion.py tests/unit/test_pictures_dot.py \
	tests/unit/test_stateful.py tests/cli/test_report.py tests/cli/test_propose_into.py \
	tests/examples/test_machines.py tests/docs/test_editors.py tests/cli/test_checkpoint.py::test_a_bucket \
	tests/cli/test_checkpoint.py::test_a_full_disk tests/cli/test_checkpoint.py::test_what_a_limit_stopped_goes_on \
	tests/plugin tests/unit/test_tla_fragment.py tests/mutation/test_mutation.py::test_a_line_is_asked_of_the_tests_that_run_it
# where the flows of all promises are drawn; the charts of docs/findings.md are drawn by its test
DRAWN := one_partner two_partners second_client make_before_break calls caller_moves keys given_away mbb_calls \
	preparation_one_partner preparation_two_partners preparation_by_command preparation_on_a_journey
# what the overview of the second half leaves out: over 100,000 states in the default variant alone
LARGE := whole group_large group_two_members group_overlap_between_partners group_and_call group_and_call_overlap called_moves both_move
LEDGER := one_partner two_partners make_before_break calls
GALLERY := $(MODEL) --everything --reading notify=all $(DRAWN:%=--scenario %) -o diagrams
CALLS := $(SECOND) --role mc_service_client --with S1,S2,S4 --scenario private_call --regions apart --labels trigger -o diagrams/communication_roles

.PHONY: run test quick sample lowest pythons test-slow mutants check lint types layers sizes diagrams findings pages how-many reduction gallery fresh-diagrams site spin overview coverage ledger bench schema clean

# The definition in plain Python gives the first verdict, while the search is compiled beside it: for the states of the two
# scenarios, that have room in one word and in two. Then all scenarios, each as soon as it is done.
# A shell lets Ctrl-C pass by what it has put in the background, which is ended here.
run: $(VENV)/installed
	@begun=; trap 'kill $$begun 2>/dev/null; exit 130' INT TERM; \
	for scenario in one_partner two_partners; do \
		nice $(BIN)/mcfsm check $(MODEL) --scenario $$scenario >/dev/null 2>$(VENV)/compiling_$$scenario & \
		begun="$$begun $$!"; \
	done; \
	$(BIN)/mcfsm check $(MODEL) --scenario one_partner --engine reference; status=$$?; wait; \
	grep -hs '^compiled' $(VENV)/compiling_*; exit $$status
	$(BIN)/mcfsm check $(MODEL) --reading notify=all --grid

test: $(VENV)/tested
	$(PYTEST) -m "not graphviz and not slow"

quick: $(VENV)/tested
	$(PYTEST) -m "not graphviz and not slow and not process and not long" $(SOON)

sample: $(VENV)/tested  # what takes a minute: some of what asks each dependency for something
	$(PYTEST) -m "not graphviz and not slow and not process and not long" $(SAMPLE)

# the lowest releases that are declared, in an environment of their own: make lowest WHAT=test runs the whole suite
lowest: build/constraints-lowest.txt
	PIP_CONSTRAINT="$(CURDIR)/$<" $(MAKE) $(or $(WHAT),quick) VENV=$(VENV)-lowest

# beside them, what they need in turn is held to the releases that CI installs
build/constraints-lowest.txt: tests/constraints-lowest.txt tests/constraints.txt
	mkdir -p build
	cat $< > $@
	awk -F== 'NR == FNR { held[tolower($$1)]; next } !(tolower($$1) in held)' $^ >> $@

# other versions of Python, each in an environment of its own: make pythons PYTHONS="python3.12 python3.13"
pythons:
	for python in $(PYTHONS); do \
		$(MAKE) $(or $(WHAT),quick) PYTHON=$$python VENV=$(VENV)-$$(basename $$python) || exit 1; \
	done

test-slow: $(VENV)/tried
	$(PYTEST) -m slow

# random defects, each against the tests of the folders of make quick that run its lines: make mutants MINUTES=60 SEED=2 ROOMS="semantics tables";
# COUNT=300 JOBS=2 RECORD=build/found PAGE=tests/mutation/score.md: how many, how many at a time, what is gone on from, and a page
mutants: $(VENV)/tested
	PYTHONPATH=tests $(BIN)/python -m mutation --minutes $(or $(MINUTES),20) --seed $(or $(SEED),1) --jobs $(or $(JOBS),1) \
		$(COUNT:%=--count %) $(RECORD:%=--record %) $(PAGE:%=--page %) $(ROOMS:%=--room %) $(SOON)

check: $(VENV)/developed lint types layers sizes fresh-diagrams
	$(PYTEST) -m graphviz

lint: $(VENV)/developed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/developed
	$(BIN)/mypy

layers: $(VENV)/developed
	$(BIN)/lint-imports

sizes: $(VENV)/developed
	$(BIN)/python tests/module_sizes.py

diagrams: $(VENV)/installed
	$(BIN)/mcfsm draw $(GALLERY)
	$(BIN)/mcfsm draw $(CALLS)
	$(BIN)/mcfsm figures docs

findings: $(VENV)/tested  # the flows in docs/findings.md and docs/findings_communication.md, and their charts
	$(BIN)/python tests/models/test_findings.py
	$(BIN)/python tests/models/test_findings_of_communication.py

pages: $(VENV)/tested  # what commands and examples print, in docs/tutorial.md and docs/python.md
	$(BIN)/python tests/docs/pages.py

how-many: $(VENV)/tested  # what holds for any number, in docs/how_many.md
	$(BIN)/python tests/docs/how_many.py

reduction: $(VENV)/tested  # what steps that suffice leave out of the mission, in docs/reduction.md
	$(BIN)/python tests/docs/reduction.py

gallery: $(VENV)/tested  # what the models of models/gallery have, in its page and for its tests
	$(BIN)/python tests/models/gallery.py

spin: $(VENV)/tested  # SPIN's counts and verdicts beside ours
	PYTHONPATH=tests $(BIN)/python tests/spin_table.py

site: $(VENV)/documented  # the documentation to be put on a server, or opened; a warning is an error
	$(BIN)/python -m sphinx -q -W --keep-going -b html -d $(SITE).doctrees -c docs . $(SITE)

fresh-diagrams: $(VENV)/installed
	$(BIN)/mcfsm draw $(GALLERY) --check
	$(BIN)/mcfsm draw $(CALLS) --check
	$(BIN)/mcfsm figures docs --check

overview: $(VENV)/installed  # large goes beyond two moves and two calls, and takes hours; so do LARGE of the second half, and whole has no end
	$(BIN)/mcfsm overview $(MODEL) --except large
	$(BIN)/mcfsm overview $(SECOND) $(LARGE:%=--except %) --option service=mcptt,mcdata

coverage: $(VENV)/installed
	$(BIN)/mcfsm clauses $(MODEL) $(SECOND) --page docs/coverage.md --assumptions docs/assumptions.md

ledger: $(VENV)/installed  # what the verdicts of these scenarios stand on
	$(BIN)/mcfsm assumptions $(MODEL) $(LEDGER:%=--scenario %) --flows none --page docs/ledger.md

bench: $(VENV)/installed
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/liveness.py
	$(BIN)/python benchmarks/families.py

schema: $(VENV)/installed
	$(BIN)/mcfsm schema > docs/schema.json
	$(BIN)/mcfsm schema clauses > docs/clauses.schema.json
	$(BIN)/mcfsm schema report > docs/report.schema.json

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(PIP) -e .
	touch $@

$(VENV)/tested: $(VENV)/bin/python pyproject.toml
	$(PIP) -e ".[test]"
	touch $(VENV)/installed $@

$(VENV)/developed: $(VENV)/bin/python pyproject.toml
	$(PIP) -e ".[dev]"
	touch $(VENV)/installed $(VENV)/tested $@

$(VENV)/documented: $(VENV)/bin/python pyproject.toml
	$(PIP) -e ".[docs]"
	touch $(VENV)/installed $@

$(VENV)/tried: $(VENV)/bin/python pyproject.toml  # with what only slow tests need
	$(PIP) -e ".[test,docs,browser,cluster]" mkdocs
	touch $(VENV)/installed $(VENV)/tested $(VENV)/documented $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
