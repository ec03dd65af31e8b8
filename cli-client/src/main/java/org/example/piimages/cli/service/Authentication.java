package org.example.piimages.cli.service;

import java.util.Optional;

/** Asks the user to authenticate, if that is possible and permitted. */
public interface Authentication {

    /** Disables all questions to the user. */
    void forbid();

    /**
     * Prepares to ask the user; returns false if no user can be asked. Throws {@code CommandFailure} if the program that asks is not
     * installed.
     */
    boolean begin();

    /** Stops asking; does nothing if the user is not being asked. May be called from any thread. */
    void end();

    /**
     * Asks the user at the terminal for a passphrase.
     *
     * @param question the prompt, which ends with a colon
     * @return empty if no user can be asked, or the user enters none
     */
    default Optional<byte[]> passphrase(String question) {
        return Optional.empty();
    }
}
