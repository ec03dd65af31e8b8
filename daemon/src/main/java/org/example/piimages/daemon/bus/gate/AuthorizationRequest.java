package org.example.piimages.daemon.bus.gate;

/** The question that polkit was asked about a call, for {@link Audit}; empty for a call that only reads. */
final class AuthorizationRequest {

    private volatile Action action;
    private volatile String file = "";

    /** Records the action and the file for which the call needs authorisation. */
    void ask(Action about, String path) {
        file = path;
        action = about;
    }

    /** The action; null if polkit was not asked. */
    Action action() {
        return action;
    }

    /** The path of the file as its owner knows it; empty if polkit was not asked. */
    String file() {
        return file;
    }
}
