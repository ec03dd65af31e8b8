package org.example.piimages.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The fault to inject, which the test writes to the file "plan": SERIAL ACTION [STEP OCCURRENCE].
 *
 * @param serial differs between plans; the occurrences of a step are counted anew for each plan
 * @param action RECORD, KILL, PAUSE, EXIT, TIMEOUT, or the name of an error number such as EIO
 */
record Plan(String serial, String action, String step, int occurrence) {

    static final Plan NONE = new Plan("", "", "", 0);

    /** Reads the current plan; NONE if there is no file. The test renames the file into place, so that it is complete. */
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

    /** Whether the result of the step is replaced, instead of the step failing before it is executed. */
    boolean isAfter() {
        return action.equals("EXIT") || action.equals("TIMEOUT");
    }
}
