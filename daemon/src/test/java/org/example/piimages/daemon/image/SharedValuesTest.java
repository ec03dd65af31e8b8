package org.example.piimages.daemon.image;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** Values are kept while they are in use, and no longer. */
class SharedValuesTest {

    private final SharedValues<String, Object> shared = new SharedValues<>(Object::new);

    @Test
    void concurrentUsersShareValue() {
        Object first = shared.take("a");
        assertSame(first, shared.take("a"));
        assertNotSame(first, shared.take("b"));
        shared.release("a");
        assertSame(first, shared.take("a"));
    }

    @Test
    void lastUserDropsValue() {
        Object first = shared.take("a");
        shared.take("a");
        shared.release("a");
        shared.release("a");
        assertNotSame(first, shared.take("a"));
    }
}
