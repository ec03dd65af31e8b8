package org.example.piimages.cli.service;

import java.util.Optional;

/** Whether a person can be asked who they are, and how. */
public interface Authentication {

    /** Nobody is to be asked. */
    void forbid();

    /** Gets ready to ask; false when nobody can be asked. Throws {@code CommandFailure} when what asks is missing. */
    boolean begin();

    /** Nobody is asked any more. Does nothing when nobody was; may be called from any thread. */
    void end();

    /**
     * Asks the person at the terminal for a passphrase.
     *
     * @param question ends with a colon
     * @return empty when nobody can be asked, or they give none
     */
    default Optional<byte[]> passphrase(String question) {
        return Optional.empty();
    }
}
