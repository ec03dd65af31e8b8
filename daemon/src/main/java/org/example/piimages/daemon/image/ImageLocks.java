package org.example.piimages.daemon.image;

import java.util.concurrent.locks.ReentrantLock;

/** Per-image locks: only one operation at a time works on an image. */
final class ImageLocks {

    /** An operation with a result that may fail with an I/O error. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws java.io.IOException;
    }

    /** An operation without a result. */
    @FunctionalInterface
    interface Step {
        void run() throws java.io.IOException;
    }

    private final SharedValues<String, ReentrantLock> locks = new SharedValues<>(ReentrantLock::new);

    /** Runs work if the image's lock is free, otherwise does nothing. Never blocks, so another image's lock may be held. */
    void tryRun(String id, Step work) throws java.io.IOException {
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
            locks.release(id);
        }
    }

    <T> T withLock(String id, Work<T> work) throws java.io.IOException {
        ReentrantLock lock = locks.take(id);
        lock.lock();
        try {
            return work.run();
        } finally {
            lock.unlock();
            locks.release(id);
        }
    }
}
