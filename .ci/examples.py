"""Takes the ready files out of docs/ci.md, checks each against the schema of its service, and runs
their shell steps as the service would. Wants check-jsonschema on the PATH, and an empty folder to
work in with a log, its configuration and gonogo on the PATH; must not reach any service.
"""

import os
import re
import subprocess
import sys
import textwrap

from ruamel.yaml import YAML

page, desk = sys.argv[1:]
blocks = re.findall(r"^```yaml\n(.*?)^```$", open(page).read(), re.M | re.S)
workflow, action, use, gitlab = blocks


def load(text):
    return YAML(typ="safe").load(text)


def check(name, text, schema):
    path = os.path.join(desk, name)
    with open(path, "w") as file:
        file.write(text)
    subprocess.run(["check-jsonschema", "--builtin-schema", schema, path], check=True)


def run(script, shell, wanted, **more):
    print("$", script.strip(), flush=True)
    code = subprocess.run([*shell, script], cwd=desk, env={**os.environ, **more}).returncode
    assert code in wanted, f"ended with {code}"


def written(*names):
    for name in names:
        path = os.path.join(desk, name)
        assert os.path.getsize(path) > 0, name
        os.remove(path)


check("workflow.yml", workflow, "vendor.github-workflows")
check("action.yml", action, "vendor.github-actions")
job = load(workflow)["jobs"]["gate"]
before = "      - name: Judge"
with_use = workflow.replace(before, textwrap.indent(use, "      ") + before)
check("use.yml", with_use, "vendor.github-workflows")
check("gitlab.yml", gitlab, "vendor.gitlab-ci")

# A step without a shell of its own runs by `bash -e`.
steps = [step["run"] for step in job["steps"] if "run" in step]
assert len(steps) == 1
run(steps[0], ["bash", "-e", "-c"], [0], GITHUB_STEP_SUMMARY="step.md")
written("gate.sarif", "gate.json", "step.md")

composite = load(action)
(step,) = composite["runs"]["steps"]
inputs = {name: about.get("default") for name, about in composite["inputs"].items()}
(used,) = load(use)
unknown = set(used["with"]) - set(inputs)
assert not unknown, unknown
inputs.update(used["with"])
values = {name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)
          for name, value in step["env"].items()}
run(step["run"], ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"], [0], **values)
written("gate.json")

# What too little evidence ends with may be a warning, nothing else.
allowed = load(gitlab)["gate"]["allow_failure"]["exit_codes"]
assert allowed == [3]
for script in load(gitlab)["gate"]["script"]:
    run(script, ["bash", "-eo", "pipefail", "-c"], [0, *allowed])
written(load(gitlab)["gate"]["artifacts"]["reports"]["junit"], "gate.json")
