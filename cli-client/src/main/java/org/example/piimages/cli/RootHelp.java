package org.example.piimages.cli;

/** What {@code piimagesctl --help} says below the list of commands. */
final class RootHelp {

    static final String[] FOOTER = {
        "",
        "@|bold Examples:|@",
        "  piimagesctl mount raspios.img              prints where it is mounted",
        "  piimagesctl run raspios.img -- uname -m    runs a program of the image",
        "  piimagesctl shell raspios.img              a shell in the image",
        "  piimagesctl boot raspios.img               its own init, as a machine",
        "  piimagesctl umount raspios.img",
        "",
        "@|bold Exit status:|@",
        "  0  done             3  no such file, image or machine; not mounted",
        "  1  failed           4  denied",
        "  2  wrong usage      5  busy",
        "                      6  the message bus or the service does not answer",
        "  run: the command's own; 128+n when signal n ended it; 127 the command was not",
        "  found, 126 cannot be executed; 125 it failed before the command ran",
        "",
        "@|bold Environment:|@",
        "  NO_COLOR                  no colours, whatever it is set to",
        "  COLUMNS                   how wide tables are",
        "  DBUS_SYSTEM_BUS_ADDRESS   another message bus than the system's",
        "",
        "More is in the manual page: man piimagesctl",
    };

    private RootHelp() {
    }
}
