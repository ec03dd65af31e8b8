package org.example.piimages.daemon.image;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** One thing at a time on each image. The few bytes a lock takes are kept for every file that was ever mounted. */
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

    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    private ReentrantLock lock(String id) {
        return locks.computeIfAbsent(id, key -> new ReentrantLock());
    }

    /** Does it at once, or not at all while something else is done to the image. Safe to call with another image's lock held. */
    void ifFree(String id, Step work) throws java.io.IOException {
        ReentrantLock lock = lock(id);
        if (lock.tryLock()) {
            try {
                work.run();
            } finally {
                lock.unlock();
            }
        }
    }

    <T> T holding(String id, Work<T> work) throws java.io.IOException {
        ReentrantLock lock = lock(id);
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }
}
