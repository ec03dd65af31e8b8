/**
 * Tools of the host's that run in an emulated machine in place of the image's own, where their result is the same: an emulator takes about
 * ten times as long. docs/host-tools.md says how, and why it is safe.
 */
package org.example.piimages.daemon.emulation.hosttools;
