package org.example.piimages.daemon.diagnosis;

/**
 * What one check found.
 *
 * @param check what was looked at: a word for programs, the same in every release
 * @param severity how bad it is
 * @param text what was found, for people; may quote an image, and is escaped then
 * @param remedy what to do about it; empty where nothing is to be done, or nothing can be
 */
public record Finding(String check, Severity severity, String text, String remedy) {

    static Finding ok(String check, String text) {
        return new Finding(check, Severity.OK, text, "");
    }

    static Finding warning(String check, String text, String remedy) {
        return new Finding(check, Severity.WARNING, text, remedy);
    }

    static Finding problem(String check, String text, String remedy) {
        return new Finding(check, Severity.PROBLEM, text, remedy);
    }
}
