package org.example.piimages.daemon.image;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    /** A lock, and how many hold it or wait for it. */
    private record Used(ReentrantLock lock, int count) {

        Used changed(int by) {
            return count + by == 0 ? null : new Used(lock, count + by);
        }
    }

    private final Map<String, Used> locks = new ConcurrentHashMap<>();

    private ReentrantLock lock(String id) {
        return locks.compute(id, (key, used) -> used == null ? new Used(new ReentrantLock(), 1) : used.changed(1)).lock();
    }

    private void leave(String id) {
        locks.computeIfPresent(id, (key, used) -> used.changed(-1));
    }

    /** Does it at once, or not at all while something else is done to the image. Safe to call with another image's lock held. */
    void ifFree(String id, Step work) throws java.io.IOException {
        ReentrantLock lock = lock(id);
        try {
            if (lock.tryLock()) {
                try {
                    work.run();
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            leave(id);
        }
    }

    <T> T holding(String id, Work<T> work) throws java.io.IOException {
        ReentrantLock lock = lock(id);
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
            leave(id);
        }
    }
}
