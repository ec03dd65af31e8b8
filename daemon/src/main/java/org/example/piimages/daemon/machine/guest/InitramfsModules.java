package org.example.piimages.daemon.machine.guest;

import java.util.regex.Pattern;

/** MODULES= of initramfs.conf(5): which modules an initramfs gets. */
public final class InitramfsModules {

    /** The file of ours among those of a conf.d; sorted behind whatever else there is. */
    public static final String FILE = "zz-piimages";
    /** What is in it. */
    static final String MOST = "# A container has no root device, by which MODULES=dep decides.\nMODULES=most\n";

    private static final Pattern DEPENDENT = Pattern.compile("(?m)^(\\s*)MODULES=([\"']?)dep\\b");
    /** As mkinitramfs(8) has it, which passes over all others. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private InitramfsModules() {
    }

    /** Whether a configuration says "dep". */
    public static boolean isDependent(String configuration) {
        return DEPENDENT.matcher(configuration).find();
    }

    /** The configuration with "most" for "dep". */
    public static String most(String configuration) {
        return DEPENDENT.matcher(configuration).replaceAll("$1MODULES=$2most");
    }

    /** Whether a file of that name in a conf.d is read. */
    public static boolean isRead(String name) {
        return NAME.matcher(name).matches();
    }
}
