package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import org.example.piimages.daemon.image.care.CardSink;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.UserWrite;

/**
 * Writes with the user's credentials, so that quotas and reserved blocks apply, while the card is read with the daemon's: the user may not
 * open it.
 *
 * @param sink the sink that writes
 * @param credentials the user
 */
record ChargedSink(CardSink sink, Credentials credentials) implements CardSink {

    @Override
    public void data(byte[] bytes) throws IOException {
        UserWrite.as(credentials, () -> sink.data(bytes));
    }

    @Override
    public void zeros(long count) throws IOException {
        sink.zeros(count);
    }

    @Override
    public void end() throws IOException {
        sink.end();
    }
}
