package org.example.piimages.daemon.diagnosis;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The properties of this host on which PiImages depends.
 *
 * @param kernel the release as {@code uname -r} prints it, for example "6.1.0-38-amd64"
 * @param filesystems the filesystems in {@link HostChecks#FILESYSTEMS} that the kernel supports, including those in loadable modules
 * @param modulesFound whether the module directory of the running kernel exists, which an upgrade of the kernel may have removed
 * @param loopFailure the reason why a loop device could not be used in a trial; empty if it worked
 * @param binfmtMisc whether the kernel's binfmt_misc is mounted
 * @param userNamespaces the maximum number of user namespaces
 * @param pageSize the page size in bytes
 * @param arm64 whether this is a 64-bit ARM machine
 * @param runs32Bit whether its kernel executes 32-bit ARM programs without emulation; false on other machines
 * @param systemd the version of systemd; empty if systemd is not on the bus
 * @param units the LoadState of the units in {@link HostChecks#UNITS}
 * @param programs the programs in {@link HostChecks#PROGRAMS} that are installed
 */
record HostFacts(String kernel, Set<String> filesystems, boolean modulesFound, Optional<String> loopFailure, boolean binfmtMisc,
        long userNamespaces, int pageSize, boolean arm64, boolean runs32Bit, OptionalInt systemd, Map<String, String> units,
        Set<String> programs) {
}
