package org.example.piimages.daemon.bus.gate;

/** What polkit was asked to authorize for a call, for {@link Audit}; empty for a call that only reads. */
final class AuthorizationRequest {

    private volatile Action action;
    private volatile String file = "";

    /** The call is to do this to that file. */
    void ask(Action about, String path) {
        file = path;
        action = about;
    }

    /** What it is to do; null as long as nobody asked. */
    Action action() {
        return action;
    }

    /** The file as its owner calls it. */
    String file() {
        return file;
    }
}
