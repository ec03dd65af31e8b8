/**
 * Which CPU a program is for, and how this host runs it: ELF headers, binfmt_misc entries, binfmt.d rules, and the decision between them.
 * Matching and parsing do byte for byte what the kernel does (fs/binfmt_misc.c, Documentation/admin-guide/binfmt-misc.rst). ELF headers
 * come from images and are untrusted; entries, rules and emulators belong to the administrator of the host.
 */
package org.example.piimages.daemon.emulation;
