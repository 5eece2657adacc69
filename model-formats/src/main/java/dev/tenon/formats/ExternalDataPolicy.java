package dev.tenon.formats;

/**
 * Which tensors of a model are written to a second file beside the model file. ONNX calls this external data. A model
 * file holds at most 2 GiB without it.
 *
 * @param when whether the second file is written
 * @param minBytes tensors of at least so many bytes go there, 1 or more. Strings stay in the model file
 */
public record ExternalDataPolicy(When when, long minBytes) {
    /** Whether a second file is written. */
    public enum When {
        /** Never: a model that is too large for one file is refused. */
        NEVER,
        /** If the model is too large for one file. */
        NEEDED,
        /** Always, if the model has a tensor that is large enough. */
        ALWAYS
    }

    /** ONNX's own tools leave smaller tensors in the model file. */
    private static final long DEFAULT_MIN_BYTES = 1024;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if {@code minBytes} is not positive
     */
    public ExternalDataPolicy {
        if (minBytes <= 0) {
            throw new IllegalArgumentException("minBytes: " + minBytes + " is not positive");
        }
    }

    /**
     * All tensors stay in the model file. A model of more than 2 GiB is refused.
     *
     * @return the policy
     */
    public static ExternalDataPolicy never() {
        return new ExternalDataPolicy(When.NEVER, DEFAULT_MIN_BYTES);
    }

    /**
     * Tensors of 1 KiB and more go to a second file if the model file would be larger than 2 GiB.
     *
     * @return the policy
     */
    public static ExternalDataPolicy whenNeeded() {
        return new ExternalDataPolicy(When.NEEDED, DEFAULT_MIN_BYTES);
    }

    /**
     * Tensors of 1 KiB and more go to a second file.
     *
     * @return the policy
     */
    public static ExternalDataPolicy always() {
        return atLeast(DEFAULT_MIN_BYTES);
    }

    /**
     * Tensors of a size and more go to a second file.
     *
     * @param bytes the size, 1 or more
     * @return the policy
     * @throws IllegalArgumentException if the size is not positive
     */
    public static ExternalDataPolicy atLeast(long bytes) {
        return new ExternalDataPolicy(When.ALWAYS, bytes);
    }
}
