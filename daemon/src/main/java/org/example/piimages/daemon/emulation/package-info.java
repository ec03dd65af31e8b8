/**
 * Which CPU a program is for, and what makes this host run it: ELF headers, binfmt_misc entries, binfmt.d rules, and the decision between
 * them.
 *
 * <p>The kernel's side is fs/binfmt_misc.c and Documentation/admin-guide/binfmt-misc.rst; matching and parsing here do what it does, byte
 * for byte. ELF headers come from images and are not to be trusted. Entries, rules and emulators are the host administrator's.
 */
package org.example.piimages.daemon.emulation;
