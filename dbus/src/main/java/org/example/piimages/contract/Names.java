package org.example.piimages.contract;

/** The D-Bus names of the service. {@code org.example.PiImages.xml} documents each name, and every method and property. */
public final class Names {
    /** The well-known bus name. */
    public static final String SERVICE = "org.example.PiImages";
    public static final String MANAGER_PATH = "/org/example/PiImages";
    public static final String IMAGE_PATH_PREFIX = MANAGER_PATH + "/image/";
    public static final String MACHINE_PATH_PREFIX = MANAGER_PATH + "/machine/";
    public static final String JOB_PATH_PREFIX = MANAGER_PATH + "/job/";

    public static final String MANAGER = "org.example.PiImages.Manager";
    public static final String IMAGE = "org.example.PiImages.Image";
    public static final String MACHINE = "org.example.PiImages.Machine";
    public static final String JOB = "org.example.PiImages.Job";

    /** Options of the methods that mount, run and boot. */
    public static final String OPTION_READ_ONLY = "read-only";
    public static final String OPTION_NO_BOOT = "no-boot";
    public static final String OPTION_ROOT = "root";
    public static final String OPTION_BOOT = "boot";
    public static final String OPTION_PASSPHRASE = "passphrase";
    public static final String OPTION_STDIN = "stdin";
    public static final String OPTION_STDOUT = "stdout";
    public static final String OPTION_STDERR = "stderr";
    public static final String OPTION_TERMINAL = "terminal";
    public static final String OPTION_ENVIRONMENT = "environment";
    public static final String OPTION_DIRECTORY = "directory";
    public static final String OPTION_USER = "user";
    public static final String OPTION_NAME = "name";
    public static final String OPTION_EPHEMERAL = "ephemeral";
    public static final String OPTION_NETWORK = "network";
    public static final String OPTION_HOST_USERS = "host-users";
    public static final String OPTION_CAPABILITIES = "capabilities";
    public static final String OPTION_HOST_TOOLS = "host-tools";
    public static final String HOST_TOOLS_AUTO = "auto";
    public static final String HOST_TOOLS_OFF = "off";
    public static final String OPTION_BIND = "bind";
    public static final String OPTION_BIND_READ_ONLY = "bind-read-only";

    /** The option of Unmount. */
    public static final String OPTION_LAZY = "lazy";

    /** Options of the jobs. */
    public static final String OPTION_RELATIVE = "relative";
    public static final String OPTION_MARGIN = "margin";
    public static final String OPTION_DRY_RUN = "dry-run";
    public static final String OPTION_REPAIR = "repair";
    public static final String OPTION_SHA256 = "sha256";
    public static final String OPTION_NO_VERIFY = "no-verify";
    public static final String OPTION_ZERO = "zero";
    public static final String OPTION_NOT_REMOVABLE = "not-removable";
    public static final String OPTION_SKIP_BAD = "skip-bad";
    public static final String OPTION_SHRINK = "shrink";
    public static final String OPTION_SEQUENCE = "sequence";
    public static final String OPTION_METADATA = "metadata";
    public static final String OPTION_INIT_FORMAT = "init-format";
    public static final String OPTION_ARCHITECTURE = "architecture";

    /** Error names of the D-Bus specification and of polkit, as used by the bus and by the service. */
    public static final String INTERACTIVE_AUTHORIZATION_REQUIRED = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
    public static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    public static final String TIMED_OUT = "org.freedesktop.DBus.Error.TimedOut";
    public static final String UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject";
    public static final String UNKNOWN_INTERFACE = "org.freedesktop.DBus.Error.UnknownInterface";
    public static final String UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod";
    public static final String UNKNOWN_PROPERTY = "org.freedesktop.DBus.Error.UnknownProperty";
    public static final String PROPERTY_READ_ONLY = "org.freedesktop.DBus.Error.PropertyReadOnly";
    public static final String INVALID_ARGS = "org.freedesktop.DBus.Error.InvalidArgs";

    private Names() {
    }
}
