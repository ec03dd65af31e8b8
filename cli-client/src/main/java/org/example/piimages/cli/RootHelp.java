package org.example.piimages.cli;

/** The text that {@code piimagesctl --help} prints below the list of commands. */
final class RootHelp {

    static final String[] FOOTER = {
        "",
        "@|bold Examples:|@",
        "  piimagesctl mount raspios.img              print its mount point",
        "  piimagesctl run raspios.img -- uname -m    run a program of the image",
        "  piimagesctl shell raspios.img              start a shell in the image",
        "  piimagesctl boot raspios.img               boot its init in a machine",
        "  piimagesctl umount raspios.img",
        "",
        "@|bold Exit status:|@",
        "  0  success          3  no such file, image or machine; not mounted",
        "  1  failure          4  not authorised",
        "  2  invalid usage    5  in use",
        "                      6  the message bus or the service does not respond",
        "  run, shell: the command's; 128+n: terminated by signal n; 127: command not",
        "  found; 126: command not executable; 125: PiImages failed before it ran",
        "",
        "@|bold Environment:|@",
        "  NO_COLOR                  if set, output is not coloured",
        "  COLUMNS                   width of tables",
        "  DBUS_SYSTEM_BUS_ADDRESS   address of the message bus to use",
        "",
        "For more details see piimagesctl(1).",
    };

    private RootHelp() {
    }
}
