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

    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    <T> T holding(String id, Work<T> work) throws java.io.IOException {
        ReentrantLock lock = locks.computeIfAbsent(id, key -> new ReentrantLock());
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }
}
