package org.example.piimages.daemon.bus.gate;

/** The actions that polkit authorises; the defaults are in org.example.PiImages.policy. */
public enum Action {
    /** Mount an image that the caller can open. */
    MOUNT("mount"),
    /** Unmount an image that the caller mounted, or terminate a machine or job that the caller started. */
    RELEASE("release"),
    /** Run a command in an image that the caller can open, or has mounted. */
    RUN("run"),
    /** Run a machine whose root is the host's root, or that has more capabilities than systemd-nspawn grants by default. */
    RUN_PRIVILEGED("run-privileged"),
    /** Register an interpreter for all programs of the host, or unregister it. */
    MANAGE_INTERPRETERS("manage-interpreters"),
    /** Check an image that the caller can open for errors, and repair them. */
    CHECK("check"),
    /** Grow or shrink an image that the caller can change. */
    RESIZE("resize"),
    /** Unpack, pack or copy an image that the caller can open, to a file that the caller can create. */
    CONVERT("convert"),
    /** Use a removable disk as an image: mount, run, check or grow it. Checked in addition to the action itself. */
    USE_DEVICE("use-device"),
    /** Use a disk that is not removable as an image. */
    USE_FIXED_DEVICE("use-fixed-device"),
    /** Write an image that the caller can open to a removable disk. */
    WRITE_DEVICE("write-device"),
    /** Write an image to a disk that is not removable. */
    WRITE_FIXED_DEVICE("write-fixed-device"),
    /** Read a removable disk into a file that the caller can create. */
    READ_DEVICE("read-device"),
    /** Read a disk that is not removable. */
    READ_FIXED_DEVICE("read-fixed-device"),
    /** Do any of this to an image, machine or job of another user. */
    MANAGE_OTHERS("manage-others");

    private final String id;

    Action(String name) {
        this.id = "org.example.PiImages." + name;
    }

    /** The id of the action in the policy file. */
    String id() {
        return id;
    }
}
