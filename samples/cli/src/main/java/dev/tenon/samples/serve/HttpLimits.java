package dev.tenon.samples.serve;

import java.time.Duration;

/**
 * How much clients of HTTP may take of a server.
 *
 * @param bodyBytes the most bytes of the body of a request
 * @param bodyMemory the most bytes of all bodies together that are read or used at a time. The first {@value
 *     BodyMemory#FREE_BYTES} bytes of each body do not count
 * @param connections the most connections at a time. If one more comes, the one that has waited longest for its client is closed
 * @param idleTime the longest time between two requests of a connection
 * @param headTime the longest time from the first byte of a request, or the begin of its connection, to the end of its headers
 * @param bodyTime the longest time for a body
 * @param answerTime the longest time in which a client takes an answer
 */
public record HttpLimits(
        int bodyBytes,
        long bodyMemory,
        int connections,
        Duration idleTime,
        Duration headTime,
        Duration bodyTime,
        Duration answerTime) {
    private static final int STANDARD_BODY = 16 << 20;
    private static final int STANDARD_CONNECTIONS = 512;

    /** JSON that is parsed takes up to about 20 times its bytes: all bodies together then take two thirds of the heap. */
    private static final int SHARE_OF_HEAP = 32;

    /** Checks the limits. */
    public HttpLimits {
        if (bodyBytes < 1 || bodyMemory < 0 || connections < 1) {
            throw new IllegalArgumentException("bodyBytes " + bodyBytes + ", bodyMemory " + bodyMemory
                    + ", connections " + connections + "; allowed are numbers from 1 on, 0 for bodyMemory");
        }
    }

    /**
     * Bodies of 16 MB, all together a thirty-second of the heap or one body, 512 connections; a minute between requests, 10 s for
     * headers, 30 s for a body, 30 s for an answer.
     *
     * @return the limits
     */
    public static HttpLimits standard() {
        return new HttpLimits(
                STANDARD_BODY,
                Math.max(STANDARD_BODY, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP),
                STANDARD_CONNECTIONS,
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30));
    }

    /**
     * Sets how large a body may be. There is memory for one of them at least.
     *
     * @param bytes the most bytes of a body
     * @return new limits
     */
    public HttpLimits withBodyBytes(int bytes) {
        return new HttpLimits(
                bytes, Math.max(bytes, bodyMemory), connections, idleTime, headTime, bodyTime, answerTime);
    }

    /**
     * Sets how large all bodies together may be.
     *
     * @param bytes the most bytes
     * @return new limits
     */
    public HttpLimits withBodyMemory(long bytes) {
        return new HttpLimits(bodyBytes, bytes, connections, idleTime, headTime, bodyTime, answerTime);
    }

    /**
     * Sets how many connections there may be.
     *
     * @param most the most connections at a time
     * @return new limits
     */
    public HttpLimits withConnections(int most) {
        return new HttpLimits(bodyBytes, bodyMemory, most, idleTime, headTime, bodyTime, answerTime);
    }

    /**
     * Sets how long a client may take.
     *
     * @param idle between two requests
     * @param head for the headers of a request
     * @param body for a body
     * @param answer to take an answer
     * @return new limits
     */
    public HttpLimits withTimes(Duration idle, Duration head, Duration body, Duration answer) {
        return new HttpLimits(bodyBytes, bodyMemory, connections, idle, head, body, answer);
    }
}
