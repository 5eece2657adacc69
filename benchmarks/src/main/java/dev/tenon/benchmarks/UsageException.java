package dev.tenon.benchmarks;

/** A command line that can't be followed; the message says why. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
