package org.example.piimages.cli;

import org.example.piimages.cli.service.Authentication;

/** A fake authentication: {@code possible} determines whether there is a user to ask. */
public final class FakeAuthentication implements Authentication {

    boolean possible;
    int begun;
    int ended;

    @Override
    public void forbid() {
        possible = false;
    }

    @Override
    public boolean begin() {
        begun += possible ? 1 : 0;
        return possible;
    }

    @Override
    public void end() {
        ended++;
    }
}
