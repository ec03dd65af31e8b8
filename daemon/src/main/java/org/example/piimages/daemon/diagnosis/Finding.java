package org.example.piimages.daemon.diagnosis;

/**
 * The result of a check.
 *
 * @param check the name of the check: a word for programs, stable across releases
 * @param severity the severity
 * @param text the result for users; quotations from an image are escaped
 * @param remedy the recommended action; empty if none is required or possible
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
