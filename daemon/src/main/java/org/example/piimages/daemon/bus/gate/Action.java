package org.example.piimages.daemon.bus.gate;

/** What polkit decides about; the defaults are in org.example.PiImages.policy. */
public enum Action {
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
    /** Look for errors in an image that the caller can open, and mend them. */
    CHECK("check"),
    /** Grow or shrink an image that the caller can change. */
    RESIZE("resize"),
    /** Unpack, pack or copy an image that the caller can open, to where the caller can write. */
    CONVERT("convert"),
    /** Use a removable disk as an image: mount, run, check or grow it. Asked besides the action itself. */
    USE_DEVICE("use-device"),
    /** Use one that is not removable. */
    USE_FIXED_DEVICE("use-fixed-device"),
    /** Write an image that the caller can open to a removable disk. */
    WRITE_DEVICE("write-device"),
    /** Write one to a disk that is not removable. */
    WRITE_FIXED_DEVICE("write-fixed-device"),
    /** Read a removable disk into a file that the caller can create. */
    READ_DEVICE("read-device"),
    /** Read one that is not removable. */
    READ_FIXED_DEVICE("read-fixed-device"),
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
