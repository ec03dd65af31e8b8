package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import org.example.piimages.daemon.image.care.CardSink;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.UserWrite;

/**
 * Lets what is read from a card be written on its user's account, piece by piece: what reads the card may open what the user may not.
 *
 * @param sink what writes
 * @param who the user
 */
record ChargedSink(CardSink sink, Credentials who) implements CardSink {

    @Override
    public void data(byte[] bytes) throws IOException {
        UserWrite.as(who, () -> sink.data(bytes));
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
