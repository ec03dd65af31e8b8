package org.example.piimages.daemon.diagnosis;

/** The severity of a finding. */
public enum Severity {
    /** Everything works. */
    OK("ok"),
    /** Something works only partly, or differently than expected. */
    WARNING("warning"),
    /** A function of PiImages will not work. */
    PROBLEM("problem");

    private final String word;

    Severity(String word) {
        this.word = word;
    }

    /** The word that is used in the D-Bus interface. */
    public String word() {
        return word;
    }
}
