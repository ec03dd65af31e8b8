package org.example.piimages.daemon.bus;

/** What polkit decides about; the defaults are in org.example.PiImages.policy. */
enum Action {
    /** Mount an image that the caller can open. */
    MOUNT("mount"),
    /** Unmount what the caller mounted, end what the caller started. */
    RELEASE("release"),
    /** Run a command in an image that the caller can open, or has mounted. */
    RUN("run"),
    /** Run a machine whose root is the host's, or has more capabilities than systemd-nspawn gives. */
    RUN_PRIVILEGED("run-privileged"),
    /** Register an interpreter for all programs of the host, or take it away. */
    MANAGE_INTERPRETERS("manage-interpreters"),
    /** Do any of this to what somebody else set up. */
    MANAGE_OTHERS("manage-others");

    private final String id;

    Action(String name) {
        this.id = "org.example.PiImages." + name;
    }

    /** As polkit knows it. */
    String id() {
        return id;
    }
}
