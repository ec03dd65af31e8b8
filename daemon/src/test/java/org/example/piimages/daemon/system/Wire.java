package org.example.piimages.daemon.system;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes as the D-Bus specification marshals values, right or wrong ones: nothing is checked here. */
final class Wire {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteOrder order;

    Wire(ByteOrder order) {
        this.order = order;
    }

    Wire() {
        this(ByteOrder.LITTLE_ENDIAN);
    }

    Wire align(int boundary) {
        while (bytes.size() % boundary != 0) {
            bytes.write(0);
        }
        return this;
    }

    Wire u8(int value) {
        bytes.write(value);
        return this;
    }

    Wire u32(long value) {
        return align(4).raw(ByteBuffer.allocate(4).order(order).putInt((int) value).array());
    }

    Wire u64(long value) {
        return align(8).raw(ByteBuffer.allocate(8).order(order).putLong(value).array());
    }

    Wire string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    Wire string(byte[] text) {
        return u32(text.length).raw(text).u8(0);
    }

    Wire signature(String text) {
        return u8(text.length()).raw(text.getBytes(StandardCharsets.US_ASCII)).u8(0);
    }

    Wire raw(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    int size() {
        return bytes.size();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
