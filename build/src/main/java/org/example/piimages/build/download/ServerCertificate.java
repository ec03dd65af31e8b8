package org.example.piimages.build.download;

import java.security.InvalidAlgorithmParameterException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;

/** Explains why the certificate of a server is rejected, and what to do about it. */
final class ServerCertificate {

    private static final int MAX_DEPTH = 20;

    private ServerCertificate() {
    }

    /** Returns the problem with the certificate, from the exception of the connection; null if the cause is another one. */
    static String problem(Throwable failure) {
        String problem = null;
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            String hint = known(cause);
            // The innermost exception is the most specific; the outer ones only say that there was a problem.
            problem = hint == null ? problem : hint;
            cause = cause.getCause();
        }
        return problem;
    }

    private static String known(Throwable cause) {
        if (cause instanceof CertificateExpiredException) {
            return "the server's certificate has expired (or the clock of this computer is wrong)";
        }
        if (cause instanceof CertificateNotYetValidException) {
            return "the server's certificate is not valid yet (or the clock of this computer is wrong)";
        }
        if (cause instanceof CertPathBuilderException) {
            return "the server's certificate is not issued by an authority that Java trusts here; to add one, see"
                    + " update-ca-certificates(8)";
        }
        if (cause instanceof InvalidAlgorithmParameterException) {
            return "Java finds no certificates of authorities in /etc/ssl/certs/java/cacerts; install ca-certificates-java";
        }
        return cause instanceof CertificateException ? "the server's certificate is not valid for this server: " + cause.getMessage()
                : null;
    }
}
