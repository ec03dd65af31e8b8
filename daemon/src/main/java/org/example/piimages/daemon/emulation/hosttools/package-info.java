/**
 * Tools of the host that run in an emulated machine in place of the image's own if the results are the same: an emulator takes about ten
 * times as long. docs/host-tools.md describes how this works and why it is safe.
 */
package org.example.piimages.daemon.emulation.hosttools;
