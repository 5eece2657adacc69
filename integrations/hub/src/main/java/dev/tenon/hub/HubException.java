package dev.tenon.hub;

import dev.tenon.error.TenonException;

/** A file could not be had from a cache or a server. The cache is as it was; bytes that came are kept apart, for the next try. */
public final class HubException extends TenonException {
    private static final long serialVersionUID = 1L;

    /** Why a file could not be had. */
    public enum Reason {
        /** It is not in the cache, and the network may not be used. */
        OFFLINE,
        /** The server does not have it. */
        NOT_FOUND,
        /** The server does not give it to this caller. */
        DENIED,
        /** The server can't be reached, breaks off, or is busy, however often it is asked. */
        UNREACHABLE,
        /** The server is silent or very slow. */
        STALLED,
        /** A redirect is refused: too many, to a place without encryption, or to none. */
        REDIRECT,
        /** The server's answers contradict each other or the protocol. */
        CONTRADICTION,
        /** {@link HubOptions#timeLimit} is over. */
        TIME,
        /** The thread was interrupted; it stays so. */
        INTERRUPTED
    }

    /** Why the file could not be had. */
    private final Reason reason;

    HubException(Reason reason, String thing, String found, String allowed, String cure) {
        this(reason, thing, found, allowed, cure, null);
    }

    HubException(Reason reason, String thing, String found, String allowed, String cure, Throwable cause) {
        super(thing, found, allowed, cure, cause);
        this.reason = reason;
    }

    /** {@return why the file could not be had} */
    public Reason reason() {
        return reason;
    }
}
