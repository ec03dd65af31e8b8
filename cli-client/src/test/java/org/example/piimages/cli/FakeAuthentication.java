package org.example.piimages.cli;

/** Somebody who can be asked, or nobody. */
final class FakeAuthentication implements Authentication {

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
