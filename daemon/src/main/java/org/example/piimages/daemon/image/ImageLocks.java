package org.example.piimages.daemon.image;

import java.util.concurrent.locks.ReentrantLock;

/** One thing at a time on each image. */
final class ImageLocks {

    /** A work that may fail as I/O does. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws java.io.IOException;
    }

    /** A work of which nothing comes back. */
    @FunctionalInterface
    interface Step {
        void run() throws java.io.IOException;
    }

    private final SharedValues<String, ReentrantLock> locks = new SharedValues<>(ReentrantLock::new);

    /** Does it at once, or not at all while something else is done to the image. Safe to call with another image's lock held. */
    void ifFree(String id, Step work) throws java.io.IOException {
        ReentrantLock lock = locks.take(id);
        try {
            if (lock.tryLock()) {
                try {
                    work.run();
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            locks.leave(id);
        }
    }

    <T> T holding(String id, Work<T> work) throws java.io.IOException {
        ReentrantLock lock = locks.take(id);
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
            locks.leave(id);
        }
    }
}
