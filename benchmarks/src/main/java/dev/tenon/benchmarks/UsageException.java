package dev.tenon.benchmarks;

/** Thrown if the command line is wrong; the message says why. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
