package org.example.piimages.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is to happen, as the test wrote it to the file "plan": SERIAL ACTION [STEP OCCURRENCE].
 *
 * @param serial another one for each plan: steps are counted from when it changed
 * @param action RECORD, KILL, PAUSE, an error's name such as EIO, EXIT or TIMEOUT
 */
record Plan(String serial, String action, String step, int occurrence) {

    static final Plan NONE = new Plan("", "", "", 0);

    /** The plan there is now; NONE where there is none. The test renames it into place. */
    static Plan read(Path file) {
        try {
            String[] words = Files.readString(file).strip().split(" ");
            return words.length < 4 ? new Plan(words[0], words[1], "", 0)
                    : new Plan(words[0], words[1], words[2], Integer.parseInt(words[3]));
        } catch (IOException e) {
            return NONE;
        }
    }

    boolean records() {
        return action.equals("RECORD");
    }

    /** Whether this is what a step's own result is to be, and not an error before it. */
    boolean isAfter() {
        return action.equals("EXIT") || action.equals("TIMEOUT");
    }
}
