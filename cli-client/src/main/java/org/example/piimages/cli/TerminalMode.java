package org.example.piimages.cli;

/**
 * The terminal's settings, to be put back: the machine switches it to raw mode, and what switched it may be killed before it can
 * switch it back.
 */
final class TerminalMode {

    private final String settings;

    private TerminalMode(String settings) {
        this.settings = settings;
    }

    /** The settings of the terminal that standard input is. */
    static TerminalMode save() {
        return new TerminalMode(Stty.run("-g"));
    }

    /** Puts them back; does nothing when they could not be read. */
    void restore() {
        if (!settings.isEmpty()) {
            Stty.run(settings);
        }
    }
}
