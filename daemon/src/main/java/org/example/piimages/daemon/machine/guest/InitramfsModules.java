package org.example.piimages.daemon.machine.guest;

import java.util.regex.Pattern;

/** MODULES= of initramfs.conf(5): the modules to include in an initramfs. */
public final class InitramfsModules {

    /** The name of PiImages' file in conf.d; sorted after all others. */
    public static final String FILE = "zz-piimages";
    /** The content of that file. */
    static final String MODULES_MOST = "# A container has no root device, by which MODULES=dep decides.\nMODULES=most\n";

    private static final Pattern DEPENDENT = Pattern.compile("(?m)^([ \\t]*)MODULES=([\"']?)dep\\b");
    /** The names that mkinitramfs(8) reads; it ignores all others. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private InitramfsModules() {
    }

    /** Returns whether a configuration sets "dep". */
    public static boolean isDependent(String configuration) {
        return DEPENDENT.matcher(configuration).find();
    }

    /** Returns the configuration with "dep" replaced by "most". */
    public static String most(String configuration) {
        return DEPENDENT.matcher(configuration).replaceAll("$1MODULES=$2most");
    }

    /** Returns whether a file of that name in conf.d is read. */
    public static boolean isConfigurationFile(String name) {
        return NAME.matcher(name).matches();
    }
}
