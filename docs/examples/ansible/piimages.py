# An Ansible connection: plays run in a Raspberry Pi image, without root privileges on this computer.
#
# Put this file into a directory connection_plugins beside the playbook, and see README.md.

from __future__ import annotations

import os
import subprocess

from ansible.errors import AnsibleConnectionFailure, AnsibleFileNotFound
from ansible.plugins.connection import ConnectionBase
from ansible.utils.display import Display

DOCUMENTATION = """
name: piimages
short_description: run tasks in Raspberry Pi images
description:
  - Runs each command of a play in an image (C(piimagesctl run)), or as a service of a booted image (C(piimagesctl shell)).
  - The image needs Python, as every host that Ansible manages.
options:
  remote_addr:
    description:
      - The path of an image, which contains a slash, or the name of a machine that C(piimagesctl boot) has started.
    type: string
    default: inventory_hostname
    vars:
      - name: inventory_hostname
      - name: ansible_host
      - name: ansible_piimages_host
  remote_user:
    description: The user of the image who runs the commands.
    type: string
    default: root
    vars:
      - name: ansible_user
      - name: ansible_piimages_user
  run_options:
    description: Further options of C(piimagesctl run), such as C(--network=private).
    type: list
    elements: string
    default: []
    vars:
      - name: ansible_piimages_run_options
  pipelining:
    description: Whether modules come by standard input, so that a task writes nothing else to the image.
    type: boolean
    default: true
    vars:
      - name: ansible_pipelining
  piimagesctl:
    description: The client.
    type: string
    default: piimagesctl
    vars:
      - name: ansible_piimages_executable
"""

# The client's own errors: it could not start the command at all; piimagesctl(1).
CLIENT_FAILED = 125

display = Display()


class Connection(ConnectionBase):
    """There is nothing to connect to: each command is a machine, or a service of a machine, of its own."""

    transport = "piimages"
    has_pipelining = True

    def _connect(self):
        self._connected = True
        return self

    def exec_command(self, cmd, in_data=None, sudoable=True):
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        return self._communicate(["/bin/sh", "-c", cmd], in_data or b"")

    def put_file(self, in_path, out_path):
        super().put_file(in_path, out_path)
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound(f"{in_path} does not exist")
        with open(in_path, "rb") as source:
            self._copy(["/bin/sh", "-c", 'cat >"$1"', "sh", out_path], out_path, stdin=source, stdout=subprocess.PIPE)

    def fetch_file(self, in_path, out_path):
        super().fetch_file(in_path, out_path)
        with open(out_path, "wb") as target:
            self._copy(["/bin/cat", "--", in_path], in_path, stdin=subprocess.DEVNULL, stdout=target)

    def close(self):
        self._connected = False

    def _command(self, words):
        address = self.get_option("remote_addr")
        client = [self.get_option("piimagesctl")]
        user = self.get_option("remote_user")
        as_user = [] if user in (None, "root") else [f"--user={user}"]
        if "/" in address:
            return client + ["run"] + as_user + self.get_option("run_options") + [address, "--"] + words
        return client + ["shell"] + as_user + [address] + words

    def _communicate(self, words, in_data):
        command = self._command(words)
        display.vvv(f"EXEC {command}", host=self.get_option("remote_addr"))
        process = self._start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        out, err = process.communicate(in_data)
        if process.returncode == CLIENT_FAILED:
            raise AnsibleConnectionFailure(err.decode(errors="replace").strip())
        return process.returncode, out, err

    def _copy(self, words, path, **streams):
        process = self._start(self._command(words), **streams)
        _, err = process.communicate()
        if process.returncode:
            raise AnsibleConnectionFailure(f"cannot copy {path}: {err.decode(errors='replace').strip()}")

    @staticmethod
    def _start(command, **streams):
        try:
            return subprocess.Popen(command, stderr=subprocess.PIPE, **streams)
        except OSError as error:
            raise AnsibleConnectionFailure(f"cannot start {command[0]}: {error.strerror}") from error
