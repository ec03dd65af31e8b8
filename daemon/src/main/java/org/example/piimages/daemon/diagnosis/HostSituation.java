package org.example.piimages.daemon.diagnosis;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What this host has, as far as PiImages needs it.
 *
 * @param kernel its release as uname -r says, for example "6.1.0-38-amd64"
 * @param filesystems which of the filesystems in {@link HostChecks#FILESYSTEMS} the kernel mounts, those in loadable modules included
 * @param modulesFound whether the running kernel's folder of modules is there; after an upgrade of the kernel it may not be
 * @param loopFailure why no loop device can be used, tried; empty where one can
 * @param binfmtMisc whether the kernel's binfmt_misc is mounted
 * @param userNamespaces how many user namespaces the kernel allows
 * @param pageSize in bytes
 * @param arm64 whether this is a 64-bit ARM machine
 * @param runs32Bit whether its kernel executes 32-bit ARM programs itself; false on other machines
 * @param systemd its version; empty where no systemd is on the bus
 * @param units the LoadState of the units in {@link HostChecks#UNITS}
 * @param programs those of {@link HostChecks#PROGRAMS} that are installed
 */
record HostSituation(String kernel, Set<String> filesystems, boolean modulesFound, Optional<String> loopFailure, boolean binfmtMisc,
        long userNamespaces, int pageSize, boolean arm64, boolean runs32Bit, OptionalInt systemd, Map<String, String> units,
        Set<String> programs) {
}
