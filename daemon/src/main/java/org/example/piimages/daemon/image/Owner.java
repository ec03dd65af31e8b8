package org.example.piimages.daemon.image;

/**
 * For whom an image is mounted.
 *
 * @param uid the user
 * @param gid their primary group
 */
public record Owner(int uid, int gid) {

    public boolean isRoot() {
        return uid == 0;
    }
}
