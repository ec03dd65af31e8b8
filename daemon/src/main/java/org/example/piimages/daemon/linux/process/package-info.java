/**
 * Processes and programs: the tools that the daemon runs with a user's rights, user namespaces, capabilities, the CPU, the kernel's
 * features, and binfmt_misc.
 */
package org.example.piimages.daemon.linux.process;
