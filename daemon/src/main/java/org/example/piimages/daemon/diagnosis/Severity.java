package org.example.piimages.daemon.diagnosis;

/** How bad a finding is. */
public enum Severity {
    /** It works. */
    OK("ok"),
    /** It works, but not all of it, or not as one might expect. */
    WARNING("warning"),
    /** Something that PiImages is for will not work. */
    PROBLEM("problem");

    private final String word;

    Severity(String word) {
        this.word = word;
    }

    /** As the contract has it. */
    public String word() {
        return word;
    }
}
